//! Words of 7.2.1.2: how the set-up of an ad-hoc session is checked, answered and ended.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{
    Sip, msrp_frames, received_requests, received_responses, sent_requests, sent_responses, whole,
};
use trace::{Direction, Exchange};
use wire::msrp::Kind;
use wire::sip::Warning;

use crate::Stage;
use crate::look::{
    Seen, address, attribute_names, calls, final_response, inside, invitations, is, judged,
    on_response, response, responses, same_uri, sdp,
};
use crate::words::{Chairs, Clause};

fn on_final(
    chair: &str,
    expected: String,
    look: impl Fn(&Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> trace::Finding + Send + Sync + 'static {
    let chair = chair.to_owned();
    move |ex| {
        let seen = final_response(ex, &chair).map(|m| look(&m, ex));
        judged(
            &expected,
            seen,
            &format!("no final response reached {chair}"),
        )
    }
}

fn code_of(message: &Sip<'_>) -> u16 {
    message.scan.code().unwrap_or_default()
}

#[then(expr = "[{clause}] the INVITE of {word} is answered {int}")]
async fn answered(stage: &mut Stage, clause: Clause, chair: String, code: u16, step: &Step) {
    let look = move |m: &Sip<'_>, _: &Exchange| {
        is(code_of(m) == code, m.scan.start_line(), vec![m.start()])
    };
    stage
        .judge(
            &clause.0,
            step,
            on_final(&chair, format!("final response {code}"), look),
        )
        .await;
}

#[then(expr = "[{clause}] the INVITE of {word} is refused and nobody is invited")]
async fn refused(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, ex: &Exchange| {
        if let Some(invite) = received_requests(ex, "INVITE").first() {
            return Err(("a guest was invited".to_owned(), vec![invite.start()]));
        }
        is(code_of(m) >= 400, m.scan.start_line(), vec![m.start()])
    };
    stage
        .judge(
            &clause.0,
            step,
            on_final(
                &chair,
                "a refusal, and no INVITE to a guest".to_owned(),
                look,
            ),
        )
        .await;
}

#[then(expr = "[{clause}] the INVITE of {word} is refused with {int}")]
async fn refused_with(stage: &mut Stage, clause: Clause, chair: String, code: u16, step: &Step) {
    let look = move |m: &Sip<'_>, _: &Exchange| {
        is(code_of(m) == code, m.scan.start_line(), vec![m.start()])
    };
    stage
        .judge(
            &clause.0,
            step,
            on_final(&chair, format!("refusal with {code}"), look),
        )
        .await;
}

