//! Words of 6.1.3.2.2: what becomes of a controlling server's change, and of the client's answer.

use cucumber::gherkin::Step;
use cucumber::{then, when};
use trace::Exchange;
use trace::matchers::{Sip, sent_responses};

use super::originating_modification::{on_way, same_media};
use crate::Stage;
use crate::controlling::session_modification::change_answer;
use crate::look::{Seen, branches, is, well_formed};
use crate::words::{Chair, Clause};

#[when(expr = "{chair} calls {word}")]
async fn calls(stage: &mut Stage, chair: Chair, other: String) {
    stage.scene().call_user(&chair.0, &other).await;
}

/// Looks at the 200 that a chair gave to what was passed on, and at the one that came back to who asked.
fn both(
    from: &str,
    look: impl Fn(&Sip<'_>, &Sip<'_>) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Sip<'_>, &Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static {
    let from = from.to_owned();
    move |_, asked, ex| {
        let given = sent_responses(ex, asked.frame);
        let given = given.iter().find(|m| m.scan.code() == Some(200));
        match (given, change_answer(ex, &from)) {
            (Some(given), Some((_, back))) => look(given, &back),
            (None, _) => Err(("no 200 was given".to_owned(), vec![asked.start()])),
            (Some(given), None) => Err(("no answer came back".to_owned(), vec![given.start()])),
        }
    }
}

#[then(
    expr = "[{clause}] the 200 to the change of {chair} answers with the media parameters of {chair}"
)]
async fn answered(stage: &mut Stage, clause: Clause, from: Chair, to: Chair, step: &Step) {
    let look = both(&from.0, |given, back| {
        if back.scan.code() != Some(200) {
            return Err((back.scan.start_line(), vec![back.start()]));
        }
        same_media(given, back)
    });
    let expected = "an SDP answer with the MSRP attributes of the answer, path and setup aside";
    let matcher = on_way(&from.0, &to.0, expected, look);
    stage.judge(&clause.0, step, matcher).await;
}

#[then(expr = "[{clause}] the 200 of {chair} is proxied to {chair}")]
async fn proxied(stage: &mut Stage, clause: Clause, to: Chair, from: Chair, step: &Step) {
    let look = both(&from.0, |given, back| {
        well_formed(back)?;
        for name in ["From", "To", "Call-ID", "CSeq", "Contact"] {
            let value = |m: &Sip<'_>| m.scan.field(name).map(|field| field.value);
            if value(given) != value(back) {
                let found = format!("{name} is {:?}", value(back));
                return Err((found, vec![back.header(name)]));
            }
        }
        let (sent, left) = (branches(given), branches(back));
        let good = back.scan.code() == Some(200)
            && sent.len() == left.len() + 1
            && sent.ends_with(&left)
            && given.scan.body() == back.scan.body();
        let found = format!("{}, Via {left:?}", back.scan.start_line());
        is(
            good,
            found,
            vec![back.start(), back.header("Via"), back.body()],
        )
    });
    let expected = "the 200 itself, without the topmost Via";
    let matcher = on_way(&from.0, &to.0, expected, look);
    stage.judge(&clause.0, step, matcher).await;
}
