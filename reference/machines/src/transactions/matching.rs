//! Which transaction a message belongs to (RFC 3261 17.1.3 and 17.2.3).

use wire::sip::{Message, Via};

use crate::identifiers::COOKIE;

/// What a response and the request that we sent have in common.
pub(super) fn client(branch: &str, method: &str) -> String {
    format!("{branch} {method}")
}

/// What every copy of a received request has in common; an ACK and a CANCEL find their INVITE by `method`.
pub(super) fn server(message: &Message, via: &Via, method: &str) -> String {
    match via.branch().filter(|branch| is_ours(branch)) {
        Some(branch) => {
            let port = via.port.unwrap_or(5060);
            format!("{branch} {}:{port} {method}", via.host.to_ascii_lowercase())
        }
        None => older(message, via, method),
    }
}

/// The INVITE that an ACK to a 2xx speaks of: the dialog and the number (RFC 3261 13.2.2.4).
pub(super) fn accepted(message: &Message) -> Option<String> {
    let (from, to) = (message.from()?, message.to()?);
    let number = message.cseq()?.number;
    Some(format!(
        "{} {number} {} {}",
        message.call_id()?,
        from.tag().unwrap_or(""),
        to.tag().unwrap_or("")
    ))
}

/// What a request outside of any dialog has in common with itself by another way (RFC 3261 8.2.2.2); nothing for
/// requests inside one, and for ACK and CANCEL.
pub(super) fn single(message: &Message) -> Option<String> {
    let from = message.from()?;
    let tag = from.tag()?;
    let cseq = message.cseq()?;
    let outside =
        message.to()?.tag().is_none() && !matches!(cseq.method.as_str(), "ACK" | "CANCEL");
    let call_id = message.call_id()?;
    outside.then(|| format!("{call_id} {tag} {} {}", cseq.number, cseq.method))
}

fn is_ours(branch: &str) -> bool {
    branch.len() > COOKIE.len()
        && branch
            .get(..COOKIE.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(COOKIE))
}

// The rules of RFC 2543, less the To tag, which an ACK has and its INVITE has not.
fn older(message: &Message, via: &Via, method: &str) -> String {
    let from = message.from();
    let tag = from.as_ref().and_then(|from| from.tag()).unwrap_or("");
    let number = message.cseq().map_or(0, |cseq| cseq.number);
    let uri = message.uri().unwrap_or("");
    format!(
        "{uri} {} {tag} {number} {via} {method}",
        message.call_id().unwrap_or("")
    )
}