#[then(expr = "[{clause}] the INVITE of {word} is refused with {int} or {int}")]
async fn refused_with_either(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    one: u16,
    other: u16,
    step: &Step,
) {
    let look = move |m: &Sip<'_>, _: &Exchange| {
        is(
            [one, other].contains(&code_of(m)),
            m.scan.start_line(),
            vec![m.start()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_final(&chair, format!("refusal with {one} or {other}"), look),
        )
        .await;
}

#[then(expr = "[{clause}] the INVITE of {word} is refused with {int} and the warning {string}")]
async fn refused_with_warning(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    code: u16,
    text: String,
    step: &Step,
) {
    let expected = format!("{code} with Warning text {text:?}");
    let look = move |m: &Sip<'_>, _: &Exchange| {
        let values = m.scan.values("Warning");
        // The change request fixes the text, not the warn-code (F139).
        let warned = values
            .iter()
            .filter_map(|v| Warning::parse(&v.value).ok())
            .any(|w| w.text.eq_ignore_ascii_case(&text));
        let found = format!("{} with {} warnings", m.scan.start_line(), values.len());
        is(
            code_of(m) == code && warned,
            found,
            vec![m.start(), m.header("Warning")],
        )
    };
    stage
        .judge(&clause.0, step, on_final(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the INVITE of {word} is refused with {int} and names {string}")]
async fn refused_unsupported(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    code: u16,
    tag: String,
    step: &Step,
) {
    let expected = format!("{code} with Unsupported: {tag}");
    let look = move |m: &Sip<'_>, _: &Exchange| {
        let named = m.scan.values("Unsupported").iter().any(|v| v.value == tag);
        is(
            code_of(m) == code && named,
            m.scan.start_line(),
            vec![m.start(), m.header("Unsupported")],
        )
    };
    stage
        .judge(&clause.0, step, on_final(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the two sessions of {word} have different identities")]
async fn identities(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let factory = stage.scene().lab.profile.conference_factory.clone();
    stage
        .judge(&clause.0, step, move |ex| {
            let accepted: Vec<Sip<'_>> = calls(ex, &chair)
                .iter()
                .flat_map(|c| received_responses(ex, c.frame))
                .filter(|m| code_of(m) == 200)
                .collect();
            let seen = (accepted.len() >= 2).then(|| {
                let uris: Vec<String> = accepted
                    .iter()
                    .filter_map(|m| address(m, "Contact"))
                    .map(|a| a.uri.to_string())
                    .collect();
                let good = uris.len() >= 2
                    && !same_uri(&uris[0], &uris[1])
                    && !uris.iter().any(|u| same_uri(u, &factory));
                is(
                    good,
                    uris.join(" and "),
                    accepted.iter().map(|m| m.header("Contact")).collect(),
                )
            });
            judged(
                "a new session identity in the Contact of each 200",
                seen,
                "fewer than two sessions were set up",
            )
        })
        .await;
}

fn audio_port(message: &Sip<'_>) -> Option<u16> {
    sdp(message)?
        .media
        .iter()
        .find(|m| m.kind == "audio")
        .map(|m| m.port)
}

#[then(expr = "[{clause}] the server does not take the audio")]
async fn audio_not_taken(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let port = audio_port(m);
        is(
            code_of(m) >= 300 || port.is_none_or(|p| p == 0),
            format!("{}, audio port {port:?}", m.scan.start_line()),
            vec![m.body()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_final("alice", "no port for the audio".to_owned(), look),
        )
        .await;
}

#[then(expr = "[{clause}] the audio is refused by port 0 or the INVITE by 488")]
async fn audio_refused(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let port = audio_port(m);
        is(
            code_of(m) == 488 || port == Some(0),
            format!("{}, audio port {port:?}", m.scan.start_line()),
            vec![m.body()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_final("alice", "m=audio 0 in the answer, or 488".to_owned(), look),
        )
        .await;
}

#[then(expr = "[{clause}] the answer to {word} has the m= lines of her offer")]
async fn same_media(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        let kinds = |m: &Sip<'_>| {
            sdp(m).map(|d| d.media.iter().map(|m| m.kind.clone()).collect::<Vec<_>>())
        };
        let offered = calls(ex, &seat).last().and_then(kinds);
        let answered = kinds(m);
        is(
            answered.is_some() && offered == answered,
            format!("{answered:?}"),
            vec![m.body()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_response(
                &chair,
                200,
                "the m= lines of the offer, in order".to_owned(),
                look,
            ),
        )
        .await;
}

#[then(expr = "[{clause}] the m= line of the audio in the answer has port 0")]
async fn port_zero(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        is(
            audio_port(m) == Some(0),
            format!("audio port {:?}", audio_port(m)),
            vec![m.body()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_response("alice", 200, "m=audio 0".to_owned(), look),
        )
        .await;
}

#[then(expr = "[{clause}] {chairs} are invited")]
async fn are_invited(stage: &mut Stage, clause: Clause, guests: Chairs, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let found: Vec<Option<Sip<'_>>> = guests
                .0
                .iter()
                .map(|g| invitations(ex, g).into_iter().next())
                .collect();
            let evidence = found.iter().flatten().map(Sip::start).collect();
            let closed = final_response(ex, "alice").is_some();
            let all = found.iter().all(Option::is_some);
            let seen = (all || closed).then(|| {
                is(
                    all,
                    format!(
                        "{} of {} invited",
                        found.iter().flatten().count(),
                        guests.0.len()
                    ),
                    evidence,
                )
            });
            judged(
                "an INVITE to everybody on the list",
                seen,
                "not everybody was invited",
            )
        })
        .await;
}

/// Frame in which a guest of the tester first answered with `code`.
fn first_guest_answer(ex: &Exchange, code: u16) -> Option<usize> {
    let invites = received_requests(ex, "INVITE");
    invites
        .iter()
        .flat_map(|i| sent_responses(ex, i.frame))
        .filter(|m| code_of(m) == code)
        .map(|m| m.frame.index)
        .min()
}

#[then(expr = "[{clause}] one 180 reaches {word} after the first guest rings")]
async fn one_ringing(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let all: Vec<Sip<'_>> = responses(ex, &chair)
                .into_iter()
                .filter(|m| code_of(m) == 180)
                .collect();
            let rang = first_guest_answer(ex, 180);
            let seen = all.first().map(|first| {
                let good = all.len() == 1 && rang.is_some_and(|r| r < first.frame.index);
                is(
                    good,
                    format!("{} of them", all.len()),
                    all.iter().map(Sip::start).collect(),
                )
            });
            let lost = || {
                final_response(ex, &chair).map(|m| {
                    Err((
                        format!("{} without it", m.scan.start_line()),
                        vec![m.start()],
                    ))
                })
            };
            judged(
                "one 180, after a guest rang",
                seen.or_else(lost),
                "no 180 came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the 200 to {word} follows the first 200 of a guest")]
async fn follows(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let first = first_guest_answer(ex, 200);
            let seen = response(ex, &chair, 200).map(|m| {
                is(
                    first.is_some_and(|f| f < m.frame.index),
                    format!("frame {} after {first:?}", m.frame.index),
                    vec![m.start(), m.header("Contact")],
                )
            });
            judged("a 200 after the first guest's 200", seen, "no 200 came")
        })
        .await;
}

#[then(expr = "[{clause}] {word} gets one final response to her INVITE")]
async fn one_final(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let finals: Vec<Sip<'_>> = responses(ex, &chair)
                .into_iter()
                .filter(|m| code_of(m) >= 200)
                .collect();
            let seen = (!finals.is_empty()).then(|| {
                is(
                    finals.len() == 1,
                    format!("{} final responses", finals.len()),
                    finals.iter().map(Sip::start).collect(),
                )
            });
            judged(
                "one final response, retransmissions aside",
                seen,
                "no final response came",
            )
        })
        .await;
}

/// The ACK that belongs to a guest's final answer, once the answer is given.
fn acknowledged(ex: &Exchange, wanted: impl Fn(u16) -> bool, same_branch: bool) -> Option<Seen> {
    let acks = received_requests(ex, "ACK");
    let branch = |m: &Sip<'_>| {
        m.scan
            .values("Via")
            .first()
            .and_then(|v| wire::sip::Via::parse(&v.value).ok())
            .and_then(|v| v.branch().map(str::to_owned))
    };
    let mut evidence = Vec::new();
    let mut answers = 0;
    for invite in received_requests(ex, "INVITE") {
        if !sent_responses(ex, invite.frame)
            .iter()
            .any(|m| wanted(code_of(m)))
        {
            continue;
        }
        answers += 1;
        let own: Vec<&Sip<'_>> = acks
            .iter()
            .filter(|a| a.call_id() == invite.call_id())
            .collect();
        let ack = own.first()?;
        let number = ack.cseq() == invite.cseq().map(|(n, _)| (n, "ACK".to_owned()));
        if !number || (branch(ack) == branch(&invite)) != same_branch {
            return Some(Err((
                format!("{:?}", ack.cseq()),
                vec![ack.header("Via"), ack.header("CSeq")],
            )));
        }
        evidence.extend([ack.header("Via"), ack.header("CSeq")]);
    }
    (answers > 0).then(|| Ok((format!("{answers} acknowledged"), evidence)))
}

#[then(expr = "[{clause}] every 200 of a guest is acknowledged")]
async fn acknowledges(stage: &mut Stage, clause: Clause, step: &Step) {
    stage
        .judge(&clause.0, step, |ex| {
            judged(
                "an ACK with the INVITE's number and a branch of its own",
                acknowledged(ex, |c| c == 200, false),
                "an ACK did not come",
            )
        })
        .await;
}

#[then(expr = "[{clause}] every refusal of a guest is acknowledged in its transaction")]
async fn acknowledges_refusal(stage: &mut Stage, clause: Clause, step: &Step) {
    stage
        .judge(&clause.0, step, |ex| {
            judged(
                "an ACK with the INVITE's number and branch",
                acknowledged(ex, |c| c >= 300, true),
                "an ACK did not come",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the 200 to {word} carries an SDP answer")]
async fn sdp_answer(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let media = sdp(m).map(|d| {
            d.media
                .iter()
                .filter(|m| m.kind == "message" && m.port > 0)
                .count()
        });
        is(
            media == Some(1),
            format!("{media:?} MSRP lines"),
            vec![m.body()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_response(
                &chair,
                200,
                "an SDP answer with one MSRP line".to_owned(),
                look,
            ),
        )
        .await;
}

fn types(message: &Sip<'_>) -> Vec<String> {
    let media = sdp(message).and_then(|d| d.media.into_iter().find(|m| m.kind == "message"));
    media
        .map(|m| {
            m.accept_types()
                .iter()
                .map(|t| t.to_ascii_lowercase())
                .collect()
        })
        .unwrap_or_default()
}

#[then(expr = "[{clause}] the types in the answer to {word} are offered by {word} and {word}")]
async fn chosen_types(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    one: String,
    other: String,
    step: &Step,
) {
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        let offered = calls(ex, &one).last().map(types).unwrap_or_default();
        let invites = invitations(ex, &other);
        let guest: Vec<String> = invites
            .iter()
            .flat_map(|i| sent_responses(ex, i.frame))
            .filter(|m| code_of(m) == 200)
            .flat_map(|m| types(&m))
            .collect();
        let answer = types(m);
        let good = !answer.is_empty()
            && answer
                .iter()
                .all(|t| offered.contains(t) && guest.contains(t));
        is(
            good,
            format!("accept-types: {}", answer.join(" ")),
            vec![m.body()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_response(&chair, 200, "types that both sides listed".to_owned(), look),
        )
        .await;
}

#[then(expr = "[{clause}] the answer to {word} has the attributes {string}")]
async fn answer_attributes(
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
        .judge(&clause.0, step, on_response(&chair, 200, expected, look))
        .await;
}

#[then(expr = "[{clause}] the answer to {word} has an MSRP path that agrees with its m= line")]
async fn path(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let media = sdp(m).and_then(|d| d.media.into_iter().find(|m| m.kind == "message"));
        let path = media.as_ref().and_then(|m| {
            m.path()
                .first()
                .and_then(|p| wire::msrp::Uri::parse(p).ok())
        });
        // The active side may write port 9, where nobody listens (RFC 6135 4.2.2).
        let good = media.zip(path.clone()).is_some_and(|(m, p)| {
            (p.port == Some(m.port) || m.port == 9)
                && !p.session.is_empty()
                && p.transport.eq_ignore_ascii_case("tcp")
        });
        is(
            good,
            path.map_or_else(|| "no readable a=path".to_owned(), |p| p.to_string()),
            vec![m.body()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_response(
                &chair,
                200,
                "a=path with host, the port of m=, session and ;tcp".to_owned(),
                look,
            ),
        )
        .await;
}

#[then(expr = "[{clause}] the answer to {word} has accept-types")]
async fn accept_types(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look =
        |m: &Sip<'_>, _: &Exchange| is(!types(m).is_empty(), types(m).join(" "), vec![m.body()]);
    stage
        .judge(
            &clause.0,
            step,
            on_response(&chair, 200, "a=accept-types with a type".to_owned(), look),
        )
        .await;
}

/// What the subject sent about the last SEND with content of a chair.
fn send_response(ex: &Exchange, chair: &str) -> Option<(u16, Vec<trace::Evidence>, bool)> {
    let send = msrp_frames(ex, Direction::Sent)
        .filter(|m| m.frame.chair == chair && m.message.body.is_some())
        .last()?;
    let response = msrp_frames(ex, Direction::Received).find(|m| {
        m.frame.chair == chair
            && m.message.transaction == send.message.transaction
            && matches!(m.message.kind, Kind::Response(..))
    })?;
    let Kind::Response(code, _) = &response.message.kind else {
        return None;
    };
    let path = response.message.to_path == send.message.from_path[..1]
        && response.message.from_path == send.message.to_path;
    Some((*code, vec![whole(response.frame)], path))
}

#[then(expr = "[{clause}] the switch accepts the message of {word}")]
async fn switch_accepts(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = send_response(ex, &chair)
                .map(|(code, evidence, _)| is(code == 200, code.to_string(), evidence));
            judged("200 to the SEND", seen, "no response to the SEND came")
        })
        .await;
}

#[then(expr = "[{clause}] the response to {word} has the transaction and the path of her SEND")]
async fn response_path(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = send_response(ex, &chair).map(|(code, evidence, path)| {
                is(
                    path && code == 200,
                    format!("{code}, paths {}", if path { "mirrored" } else { "other" }),
                    evidence,
                )
            });
            judged(
                "200, To-Path = hop of the SEND, From-Path = its target",
                seen,
                "no response to the SEND came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the last SEND of {word} is answered {int}")]
async fn send_answered(stage: &mut Stage, clause: Clause, chair: String, code: u16, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = send_response(ex, &chair)
                .map(|(got, evidence, _)| is(got == code, got.to_string(), evidence));
            judged(
                &format!("{code} to the SEND"),
                seen,
                "no response to the SEND came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the switch reports the whole message to {word}")]
async fn reported(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let send = msrp_frames(ex, Direction::Sent).find(|m| {
                m.frame.chair == chair && m.message.header("Success-Report") == Some("yes")
            });
            let report = send.and_then(|send| {
                let id = send.message.header("Message-ID")?.to_owned();
                let size = send.message.body.as_ref().map_or(0, Vec::len) as u64;
                let report = msrp_frames(ex, Direction::Received).find(|m| {
                    m.frame.chair == chair
                        && matches!(&m.message.kind, Kind::Request(r) if r == "REPORT")
                        && m.message.header("Message-ID") == Some(&id)
                })?;
                let range = report.message.byte_range();
                let status = report
                    .message
                    .header("Status")
                    .unwrap_or_default()
                    .to_owned();
                let whole_message = range.is_some_and(|r| r.start == 1 && r.end == Some(size));
                Some(is(
                    whole_message && status.starts_with("000 200"),
                    format!(
                        "Status: {status}, range {:?}",
                        report.message.header("Byte-Range")
                    ),
                    vec![whole(report.frame)],
                ))
            });
            judged("REPORT 200 over every octet", report, "no REPORT came")
        })
        .await;
}

#[then(expr = "[{clause}] {word} gets a final response after the last guest declined")]
async fn after_all(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &Exchange| {
        let invites = received_requests(ex, "INVITE");
        let declined: Vec<usize> = invites
            .iter()
            .flat_map(|i| sent_responses(ex, i.frame))
            .filter(|m| code_of(m) >= 400)
            .map(|m| m.frame.index)
            .collect();
        let last = declined.iter().max().copied();
        let good =
            code_of(m) >= 400 && declined.len() >= 2 && last.is_some_and(|l| l < m.frame.index);
        is(
            good,
            format!(
                "{} to {seat} at frame {}",
                m.scan.start_line(),
                m.frame.index
            ),
            vec![m.start()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_final(
                &chair,
                "a refusal once every guest has refused".to_owned(),
                look,
            ),
        )
        .await;
}

#[then(expr = "[{clause}] the refusal of {word} is {int} or {int}")]
async fn refusal_code(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    one: u16,
    other: u16,
    step: &Step,
) {
    let look = move |m: &Sip<'_>, _: &Exchange| {
        is(
            [one, other].contains(&code_of(m)),
            m.scan.start_line(),
            vec![m.start()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_final(
                &chair,
                format!("a code that a guest gave: {one} or {other}"),
                look,
            ),
        )
        .await;
}

#[then(expr = "[{clause}] the BYE of {word} is answered {int}")]
async fn bye_answered(stage: &mut Stage, clause: Clause, chair: String, code: u16, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let bye = sent_requests(ex, "BYE")
                .into_iter()
                .find(|m| m.frame.chair == chair);
            let answers = bye
                .map(|b| received_responses(ex, b.frame))
                .unwrap_or_default();
            let seen = answers
                .iter()
                .find(|m| code_of(m) >= 200)
                .map(|m| is(code_of(m) == code, m.scan.start_line(), vec![m.start()]));
            judged(
                &format!("{code} to the BYE"),
                seen,
                "no answer to the BYE came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] {word} is left in the session until she leaves")]
async fn left_alone(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            if let Some(bye) = inside(ex, &chair)
                .into_iter()
                .find(|m| m.scan.method().as_deref() == Some("BYE"))
            {
                return judged(
                    "no BYE while a guest is in",
                    Some(Err(("BYE".to_owned(), vec![bye.start()]))),
                    "",
                );
            }
            // The answer to her own BYE closes the window.
            let own = sent_requests(ex, "BYE")
                .into_iter()
                .find(|m| m.frame.chair == chair);
            let answers = own
                .map(|b| received_responses(ex, b.frame))
                .unwrap_or_default();
            let seen = answers
                .first()
                .map(|m| is(code_of(m) == 200, m.scan.start_line(), vec![m.start()]));
            judged(
                "no BYE while a guest is in, and 200 to her own",
                seen,
                "her BYE was not answered",
            )
        })
        .await;
}
