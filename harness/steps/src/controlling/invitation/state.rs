//! The conference state that a chair subscribes to: the SUBSCRIBE and the NOTIFYs.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::Exchange;
use trace::matchers::{Sip, octets, received_requests, received_responses, sent_requests};
use wire::xml::conference_info::ConferenceInfo;

use crate::Stage;
use crate::look::{is, judged, same_uri};
use crate::words::Clause;

#[then(expr = "[{clause}] the 200 to the SUBSCRIBE of {word} carries Expires")]
async fn subscribed(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let requests = sent_requests(ex, "SUBSCRIBE");
            let answers: Vec<Sip<'_>> = requests
                .iter()
                .filter(|m| m.frame.chair == chair)
                .flat_map(|m| received_responses(ex, m.frame))
                .collect();
            let seen = answers
                .iter()
                .find(|m| m.scan.code().is_some_and(|c| c >= 200))
                .map(|m| {
                    let expires = m
                        .scan
                        .field("Expires")
                        .and_then(|f| f.value.parse::<u32>().ok());
                    is(
                        m.scan.code() == Some(200)
                            && expires.is_some_and(|e| (1..=3600).contains(&e)),
                        format!("{}, Expires {expires:?}", m.scan.start_line()),
                        vec![m.start(), m.header("Expires")],
                    )
                });
            judged(
                "200 with Expires up to 3600",
                seen,
                "no answer to the SUBSCRIBE came",
            )
        })
        .await;
}

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

#[then(expr = "[{clause}] the first NOTIFY to {word} holds the full state")]
async fn full_state(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = states(ex, &chair).first().map(|(m, info)| {
                let event = m
                    .scan
                    .field("Event")
                    .is_some_and(|f| f.value.starts_with("conference"));
                let kind = m
                    .scan
                    .field("Content-Type")
                    .is_some_and(|f| f.value.starts_with("application/conference-info+xml"));
                let full = info
                    .as_ref()
                    .is_some_and(|i| i.state == "full" && !i.users.is_empty());
                is(
                    event && kind && full,
                    format!("state {:?}", info.as_ref().map(|i| i.state.clone())),
                    vec![m.header("Event"), m.body()],
                )
            });
            judged(
                "Event: conference and a document with state full",
                seen,
                "no NOTIFY came",
            )
        })
        .await;
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

#[then(expr = "[{clause}] each NOTIFY to {word} raises the version by one")]
async fn versions(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let all = states(ex, &chair);
            let versions: Vec<u32> = all
                .iter()
                .filter_map(|(_, i)| i.as_ref().map(|i| i.version))
                .collect();
            let seen = (versions.len() >= 2).then(|| {
                is(
                    versions.windows(2).all(|w| w[1] == w[0] + 1),
                    format!("versions {versions:?}"),
                    all.iter().map(|(m, _)| m.body()).collect(),
                )
            });
            judged(
                "version + 1 in every document",
                seen,
                "fewer than two NOTIFYs came",
            )
        })
        .await;
}
