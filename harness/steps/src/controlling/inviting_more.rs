//! Inviting more users by REFER: the wish, its answer, the invitation and what is told of it.

mod told;

use cucumber::gherkin::Step;
use cucumber::{then, when};
use trace::Exchange;
use trace::matchers::{Sip, received_requests, received_responses, sent_requests};
use world::Wish;

use crate::Stage;
use crate::look::{address, final_response, invitations, is, judged, same_uri, tag};
use crate::words::Clause;

async fn ask(stage: &mut Stage, chair: &str, targets: &[String], wish: Wish) {
    // Who called has its answer first; whoever was called, or is a stranger, need not wait.
    if chair == "alice" {
        stage.scene().answered(chair).await;
    }
    let refer_to = targets
        .iter()
        .map(|target| format!("<{}>", stage.scene().user(target)))
        .collect();
    stage.scene().refer(chair, &Wish { refer_to, ..wish }).await;
}

#[when(expr = "{word} asks the session to invite {word}")]
async fn asks(stage: &mut Stage, chair: String, target: String) {
    ask(stage, &chair, &[target], Wish::default()).await;
}

#[when(expr = "{word} asks the session to invite")]
async fn asks_nothing(stage: &mut Stage, chair: String) {
    ask(stage, &chair, &[], Wish::default()).await;
}

#[when(expr = "{word} asks the session to invite {word} and {word} at once")]
async fn asks_twice(stage: &mut Stage, chair: String, one: String, other: String) {
    ask(stage, &chair, &[one, other], Wish::default()).await;
}

#[when(expr = "{word} asks the session to invite {word} and to tell nothing")]
async fn asks_silently(stage: &mut Stage, chair: String, target: String) {
    let wish = Wish {
        silent: true,
        ..Wish::default()
    };
    ask(stage, &chair, &[target], wish).await;
}

#[when(expr = "{word} asks within his dialog to invite {word}")]
async fn asks_inside(stage: &mut Stage, chair: String, target: String) {
    let wish = Wish {
        inside: true,
        ..Wish::default()
    };
    ask(stage, &chair, &[target], wish).await;
}

/// REFERs of a chair.
fn refers<'a>(ex: &'a Exchange, chair: &str) -> Vec<Sip<'a>> {
    let mut all = sent_requests(ex, "REFER");
    all.retain(|m| m.frame.chair == chair);
    all
}

/// The final response to a REFER.
fn answer<'a>(ex: &'a Exchange, refer: &Sip<'_>) -> Option<Sip<'a>> {
    let mut all = received_responses(ex, refer.frame).into_iter();
    all.find(|m| m.scan.code().is_some_and(|code| code >= 200))
}

#[then(expr = "[{clause}] the REFER of {word} is answered {int}")]
async fn answered(stage: &mut Stage, clause: Clause, chair: String, code: u16, step: &Step) {
    let look = move |ex: &Exchange| {
        let answer = refers(ex, &chair).first().and_then(|m| answer(ex, m));
        let seen = answer.map(|m| {
            is(
                m.scan.code() == Some(code),
                m.scan.start_line(),
                vec![m.start()],
            )
        });
        judged(
            &format!("{code} to the REFER"),
            seen,
            "no answer to the REFER came",
        )
    };
    stage.judge(&clause.0, step, look).await;
}

#[then(expr = "[{clause}] each REFER of {word} is refused with {int} and nobody is invited")]
async fn refused(stage: &mut Stage, clause: Clause, chair: String, code: u16, step: &Step) {
    let look = move |ex: &Exchange| {
        let refers = refers(ex, &chair);
        let answers: Option<Vec<_>> = refers.iter().map(|m| answer(ex, m)).collect();
        let answers = answers.filter(|all| !all.is_empty());
        // The last refusal closes the window: an invitation would have gone out before it or with it.
        let seen = answers.map(|answers| {
            let began = refers.first().map_or(0, |m| m.frame.index);
            let invited = received_requests(ex, "INVITE").into_iter();
            let mut invited = invited.filter(|m| m.frame.index > began && tag(m, "To").is_none());
            if let Some(invite) = invited.next() {
                return Err((
                    format!("{} was invited", invite.frame.chair),
                    vec![invite.start()],
                ));
            }
            let found: Vec<String> = answers.iter().map(|m| m.scan.start_line()).collect();
            let good = answers.iter().all(|m| m.scan.code() == Some(code));
            is(
                good,
                found.join(", "),
                answers.iter().map(Sip::start).collect(),
            )
        });
        let expected = format!("{code} to the REFER and no INVITE");
        judged(&expected, seen, "no answer to the REFER came")
    };
    stage.judge(&clause.0, step, look).await;
}

#[then(expr = "[{clause}] {word} is invited by the focus of the session")]
async fn dialled_out(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let expected = "INVITE whose Contact is the session with isfocus".to_owned();
    let look = on_guest(&chair, expected, |m, ex| {
        let contact = address(m, "Contact");
        let session = final_response(ex, "alice").and_then(|m| address(&m, "Contact"));
        let focus = contact.as_ref().is_some_and(|c| c.params.has("isfocus"));
        let same = contact.as_ref().zip(session.as_ref());
        let same = same.is_some_and(|(one, other)| one.uri.same_as(&other.uri));
        let found = contact.map_or_else(|| "no Contact".to_owned(), |c| c.to_string());
        is(focus && same, found, vec![m.header("Contact")])
    });
    stage.judge(&clause.0, step, look).await;
}

#[then(expr = "[{clause}] the INVITE to {word} names {word} in Referred-By")]
async fn referred(stage: &mut Stage, clause: Clause, chair: String, by: String, step: &Step) {
    let by = stage.scene().user(&by);
    let expected = format!("Referred-By: <{by}>");
    let look = on_guest(&chair, expected, move |m, _| {
        let named = address(m, "Referred-By").map(|one| one.uri.to_string());
        let good = named.as_deref().is_some_and(|named| same_uri(named, &by));
        let found = named.unwrap_or_else(|| "no Referred-By".to_owned());
        is(good, found, vec![m.header("Referred-By")])
    });
    stage.judge(&clause.0, step, look).await;
}

/// Judges the INVITE to somebody who was not on the list of the first.
fn on_guest(
    chair: &str,
    expected: String,
    look: impl Fn(&Sip<'_>, &Exchange) -> crate::look::Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> trace::Finding + Send + Sync + 'static {
    let chair = chair.to_owned();
    move |ex| {
        let invites = invitations(ex, &chair);
        let seen = invites.first().map(|m| look(m, ex));
        judged(&expected, seen, &format!("no INVITE reached {chair}"))
    }
}
