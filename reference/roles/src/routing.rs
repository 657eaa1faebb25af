//! Finds the shard that an input belongs to, from marks that the shard itself put into tags, identities and link ids.

use std::hash::{DefaultHasher, Hash, Hasher};

use machines::identifiers::shard_in;
use machines::port::{Input, LinkId};
use wire::msrp::Frame;
use wire::sip::{Message, NameAddr, Uri};

use crate::Config;
use crate::groups::name;
use crate::identifiers::LINK_BITS;
use crate::messaging::frames::session_of;

/// Picks the shard of an input among so many: by the mark of the shard that made the dialog, session or link; else by
/// sender for a MESSAGE, by Call-ID for a conference factory, and by Request-URI for a group, so that all of its requests meet in one shard.
///
/// Timers, failures of sending, fetched documents and what the store says belong to the node that caused them, which only the driver knows: they give 0.
pub fn router(config: &Config) -> impl Fn(&Input, usize) -> usize + Send + Sync + 'static {
    let factories: Vec<Uri> = config
        .factories()
        .filter_map(|factory| Uri::parse(factory).ok())
        .collect();
    move |input, shards| route(&factories, input, shards)
}

fn route(factories: &[Uri], input: &Input, shards: usize) -> usize {
    if shards < 2 {
        return 0;
    }
    let marked = match input {
        Input::Sip { message, .. } => Some(sip(factories, message, shards)),
        Input::Msrp { link, frame } => msrp(frame).or_else(|| opened(*link)),
        Input::LinkUp { link }
        | Input::LinkDown { link }
        | Input::LinkFull { link }
        | Input::LinkDrained { link } => opened(*link),
        Input::Malformed { .. }
        | Input::SendFailed { .. }
        | Input::Fired(_)
        | Input::Fetched { .. }
        | Input::Stored { .. }
        | Input::User(_)
        | Input::Shutdown => None,
    };
    marked.filter(|shard| *shard < shards).unwrap_or(0)
}

/// The shard of a user, by name.
pub(crate) fn shard_of_user(name: &str, shards: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    (hasher.finish() % shards.max(1) as u64) as usize
}

// Our tag is in To of requests that we get and in From of responses to requests that we sent.
fn sip(factories: &[Uri], message: &Message, shards: usize) -> usize {
    let ours = if message.is_request() {
        message.to()
    } else {
        message.from()
    };
    if let Some(shard) = ours
        .as_ref()
        .and_then(|ours| ours.tag())
        .and_then(shard_in)
        .filter(|shard| *shard < shards)
    {
        return shard;
    }
    let asked = message.uri().and_then(|uri| Uri::parse(uri).ok());
    if let Some(shard) = asked
        .as_ref()
        .and_then(|asked| asked.user.as_deref())
        .and_then(shard_in)
        .filter(|shard| *shard < shards)
    {
        return shard;
    }
    let mut hasher = DefaultHasher::new();
    if message.method() == Some("MESSAGE") {
        // RFC 3428 8: to keep its order and its pace, a sender has one shard.
        let sender = message.values("P-Asserted-Identity").into_iter().next();
        let sender = sender.and_then(|value| NameAddr::parse(&value).ok());
        let sender = sender.or_else(|| message.from());
        sender.map(|sender| name(&sender.uri)).hash(&mut hasher);
        return (hasher.finish() % shards as u64) as usize;
    }
    // A CANCEL has no body, so that a list cannot tell; the factory's URI can.
    let is_factory = |asked: &Uri| factories.iter().any(|known| known.same_as(asked));
    match asked.filter(|asked| !is_factory(asked)) {
        Some(group) => name(&group).hash(&mut hasher),
        None => message.call_id().unwrap_or_default().hash(&mut hasher),
    }
    (hasher.finish() % shards as u64) as usize
}

pub(crate) fn msrp(frame: &Frame) -> Option<usize> {
    frame
        .to_path
        .last()
        .and_then(|own| shard_in(session_of(own)))
}

pub(crate) fn opened(link: LinkId) -> Option<usize> {
    (link.0 >> 63 == 0).then_some((link.0 >> LINK_BITS) as usize)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use machines::identifiers::Source;
    use machines::port::{Flow, Transport};

    use super::*;

    fn sip(text: &str) -> Input {
        let text = text.replace('\n', "\r\n");
        Input::Sip {
            flow: Flow {
                transport: Transport::Udp,
                remote: SocketAddr::from(([127, 0, 0, 1], 5061)),
            },
            message: Message::parse(text.as_bytes()).expect("well-formed"),
        }
    }

    fn shard(input: &Input, shards: usize) -> usize {
        let config = Config {
            conference_factories: vec!["sip:f@x".into()],
            ..Config::default()
        };
        router(&config)(input, shards)
    }

    fn request(method: &str, uri: &str, to: &str) -> String {
        format!(
            "{method} {uri} SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\nMax-Forwards: 70\nFrom: <sip:a@x>;tag=a\nTo: <sip:f@x>{to}\nCall-ID: one\nCSeq: 1 {method}\nContact: <sip:a@127.0.0.1>\nContent-Length: 0\n\n"
        )
    }

    #[test]
    fn a_cancel_follows_its_invite() {
        let invite = shard(&sip(&request("INVITE", "sip:f@x", "")), 8);
        assert_eq!(shard(&sip(&request("CANCEL", "sip:f@x", "")), 8), invite);
    }

    #[test]
    fn our_marks_win() {
        let mut source = Source::new(9, 5);
        let tag = format!(";tag={}", source.tag());
        assert_eq!(shard(&sip(&request("BYE", "sip:f@x", &tag)), 8), 5);
        let identity = format!("sip:{}@x", source.session());
        assert_eq!(shard(&sip(&request("OPTIONS", &identity, "")), 8), 5);
        let link = crate::identifiers::Identifiers::new(1, 5).link();
        assert_eq!(shard(&Input::LinkUp { link }, 8), 5);
    }

    #[test]
    fn a_mark_of_a_shard_that_is_not_there_is_no_mark() {
        let tag = format!(";tag={}", Source::new(9, 700).tag());
        assert!(shard(&sip(&request("BYE", "sip:f@x", &tag)), 8) < 8);
    }

    #[test]
    fn all_of_a_group_meet() {
        let invite = request("INVITE", "sip:Friends@x", "");
        let other = invite.replace("Call-ID: one", "Call-ID: two");
        let subscribe = request("SUBSCRIBE", "sip:Friends@X;transport=tcp", "").replace("one", "3");
        let home = shard(&sip(&invite), 64);
        assert_eq!(shard(&sip(&other), 64), home);
        assert_eq!(shard(&sip(&subscribe), 64), home);
        let cancel = request("CANCEL", "sip:Friends@x", "");
        assert_eq!(shard(&sip(&cancel), 64), home);
        let another = |n| shard(&sip(&request("INVITE", &format!("sip:g{n}@x"), "")), 64);
        assert!((0..64).any(|n| another(n) != home));
    }
}
