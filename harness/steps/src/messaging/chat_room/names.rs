//! Nicknames: what the switch answers, and what the conference state shows.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Msrp, msrp_frames, octets, received_requests};
use trace::{Direction, Evidence, Exchange};
use wire::msrp::Kind;
use wire::xml::conference_info::ConferenceInfo;

use super::delivery::answer;
use crate::Stage;
use crate::look::{is, judged, same_uri};
use crate::words::Clause;

/// The code for the first NICKNAME of a chair with this value.
fn code(ex: &Exchange, chair: &str, value: &str) -> Option<(u16, Evidence)> {
    let wanted = |m: &Msrp<'_>| {
        m.frame.chair == chair
            && matches!(&m.message.kind, Kind::Request(method) if method == "NICKNAME")
            && m.message.header("Use-Nickname") == Some(value)
    };
    let asked = msrp_frames(ex, Direction::Sent).find(wanted)?;
    answer(ex, &asked)
}

async fn judge(
    stage: &mut Stage,
    clause: Clause,
    of: Vec<(String, String)>,
    wanted: u16,
    step: &Step,
) {
    let look = move |ex: &Exchange| {
        let codes: Option<Vec<_>> = of
            .iter()
            .map(|(chair, name)| code(ex, chair, name))
            .collect();
        let seen = codes.map(|codes| {
            let found: Vec<String> = codes.iter().map(|(code, _)| code.to_string()).collect();
            let good = codes.iter().all(|(code, _)| *code == wanted);
            let evidence = codes.into_iter().map(|(_, evidence)| evidence).collect();
            is(good, found.join(", "), evidence)
        });
        judged(
            &format!("{wanted} to the NICKNAME"),
            seen,
            "no answer to a NICKNAME came",
        )
    };
    stage.judge(&clause.0, step, look).await;
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

#[then(expr = "[{clause}] the NICKNAME {string} of {word} is answered {int}")]
async fn answered(
    stage: &mut Stage,
    clause: Clause,
    name: String,
    chair: String,
    wanted: u16,
    step: &Step,
) {
    judge(stage, clause, vec![(chair, quoted(&name))], wanted, step).await;
}

#[then(expr = "[{clause}] the NICKNAME without quotes of {word} is answered {int}")]
async fn unquoted(stage: &mut Stage, clause: Clause, chair: String, wanted: u16, step: &Step) {
    judge(
        stage,
        clause,
        vec![(chair, "Unquoted".to_owned())],
        wanted,
        step,
    )
    .await;
}

#[then(
    expr = "[{clause}] the NICKNAME {string} of {word} and the NICKNAME {string} of {word} are accepted"
)]
async fn both_accepted(
    stage: &mut Stage,
    clause: Clause,
    name: String,
    chair: String,
    second: String,
    other: String,
    step: &Step,
) {
    let of = vec![(chair, quoted(&name)), (other, quoted(&second))];
    judge(stage, clause, of, 200, step).await;
}

#[then(expr = "[{clause}] a NOTIFY tells {word} that {word} is called {string}")]
async fn called(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    guest: String,
    name: String,
    step: &Step,
) {
    let address = stage.scene().user(&guest);
    let look = move |ex: &Exchange| {
        let notifies = received_requests(ex, "NOTIFY").into_iter();
        let mut hits = notifies.filter(|m| m.frame.chair == chair).filter(|m| {
            let info = ConferenceInfo::parse(m.scan.body()).ok();
            let mut users = info.iter().flat_map(|info| &info.users);
            users.any(|u| same_uri(&u.entity, &address) && u.display_text.as_deref() == Some(&name))
        });
        let seen = hits.next().map(|m| {
            let found = format!("NOTIFY at frame {}", m.frame.index);
            Ok((found, vec![octets(m.frame, &m.scan.body)]))
        });
        judged(
            &format!("display-text {name} for {address}"),
            seen,
            "no such NOTIFY came",
        )
    };
    stage.judge(&clause.0, step, look).await;
}
