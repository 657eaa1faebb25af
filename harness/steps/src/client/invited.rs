//! Words of 004:6.2.1.2: how the client takes an invitation, and what it puts in the place of what.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Msrp, Sip, msrp_frames, received_requests, received_responses, whole};
use trace::{Direction, Exchange};

use super::general_responses::{built, identified, identity, released};
use crate::Stage;
use crate::controlling::session_modification::{byes, change_answer, code, foreign, paths};
use crate::look::{
    Seen, branches, calls, final_response, is, judged, msrp_line, on_response, response, same_uri,
};
use crate::words::Clause;

#[then(expr = "[{clause}] the 200 of the client to {word} keeps the general rules")]
async fn general(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let user = stage.scene().user_address();
    let expected = "200 built from the INVITE, with Server and the address of the user".to_owned();
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        let (_, mut evidence) = built(m, ex, &seat)?;
        let (server, more) = released(m)?;
        evidence.extend(more);
        let (named, more) = identified(m, &user)?;
        evidence.extend(more);
        Ok((format!("{server}; {named}"), evidence))
    };
    stage
        .judge(&clause.0, step, on_response(&chair, 200, expected, look))
        .await;
}

#[then(expr = "[{clause}] every parameter of the answer to {word} is in her offer")]
async fn from_offer(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &Exchange| -> Seen {
        let offer = calls(ex, &seat).last().and_then(msrp_line);
        let (Some(offer), Some(answer)) = (offer, msrp_line(m)) else {
            return Err(("no MSRP line".to_owned(), vec![m.body()]));
        };
        let types = answer.accept_types();
        match foreign(&offer, &answer) {
            Some(what) => Err((format!("{what} was not offered"), vec![m.body()])),
            None => is(!types.is_empty(), types.join(" "), vec![m.body()]),
        }
    };
    let expected = "types and attributes of the offer only".to_owned();
    stage
        .judge(&clause.0, step, on_response(&chair, 200, expected, look))
        .await;
}

#[then(expr = "[{clause}] the 200 to {word} comes by the way of her INVITE")]
async fn same_way(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        let calls = calls(ex, &seat);
        let way = |m: &Sip<'_>| (m.frame.local, m.frame.transport.clone(), branches(m));
        let good = calls.last().is_some_and(|call| way(call) == way(m));
        let found = format!("Via {:?} by {}", branches(m), m.frame.transport);
        is(good, found, vec![m.header("Via")])
    };
    let expected = "the Via values of the INVITE, at the SIP/IP core that passed it on".to_owned();
    stage
        .judge(&clause.0, step, on_response(&chair, 200, expected, look))
        .await;
}

#[then(expr = "[{clause}] the client subscribes to the state of the session of {word}")]
async fn subscribes(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let requests = received_requests(ex, "SUBSCRIBE");
            let wanted = |m: &&Sip<'_>| {
                let event = m.scan.field("Event").map(|f| f.value);
                event.is_some_and(|e| e.split(';').next().map(str::trim) == Some("conference"))
            };
            let found = requests.iter().find(wanted).map(|m| {
                let target = m.scan.request_uri().unwrap_or_default();
                let good = identity(ex, &chair).is_some_and(|uri| same_uri(&uri, &target));
                is(
                    good,
                    m.scan.start_line(),
                    vec![m.start(), m.header("Event")],
                )
            });
            // The client's answer to the BYE that ends the session closes the window.
            let none = "no SUBSCRIBE came";
            let seen =
                found.or_else(|| crate::controlling::session_modification::closed(ex, 0, none));
            let expected = "SUBSCRIBE with Event: conference to the identity of the session";
            judged(expected, seen, none)
        })
        .await;
}

#[then(expr = "[{clause}] the client takes the session of {word} and leaves the one of {word}")]
async fn replaced(stage: &mut Stage, clause: Clause, chair: String, other: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let bye = byes(ex, &other).into_iter().next();
            let seen = final_response(ex, &chair).and_then(|taken| match (code(&taken), bye) {
                (200, Some(bye)) => {
                    // They may come by different connections, so that their order tells nothing.
                    let evidence = vec![taken.start(), bye.start()];
                    Some(is(true, "200 and BYE", evidence))
                }
                (200, None) => {
                    let left = format!("no BYE came to {other}");
                    crate::controlling::session_modification::closed(ex, taken.frame.index, &left)
                }
                (_, _) => Some(Err((taken.scan.start_line(), vec![taken.start()]))),
            });
            let expected = format!("200 to {chair}, and a BYE to {other}");
            judged(&expected, seen, "the client did neither take nor leave")
        })
        .await;
}

#[then(expr = "[{clause}] the client keeps the session of {word}")]
async fn kept(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            if let Some(bye) = byes(ex, &chair).first() {
                let broken = Some(Err(("a BYE".to_owned(), vec![bye.start()])));
                return judged("no BYE", broken, "");
            }
            // The other INVITE is answered, and after that the session is still there.
            let others: Vec<Sip<'_>> = trace::matchers::sent_requests(ex, "INVITE")
                .into_iter()
                .filter(|m| m.scan.field("Replaces").is_some())
                .flat_map(|m| received_responses(ex, m.frame))
                .filter(|m| code(m) >= 200)
                .collect();
            let seen = others.first().and_then(|other| {
                let (asked, answer) = change_answer(ex, &chair)?;
                let after = asked.frame.index > other.frame.index;
                let accepted = response(ex, &chair, 200)?;
                let evidence = vec![accepted.start(), other.start(), answer.start()];
                after.then(|| is(code(&answer) == 200, answer.scan.start_line(), evidence))
            });
            judged(
                "no BYE, and 200 to a refresh after the INVITE with Replaces was answered",
                seen,
                "no answer to a refresh came after the one to the INVITE with Replaces",
            )
        })
        .await;
}

#[then(expr = "[{clause}] {string} reaches {word} alone, by the path of that session")]
async fn own_path(stage: &mut Stage, clause: Clause, text: String, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let said = |m: &Msrp<'_>| {
                let body = m.message.body.as_deref().unwrap_or_default();
                String::from_utf8_lossy(body).contains(&text)
            };
            let all: Vec<Msrp<'_>> = msrp_frames(ex, Direction::Received).filter(said).collect();
            let own = paths(ex, &chair);
            let seen = all.first().map(|first| {
                let kept =
                    |m: &&Msrp<'_>| m.frame.chair == chair && own.contains(&m.message.to_path);
                let other = all.iter().find(|m| !kept(m));
                let shown = other.unwrap_or(first);
                let found = format!(
                    "at {}, to {}",
                    shown.frame.chair,
                    shown.message.to_path.join(" ")
                );
                is(other.is_none(), found, vec![whole(shown.frame)])
            });
            let expected = format!("one message to {chair}, by the path of the description");
            judged(&expected, seen, "the message did not come")
        })
        .await;
}
