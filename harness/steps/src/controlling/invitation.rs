//! Words of 7.2.2.2: the INVITE to each guest, and what the server does with the answers.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{
    Sip, msrp_frames, octets, received_requests, received_responses, sent_requests, sent_responses,
    whole,
};
use trace::{Direction, Exchange};
use wire::msrp::Kind;
use wire::sip::AcceptContact;
use wire::xml::conference_info::ConferenceInfo;

use super::general_responses::focus;
use crate::Stage;
use crate::look::{
    Seen, address, attribute_names, invitations, is, judged, on_invitation, same_uri, sdp,
};
use crate::words::{Chairs, Clause};

fn general(message: &Sip<'_>, factory: &str) -> Seen {
    let (_, mut evidence) = focus(message, factory)?;
    if let Some(defect) = message.scan.defects.first() {
        return Err((
            format!("the message is malformed: {:?}", defect.kind),
            vec![message.start()],
        ));
    }
    let accept = message.scan.values("Accept-Contact");
    if !accept
        .iter()
        .filter_map(|v| AcceptContact::parse(&v.value).ok())
        .any(|a| a.params.has("+g.oma.sip-im"))
    {
        return Err((
            "no Accept-Contact with +g.oma.sip-im".to_owned(),
            vec![message.header("Accept-Contact")],
        ));
    }
    for name in [
        "From",
        "To",
        "Call-ID",
        "CSeq",
        "Max-Forwards",
        "P-Asserted-Identity",
    ] {
        if message.scan.field(name).is_none() {
            return Err((format!("no {name}"), vec![message.start()]));
        }
    }
    evidence.push(message.header("Accept-Contact"));
    Ok((
        "a focus Contact, Accept-Contact and the fields of RFC 3261".to_owned(),
        evidence,
    ))
}

#[then(expr = "[{clause}] the INVITE to {word} is built by the general rules")]
async fn by_general_rules(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let factory = stage.scene().lab.profile.conference_factory.clone();
    let expected =
        "Contact of the focus, Accept-Contact with +g.oma.sip-im, P-Asserted-Identity".to_owned();
    stage
        .judge(
            &clause.0,
            step,
            on_invitation(&chair, expected, move |m, _| general(m, &factory)),
        )
        .await;
}

#[then(expr = "[{clause}] the INVITE to {word} asserts {word} as {string}")]
async fn nickname(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    inviter: String,
    name: String,
    step: &Step,
) {
    let inviter = stage.scene().user(&inviter);
    let expected = format!("P-Asserted-Identity: {name:?} <{inviter}>");
    let look = move |m: &Sip<'_>, _: &Exchange| {
        let found = address(m, "P-Asserted-Identity");
        let good = found.as_ref().is_some_and(|a| {
            a.display.as_deref() == Some(&name) && same_uri(&a.uri.to_string(), &inviter)
        });
        is(
            good,
            found.map_or_else(|| "no P-Asserted-Identity".to_owned(), |a| a.to_string()),
            vec![m.header("P-Asserted-Identity")],
        )
    };
    stage
        .judge(&clause.0, step, on_invitation(&chair, expected, look))
        .await;
}

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
            let closed = crate::look::final_response(ex, "alice").is_some();
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

#[then(expr = "[{clause}] the INVITE to {word} carries an SDP offer")]
async fn sdp_offer(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let lines = sdp(m).map(|d| {
            d.media
                .iter()
                .filter(|m| m.kind == "message" && m.port > 0 && !m.path().is_empty())
                .count()
        });
        is(
            lines == Some(1),
            format!("{lines:?} MSRP lines"),
            vec![m.body()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_invitation(
                &chair,
                "an SDP offer with one MSRP line and its path".to_owned(),
                look,
            ),
        )
        .await;
}

#[then(expr = "[{clause}] the offer to {word} has the attributes {string}")]
async fn offer_attributes(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    names: String,
    step: &Step,
) {
    let expected = format!("the attributes {names}");
    let look = move |m: &Sip<'_>, _: &Exchange| {
        let found = sdp(m).map(|d| attribute_names(&d)).unwrap_or_default();
        is(
            names.split(", ").all(|n| found.iter().any(|f| f == n)),
            found.join(", "),
            vec![m.body()],
        )
    };
    stage
        .judge(&clause.0, step, on_invitation(&chair, expected, look))
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

#[then(expr = "[{clause}] the INVITE to {word} shows {word} in its list of recipients")]
async fn history(stage: &mut Stage, clause: Clause, chair: String, other: String, step: &Step) {
    let other = stage.scene().user(&other);
    let expected =
        format!("a part with Content-Disposition recipient-list-history that holds {other}");
    let look = move |m: &Sip<'_>, _: &Exchange| {
        let kind = m
            .scan
            .field("Content-Type")
            .map(|f| f.value)
            .unwrap_or_default();
        let part = wire::mime::find(&kind, m.scan.body(), "application/resource-lists+xml");
        let disposition = part
            .as_ref()
            .and_then(|p| p.header("Content-Disposition").map(str::to_owned))
            .unwrap_or_default();
        let entries = part
            .and_then(|p| wire::xml::resource_lists::parse(&p.body).ok())
            .unwrap_or_default();
        let good = disposition.starts_with("recipient-list-history")
            && entries.iter().any(|e| same_uri(&e.uri, &other));
        is(
            good,
            format!("{} entries, disposition {disposition:?}", entries.len()),
            vec![m.body()],
        )
    };
    stage
        .judge(&clause.0, step, on_invitation(&chair, expected, look))
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

fn states<'a>(ex: &'a Exchange, chair: &str) -> Vec<(Sip<'a>, Option<ConferenceInfo>)> {
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
