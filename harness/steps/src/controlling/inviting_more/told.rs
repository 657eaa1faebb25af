//! What whoever sent a REFER is told: the NOTIFYs with the status line of the INVITE (RFC 3515 2.4.4 to 2.4.7).

use cucumber::gherkin::Step;
use cucumber::then;
use trace::Exchange;
use trace::matchers::{Sip, received_requests};

use super::{answer, refers};
use crate::Stage;
use crate::look::{invitations, is, judged};
use crate::words::Clause;

fn value(message: &Sip<'_>, name: &str) -> String {
    let field = message.scan.field(name);
    field.map(|field| field.value).unwrap_or_default()
}

/// NOTIFYs of the event refer to a chair.
fn notifies<'a>(ex: &'a Exchange, chair: &str) -> Vec<Sip<'a>> {
    let mut all = received_requests(ex, "NOTIFY");
    all.retain(|m| {
        let event = value(m, "Event").to_ascii_lowercase();
        m.frame.chair == chair && event.split(';').next().unwrap_or_default().trim() == "refer"
    });
    all
}

/// The code in the status line of a NOTIFY's sipfrag.
fn fragment(notify: &Sip<'_>) -> Option<u16> {
    let kind = value(notify, "Content-Type").to_ascii_lowercase();
    let body = String::from_utf8_lossy(notify.scan.body()).into_owned();
    let rest = body
        .strip_prefix("SIP/2.0 ")
        .filter(|_| kind.starts_with("message/sipfrag"))?;
    rest.get(..3)?.parse().ok()
}

#[then(expr = "[{clause}] the first NOTIFY about the REFER of {word} says {int}")]
async fn first(stage: &mut Stage, clause: Clause, chair: String, code: u16, step: &Step) {
    let look = move |ex: &Exchange| {
        let seen = notifies(ex, &chair).first().map(|m| {
            let (found, state) = (fragment(m), value(m, "Subscription-State"));
            let good = found == Some(code) && state.starts_with("active");
            is(
                good,
                format!("{found:?}, {state}"),
                vec![m.header("Subscription-State"), m.body()],
            )
        });
        let expected = format!("sipfrag {code} in an active subscription");
        judged(&expected, seen, "no NOTIFY of the event refer came")
    };
    stage.judge(&clause.0, step, look).await;
}

#[then(expr = "[{clause}] the last NOTIFY about the REFER of {word} says {int} and ends")]
async fn last(stage: &mut Stage, clause: Clause, chair: String, code: u16, step: &Step) {
    let look = move |ex: &Exchange| {
        let mut all = notifies(ex, &chair).into_iter();
        let last = all.rfind(|m| fragment(m).is_none_or(|code| code >= 200));
        let seen = last.map(|m| {
            let (found, state) = (fragment(&m), value(&m, "Subscription-State"));
            let ended = state.starts_with("terminated") && state.contains("reason=noresource");
            let good = found == Some(code) && ended;
            is(
                good,
                format!("{found:?}, {state}"),
                vec![m.header("Subscription-State"), m.body()],
            )
        });
        let expected = format!("sipfrag {code}, terminated;reason=noresource");
        judged(&expected, seen, "no NOTIFY with a final status came")
    };
    stage.judge(&clause.0, step, look).await;
}

#[then(expr = "[{clause}] the NOTIFYs about the REFER of {word} carry its number")]
async fn numbered(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = move |ex: &Exchange| {
        let number = refers(ex, &chair).first().and_then(|m| Some(m.cseq()?.0));
        let all = notifies(ex, &chair);
        let seen = number.filter(|_| all.len() >= 2).map(|number| {
            let wanted = format!("id={number}");
            let has = |m: &Sip<'_>| value(m, "Event").split(';').any(|one| one.trim() == wanted);
            let found: Vec<String> = all.iter().map(|m| value(m, "Event")).collect();
            let evidence = all.iter().map(|m| m.header("Event")).collect();
            is(all.iter().all(has), found.join(", "), evidence)
        });
        judged(
            "Event: refer;id= the number of the REFER",
            seen,
            "fewer than two NOTIFYs came",
        )
    };
    stage.judge(&clause.0, step, look).await;
}

#[then(expr = "[{clause}] the REFER of {word} is answered with Refer-Sub and nothing is told")]
async fn untold(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = move |ex: &Exchange| {
        let answer = refers(ex, &chair).first().and_then(|m| answer(ex, m));
        // The ACK to the invited closes the window: by then the outcome would have been told.
        let calls: Vec<String> = invitations(ex, "dave").iter().map(Sip::call_id).collect();
        let mut acks = received_requests(ex, "ACK").into_iter();
        let closing = acks.find(|m| calls.contains(&m.call_id()));
        let seen = answer.zip(closing).map(|(answer, closing)| {
            if let Some(told) = notifies(ex, &chair).first() {
                return Err(("a NOTIFY came all the same".to_owned(), vec![told.start()]));
            }
            let accepted = answer
                .scan
                .code()
                .is_some_and(|code| (200..300).contains(&code));
            let value = value(&answer, "Refer-Sub");
            let found = format!("{}, Refer-Sub {value:?}", answer.scan.start_line());
            let evidence = vec![answer.header("Refer-Sub"), closing.start()];
            is(accepted && value == "false", found, evidence)
        });
        judged(
            "2xx with Refer-Sub: false and no NOTIFY",
            seen,
            "no answer, or nobody was invited",
        )
    };
    stage.judge(&clause.0, step, look).await;
}
