//! What each guest gets: one INVITE of their own, an ACK and the messages of the session.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::Direction;
use trace::matchers::{Sip, msrp_frames, received_requests, sent_responses, whole};
use wire::msrp::Kind;

use crate::Stage;
use crate::look::{address, final_response, invitations, is, judged, on_invitation, same_uri};
use crate::words::{Chairs, Clause};

#[then(expr = "[{clause}] {chairs} are each invited under their own address")]
async fn own_addresses(stage: &mut Stage, clause: Clause, guests: Chairs, step: &Step) {
    let addresses: Vec<String> = guests.0.iter().map(|g| stage.scene().user(g)).collect();
    stage
        .judge(&clause.0, step, move |ex| {
            let invites = received_requests(ex, "INVITE");
            let found: Vec<&Sip<'_>> = addresses
                .iter()
                .filter_map(|a| {
                    invites
                        .iter()
                        .find(|m| m.scan.request_uri().is_some_and(|u| same_uri(&u, a)))
                })
                .collect();
            let closed = final_response(ex, "alice").is_some();
            let all = found.len() == addresses.len();
            let seen = (all || closed).then(|| {
                is(
                    all,
                    format!("{} of {} addresses invited", found.len(), addresses.len()),
                    invites.iter().map(Sip::start).collect(),
                )
            });
            judged(
                "an INVITE to the address of each guest",
                seen,
                "not everybody was invited",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the INVITE to {word} reaches the SIP\\/IP core")]
async fn by_core(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let expected = "an INVITE at the tester's core".to_owned();
    stage
        .judge(
            &clause.0,
            step,
            on_invitation(&chair, expected, |m, _| {
                Ok((format!("received at {}", m.frame.local), vec![m.start()]))
            }),
        )
        .await;
}

#[then(expr = "[{clause}] {word} is invited once")]
async fn once(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let invites = invitations(ex, &chair);
            let seen = (!invites.is_empty()).then(|| {
                is(
                    invites.len() == 1,
                    format!("{} INVITEs", invites.len()),
                    invites.iter().map(Sip::start).collect(),
                )
            });
            judged("one INVITE", seen, "no INVITE came")
        })
        .await;
}

#[then(expr = "[{clause}] the ACK to {word} goes to his Contact")]
async fn ack_target(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let invites = invitations(ex, &chair);
            let seen = invites.first().and_then(|invite| {
                let target = sent_responses(ex, invite.frame)
                    .iter()
                    .filter(|m| m.scan.code() == Some(200))
                    .find_map(|m| address(m, "Contact"))?
                    .uri
                    .to_string();
                let acks = received_requests(ex, "ACK");
                let ack = acks.iter().find(|a| a.call_id() == invite.call_id())?;
                let uri = ack.scan.request_uri().unwrap_or_default();
                Some(is(same_uri(&uri, &target), uri, vec![ack.start()]))
            });
            judged(
                "an ACK whose Request-URI is the Contact of the guest",
                seen,
                "no ACK came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] {word} receives {string} from the switch")]
async fn receives(stage: &mut Stage, clause: Clause, chair: String, text: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let found = msrp_frames(ex, Direction::Received).find(|m| {
                m.frame.chair == chair
                    && matches!(&m.message.kind, Kind::Request(r) if r == "SEND")
                    && m.message.body.is_some()
            });
            let seen = found.map(|m| {
                let body = String::from_utf8_lossy(m.message.body.as_deref().unwrap_or_default())
                    .into_owned();
                is(
                    body.ends_with(&text),
                    format!("a SEND of {} octets", body.len()),
                    vec![whole(m.frame)],
                )
            });
            judged(&format!("a SEND with {text:?}"), seen, "no SEND came")
        })
        .await;
}
