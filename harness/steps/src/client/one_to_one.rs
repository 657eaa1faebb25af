//! 001:6.2.1.2: a session with one user; what it has in common with those of several.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Sip, received_requests};
use wire::sdp::Media;

use super::general_requests::general;
use super::look::{identity, on_call, target};
use crate::Stage;
use crate::look::{Seen, is, judged, msrp_line, same_uri, sdp};
use crate::words::Clause;

#[then(expr = "[{clause}] the client's INVITE keeps the general rules")]
async fn keeps_rules(stage: &mut Stage, clause: Clause, step: &Step) {
    let expected =
        "an INVITE with Accept-Contact, User-Agent, Contact and Supported by the general rules";
    stage
        .judge(&clause.0, step, on_call(expected, general))
        .await;
}

/// Kept when the Request-URI is this one.
pub(super) fn is_for(request: &Sip<'_>, uri: &str) -> Seen {
    let found = target(request);
    is(
        same_uri(&found, uri),
        format!("INVITE {found}"),
        vec![request.start()],
    )
}

#[then(expr = "[{clause}] the client's INVITE is for {word}")]
async fn is_for_user(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let uri = stage.scene().user(&chair);
    let look = move |m: &Sip<'_>| is_for(m, &uri);
    let expected = format!("INVITE with the address of {chair}");
    stage.judge(&clause.0, step, on_call(expected, look)).await;
}

#[then(expr = "[{clause}] the client's/function's INVITE offers MSRP media")]
async fn offers_media(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>| {
        let media = sdp(m).map(|s| s.media).unwrap_or_default();
        let good = |m: &Media| {
            m.kind == "message" && matches!(m.protocol.as_str(), "TCP/MSRP" | "TCP/TLS/MSRP")
        };
        let shown: Vec<String> = media
            .iter()
            .map(|m| format!("m={} {}", m.kind, m.protocol))
            .collect();
        let found = match shown.is_empty() {
            true => "no readable offer".to_owned(),
            false => shown.join(", "),
        };
        is(media.iter().any(good), found, vec![m.body()])
    };
    let expected = "a session description with m=message over MSRP";
    stage.judge(&clause.0, step, on_call(expected, look)).await;
}

#[then(expr = "[{clause}] the client's offer has an MSRP URI in path")]
async fn offers_path(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>| {
        let media = msrp_line(m);
        let path = media.as_ref().and_then(|media| media.attribute("path"));
        let msrp = |uri: &str| uri.starts_with("msrp://") || uri.starts_with("msrps://");
        let good = path.is_some_and(|p| p.split(' ').all(|uri| msrp(uri) && uri.contains(";tcp")));
        let found = path.map_or_else(|| "no path".to_owned(), |p| format!("a=path:{p}"));
        is(good, found, vec![m.body()])
    };
    stage
        .judge(&clause.0, step, on_call("a=path:msrp://…;tcp", look))
        .await;
}

#[then(expr = "[{clause}] the client's offer lists content types")]
async fn offers_types(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>| {
        let media = msrp_line(m);
        let types = media
            .as_ref()
            .and_then(|media| media.attribute("accept-types"));
        let one = |word: &str| word == "*" || word.contains('/');
        let good = types.is_some_and(|t| !t.trim().is_empty() && t.split(' ').all(one));
        let found = types.map_or_else(
            || "no accept-types".to_owned(),
            |t| format!("a=accept-types:{t}"),
        );
        is(good, found, vec![m.body()])
    };
    let expected = "a=accept-types with at least one type";
    stage.judge(&clause.0, step, on_call(expected, look)).await;
}

#[then(expr = "[{clause}] the client's/function's INVITE reaches its proxy")]
async fn reaches(stage: &mut Stage, clause: Clause, step: &Step) {
    let look = |m: &Sip<'_>| Ok((format!("INVITE {}", target(m)), vec![m.start()]));
    let expected = "an INVITE at the proxy";
    stage.judge(&clause.0, step, on_call(expected, look)).await;
}

#[then(expr = "[{clause}] the client's/function's BYE goes to the session identity")]
async fn bye_goes_to(stage: &mut Stage, clause: Clause, step: &Step) {
    stage
        .judge(&clause.0, step, |ex| {
            let seen = identity(ex).and_then(|(uri, answer)| {
                let byes = received_requests(ex, "BYE");
                let bye = byes.first()?;
                let found = format!("BYE {}", target(bye));
                let evidence = vec![answer.header("Contact"), bye.start()];
                Some(is(same_uri(&target(bye), &uri), found, evidence))
            });
            judged(
                "a BYE to the URI of the latest Contact",
                seen,
                "no BYE of the client came",
            )
        })
        .await;
}
