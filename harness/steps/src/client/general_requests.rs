//! 003:7.1.1.1: what every first request of the client says, and what it does with the answers.

use std::time::Duration;

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Sip, received_requests, sip_messages};
use trace::{Direction, Evidence, Exchange, Finding};
use wire::sip::{Message, SessionExpires};

use super::look::{identity, later, lists, on_call, openings, target};
use crate::Stage;
use crate::look::{Seen, address, is, judged, same_uri, tag, well_formed};
use crate::words::{Chair, Clause};

const TAG: &str = "+g.oma.sip-im";

/// The fields of RFC 3261 8.1.1, each once and in its form.
fn built(request: &Sip<'_>) -> Seen {
    well_formed(request)?;
    let whole = vec![request.whole()];
    let parsed = match Message::parse(&request.frame.bytes) {
        Ok(message) => message.validate().map_err(|fault| fault.to_string()),
        Err(fault) => Err(fault.to_string()),
    };
    parsed.map_err(|fault| (fault, whole.clone()))?;
    let mut evidence = Vec::new();
    for name in [
        "To",
        "From",
        "CSeq",
        "Call-ID",
        "Max-Forwards",
        "Via",
        "Contact",
    ] {
        if request.scan.field(name).is_none() {
            return Err((format!("no {name}"), vec![request.start()]));
        }
        evidence.push(request.header(name));
    }
    let tagged = tag(request, "From").is_some();
    is(tagged, "a request with the mandatory fields", evidence)
}

fn release(request: &Sip<'_>) -> Seen {
    released(request, &["IM-client/OMA"])
}

/// Kept when User-Agent names one of these products.
fn released(request: &Sip<'_>, products: &[&str]) -> Seen {
    let value = request.scan.field("User-Agent").map(|f| f.value);
    let good = value.as_deref().is_some_and(|v| {
        let mut named = v.split_ascii_whitespace();
        named.any(|name| products.iter().any(|product| name.starts_with(product)))
    });
    let found = value.map_or_else(
        || "no User-Agent".to_owned(),
        |v| format!("User-Agent: {v}"),
    );
    is(good, found, vec![request.header("User-Agent")])
}

fn methods(request: &Sip<'_>) -> Seen {
    lists(request, "Allow", &["INVITE", "ACK", "CANCEL", "BYE"])
}

fn contact(request: &Sip<'_>) -> Seen {
    let found = address(request, "Contact");
    let good = found.as_ref().is_some_and(|c| c.params.has(TAG));
    let shown = found.map_or_else(
        || "no readable Contact".to_owned(),
        |c| format!("Contact: {c}"),
    );
    is(good, shown, vec![request.header("Contact")])
}

fn accepts(request: &Sip<'_>) -> Seen {
    let all = request.scan.values("Accept-Contact");
    let named = |value: &str| value.split(';').skip(1).any(|p| p.trim() == TAG);
    let good = all.iter().any(|field| named(&field.value));
    let found = match all.first() {
        Some(field) => format!("Accept-Contact: {}", field.value),
        None => "no Accept-Contact".to_owned(),
    };
    is(good, found, vec![request.header("Accept-Contact")])
}

fn timer(request: &Sip<'_>) -> Seen {
    lists(request, "Supported", &["timer"])
}

/// Broken at the first of the rules that an INVITE has to keep, privacy and the recommendations aside.
pub(super) fn general(request: &Sip<'_>) -> Seen {
    by_rules(request, &[built, accepts, release, contact, timer])
}

/// The same for a history function, which may give itself out for a server or for a client.
pub(crate) fn general_of_function(request: &Sip<'_>) -> Seen {
    let either = |request: &Sip<'_>| released(request, &["IM-serv/OMA", "IM-client/OMA"]);
    by_rules(request, &[built, accepts, either, contact, timer])
}

fn by_rules(request: &Sip<'_>, rules: &[fn(&Sip<'_>) -> Seen]) -> Seen {
    let mut evidence: Vec<Evidence> = Vec::new();
    for rule in rules {
        evidence.extend(rule(request)?.1);
    }
    Ok(("an INVITE by the general rules".to_owned(), evidence))
}

#[then(expr = "[{clause}] the client's INVITE is built as RFC 3261 asks")]
async fn is_built(stage: &mut Stage, clause: Clause, step: &Step) {
    let expected = "To, From with a tag, CSeq, Call-ID, Max-Forwards, Via and Contact";
    stage.judge(&clause.0, step, on_call(expected, built)).await;
}

