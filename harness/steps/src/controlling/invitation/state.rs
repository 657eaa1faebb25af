//! What a subscriber is told of the guests.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::Exchange;
use trace::matchers::{Sip, octets, received_requests};
use wire::xml::conference_info::ConferenceInfo;

use crate::Stage;
use crate::look::{judged, same_uri};
use crate::words::Clause;

pub(in crate::controlling) fn states<'a>(
    ex: &'a Exchange,
    chair: &str,
) -> Vec<(Sip<'a>, Option<ConferenceInfo>)> {
    let notifies = received_requests(ex, "NOTIFY")
        .into_iter()
        .filter(|m| m.frame.chair == chair);
    notifies
        .map(|m| (m.clone(), ConferenceInfo::parse(m.scan.body()).ok()))
        .collect()
}

#[then(expr = "[{clause}] a NOTIFY tells {word} that {word} is alerted")]
async fn alerted(stage: &mut Stage, clause: Clause, chair: String, guest: String, step: &Step) {
    told(
        stage,
        clause,
        &chair,
        &guest,
        &["alerting", "dialing-out"],
        step,
    )
    .await;
}

#[then(expr = "[{clause}] a NOTIFY tells {word} that {word} is connected")]
async fn joined(stage: &mut Stage, clause: Clause, chair: String, guest: String, step: &Step) {
    told(stage, clause, &chair, &guest, &["connected"], step).await;
}

async fn told(
    stage: &mut Stage,
    clause: Clause,
    chair: &str,
    guest: &str,
    words: &'static [&'static str],
    step: &Step,
) {
    let (chair, guest) = (chair.to_owned(), stage.scene().user(guest));
    stage
        .judge(&clause.0, step, move |ex| {
            let hit = states(ex, &chair).into_iter().find(|(_, info)| {
                let users = info.iter().flat_map(|i| &i.users);
                users
                    .filter(|u| same_uri(&u.entity, &guest))
                    .flat_map(|u| &u.endpoints)
                    .any(|e| e.status.as_deref().is_some_and(|s| words.contains(&s)))
            });
            let seen = hit.map(|(m, _)| {
                Ok((
                    format!("NOTIFY at frame {}", m.frame.index),
                    vec![octets(m.frame, &m.scan.body)],
                ))
            });
            judged(
                &format!("a NOTIFY with {guest} {}", words.join(" or ")),
                seen,
                "no such NOTIFY came",
            )
        })
        .await;
}
