//! Words of 8.3.1.1.1 and 8.3.2.1: a MESSAGE to a list, a group or a session, its answer and its copies.

mod acts;
mod answers;
mod copies;
mod lists;
mod pace;

use trace::Exchange;
use trace::matchers::{Sip, received_requests, received_responses, sent_requests};

/// The last MESSAGE that a chair sent.
pub(crate) fn message<'a>(exchange: &'a Exchange, chair: &str) -> Option<Sip<'a>> {
    let mut all = sent_requests(exchange, "MESSAGE");
    all.retain(|m| m.frame.chair == chair);
    all.pop()
}

/// The final response to it.
fn answer<'a>(exchange: &'a Exchange, chair: &str) -> Option<Sip<'a>> {
    let message = message(exchange, chair)?;
    received_responses(exchange, message.frame)
        .into_iter()
        .find(|m| m.scan.code().is_some_and(|code| code >= 200))
}

/// Copies that reached a chair.
pub(crate) fn copies<'a>(exchange: &'a Exchange, chair: &str) -> Vec<Sip<'a>> {
    let mut all = received_requests(exchange, "MESSAGE");
    all.retain(|m| m.frame.chair == chair);
    all
}