#[then(expr = "[{clause}] the client's INVITE names the IM release in User-Agent")]
async fn names_release(stage: &mut Stage, clause: Clause, step: &Step) {
    let expected = "a User-Agent with the product IM-client/OMA…";
    stage
        .judge(&clause.0, step, on_call(expected, release))
        .await;
}

#[then(expr = "[{clause}] the client's INVITE lists its methods in Allow")]
async fn lists_methods(stage: &mut Stage, clause: Clause, step: &Step) {
    let expected = "Allow with at least INVITE, ACK, CANCEL and BYE";
    stage
        .judge(&clause.0, step, on_call(expected, methods))
        .await;
}

#[then(expr = "[{clause}] the client's INVITE has +g.oma.sip-im in Contact")]
async fn has_tag(stage: &mut Stage, clause: Clause, step: &Step) {
    let expected = "Contact: …;+g.oma.sip-im";
    stage
        .judge(&clause.0, step, on_call(expected, contact))
        .await;
}

#[then(expr = "[{clause}] the client's INVITE supports timer")]
async fn supports_timer(stage: &mut Stage, clause: Clause, step: &Step) {
    stage
        .judge(&clause.0, step, on_call("Supported: timer", timer))
        .await;
}

#[then(expr = "[{clause}] the client's INVITE asks to refresh the session itself")]
async fn asks_to_refresh(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>| {
        let value = m.scan.field("Session-Expires").map(|f| f.value);
        let asked = value.as_deref().and_then(|v| SessionExpires::parse(v).ok());
        let good = asked.is_some_and(|t| t.refresher.as_deref() == Some("uac"));
        let found = value.map_or_else(
            || "no Session-Expires".to_owned(),
            |v| format!("Session-Expires: {v}"),
        );
        is(good, found, vec![m.header("Session-Expires")])
    };
    let expected = "Session-Expires: <seconds>;refresher=uac";
    stage.judge(&clause.0, step, on_call(expected, look)).await;
}

#[then(
    expr = "[{clause}] the client's INVITE and MESSAGE have +g.oma.sip-im in Accept-Contact, and so has every SUBSCRIBE"
)]
async fn every_first_request(stage: &mut Stage, clause: Clause, step: &Step) {
    stage
        .judge(&clause.0, step, |ex| {
            let of = |method: &str| openings(ex, method);
            let (invites, messages) = (of("INVITE"), of("MESSAGE"));
            let both = !invites.is_empty() && !messages.is_empty();
            let all = [invites, messages, of("SUBSCRIBE")].concat();
            let seen = both.then(|| {
                let mut evidence = Vec::new();
                for request in &all {
                    evidence.extend(accepts(request)?.1);
                }
                Ok((format!("{} requests with the tag", all.len()), evidence))
            });
            judged(
                "Accept-Contact with +g.oma.sip-im in every initial request",
                seen,
                "no INVITE or no MESSAGE of the client came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the client's INVITE asks for privacy id")]
async fn asks_privacy(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>| {
        let value = m.scan.field("Privacy").map(|f| f.value);
        let good = value
            .as_deref()
            .is_some_and(|v| v.split(';').any(|p| p.trim() == "id"));
        let found = value.map_or_else(|| "no Privacy".to_owned(), |v| format!("Privacy: {v}"));
        is(good, found, vec![m.header("Privacy")])
    };
    stage
        .judge(&clause.0, step, on_call("Privacy: id", look))
        .await;
}

/// Methods in the latest Allow that a chair sent before `index`, and the frame that said so.
fn listed<'a>(exchange: &'a Exchange, chair: &str, index: usize) -> Option<(Vec<String>, Sip<'a>)> {
    let said = sip_messages(exchange, Direction::Sent)
        .filter(|m| m.frame.chair == chair && m.frame.index < index)
        .filter(|m| !m.scan.values("Allow").is_empty())
        .last()?;
    let methods = said.scan.values("Allow").into_iter().map(|f| f.value);
    Some((methods.collect(), said))
}

#[then(
    expr = "[{clause}] the client/function asks {chair} only for methods that were listed, in a refresh too"
)]
async fn only_listed(stage: &mut Stage, clause: Clause, chair: Chair, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let mut all = later(ex);
            all.retain(|m| m.frame.chair == chair.0);
            let free = |m: &Sip<'_>| m.scan.method().as_deref() == Some("BYE");
            let refreshed = all.iter().any(|m| !free(m));
            let wrong = all.iter().filter(|m| !free(m)).find_map(|m| {
                let (methods, said) = listed(ex, &chair.0, m.frame.index)?;
                let method = m.scan.method()?;
                let found = format!("{method}, where {} are listed", methods.join(", "));
                (!methods.contains(&method))
                    .then(|| Err((found, vec![said.header("Allow"), m.start()])))
            });
            let starts = || all.iter().map(Sip::start).collect();
            let kept = refreshed.then(|| Ok(("listed methods only".to_owned(), starts())));
            judged(
                "in the dialog only methods of the latest Allow",
                wrong.or(kept),
                "the client sent nothing but BYE in the dialog",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the client's ACK goes to the Contact of {word}")]
async fn ack_goes_to(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = identity(ex).and_then(|(uri, answer)| {
                let acks = received_requests(ex, "ACK");
                let ack = acks.iter().find(|m| m.frame.chair == chair)?;
                let found = format!("ACK {}", target(ack));
                let evidence = vec![answer.header("Contact"), ack.start()];
                Some(is(same_uri(&target(ack), &uri), found, evidence))
            });
            judged(
                "an ACK to the URI of the latest Contact",
                seen,
                "no ACK came",
            )
        })
        .await;
}

