//! The best of several final responses (RFC 3261 16.7 step 6).

use wire::sip::Message;

/// The one to give back: a 6xx before all, else the lowest class, and in it what helps the caller to try again. A 401
/// or 407 brings the challenges of all; a 503 is ours to explain, and becomes a 500.
pub(super) fn of(finals: Vec<Message>) -> Option<Message> {
    let chosen = (0..finals.len()).min_by_key(|at| rank(finals[*at].code().unwrap_or(500)))?;
    let mut best = finals[chosen].clone();
    if matches!(best.code(), Some(401 | 407)) {
        for (_, other) in finals.iter().enumerate().filter(|(at, _)| *at != chosen) {
            for name in ["WWW-Authenticate", "Proxy-Authenticate"] {
                for value in other.headers(name) {
                    best.push(name, value.to_owned());
                }
            }
        }
    }
    if best.code() == Some(503) {
        let mut own = Message::response(&best, 500, "Server Internal Error");
        own.set("To", best.header("To").unwrap_or_default().to_owned());
        return Some(own);
    }
    Some(best)
}

/// Adds the tag to a response that has none.
pub(super) fn tagged(mut response: Message, tag: String) -> Message {
    if let Some(mut to) = response.to().filter(|to| to.tag().is_none()) {
        to.params.set("tag", Some(tag));
        response.set("To", to.to_string());
    }
    response
}

fn rank(code: u16) -> (u16, bool) {
    let class = if code >= 600 { 0 } else { code / 100 };
    (class, !matches!(code, 401 | 407 | 415 | 420 | 484))
}