#[then(
    expr = "[{clause}] the client refreshes the session with {word} before two thirds of the interval"
)]
async fn refreshes(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let interval = f64::from(stage.scene().lab.profile.session_interval);
    let scale = stage.scene().scale;
    let seen = |ex: &Exchange| (!later(ex).is_empty()).then_some(());
    stage.scene().wait(Some(interval), seen).await;
    stage
        .judge(&clause.0, step, move |ex| {
            refreshed(ex, &chair, interval, scale)
        })
        .await;
}

/// Whether the first request in the dialog with `chair` is a refresh in time.
fn refreshed(ex: &Exchange, chair: &str, interval: f64, scale: f64) -> Finding {
    let accepted = identity(ex).map(|(_, answer)| answer);
    let seen = accepted.and_then(|accepted| {
        let all = later(ex);
        let first = all.iter().find(|m| m.frame.chair == chair);
        let Some(first) = first else {
            // The client's answer to the tester's BYE closes the window.
            let mut ends = sip_messages(ex, Direction::Received);
            let end = ends.find(|m| m.cseq().is_some_and(|(_, method)| method == "BYE"))?;
            return Some(Err((
                "no refresh".to_owned(),
                vec![accepted.start(), end.start()],
            )));
        };
        let us = first.frame.at_us.saturating_sub(accepted.frame.at_us);
        let passed = Duration::from_micros(us).as_secs_f64() * scale;
        let method = first.scan.method().unwrap_or_default();
        let refreshes = matches!(method.as_str(), "INVITE" | "UPDATE");
        let good = refreshes && passed <= interval * 2.0 / 3.0;
        let found = if good {
            method
        } else {
            format!("{method} after {passed:.0} s")
        };
        Some(is(
            good,
            found,
            vec![accepted.header("Session-Expires"), first.start()],
        ))
    });
    let expected = format!("a refresh within {:.0} s of the 200", interval * 2.0 / 3.0);
    judged(&expected, seen, "no 200 was given")
}

#[then(expr = "[{clause}] the client/function subscribes to the state of its conference")]
async fn subscribes(stage: &mut Stage, clause: Clause, step: &Step) {
    stage
        .judge(&clause.0, step, |ex| {
            let seen = identity(ex).and_then(|(uri, answer)| {
                let all = openings(ex, "SUBSCRIBE");
                let Some(first) = all.first() else {
                    let mut ends = sip_messages(ex, Direction::Received);
                    let end = ends.find(|m| m.cseq().is_some_and(|(_, method)| method == "BYE"))?;
                    let evidence = vec![answer.start(), end.start()];
                    return Some(Err(("no SUBSCRIBE in the session".to_owned(), evidence)));
                };
                let event = first.scan.field("Event").map(|f| f.value);
                let package = event
                    .as_deref()
                    .map(|e| e.split(';').next().unwrap_or(e).trim());
                let good = same_uri(&target(first), &uri) && package == Some("conference");
                let found = format!("SUBSCRIBE {} with Event {package:?}", target(first));
                let evidence = vec![
                    answer.header("Contact"),
                    first.start(),
                    first.header("Event"),
                ];
                Some(is(good, found, evidence))
            });
            judged(
                "SUBSCRIBE <session identity> with Event: conference",
                seen,
                "no SUBSCRIBE came",
            )
        })
        .await;
}
