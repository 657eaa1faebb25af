//! Finds the shard that an input belongs to, from marks that the shard itself put into tags, identities and link ids.

use std::hash::{DefaultHasher, Hash, Hasher};

use machines::identifiers::shard_in;
use machines::port::{Input, LinkId};
use wire::msrp::Frame;
use wire::sip::{Message, Uri};

use crate::identifiers::LINK_BITS;
use crate::messaging::switch::session_of;

/// Picks the shard of `input` among `shards`: by the mark of the shard that made the dialog, session or link, else by Call-ID.
///
/// Timers and failures of sending belong to the node that caused them, which only the driver knows: they give 0.
pub fn route(input: &Input, shards: usize) -> usize {
    if shards < 2 {
        return 0;
    }
    let marked = match input {
        Input::Sip { message, .. } => Some(sip(message, shards)),
        Input::Msrp { link, frame } => msrp(frame).or_else(|| opened(*link)),
        Input::LinkUp { link }
        | Input::LinkDown { link }
        | Input::LinkFull { link }
        | Input::LinkDrained { link } => opened(*link),
        Input::Malformed { .. } | Input::SendFailed { .. } | Input::Fired(_) | Input::Shutdown => {
            None
        }
    };
    marked.filter(|shard| *shard < shards).unwrap_or(0)
}

// Our tag is in To of requests that we get and in From of responses to requests that we sent.
fn sip(message: &Message, shards: usize) -> usize {
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
    let identity = message
        .uri()
        .and_then(|uri| Uri::parse(uri).ok())
        .and_then(|uri| uri.user);
    if let Some(shard) = identity
        .as_deref()
        .and_then(shard_in)
        .filter(|shard| *shard < shards)
    {
        return shard;
    }
    let mut hasher = DefaultHasher::new();
    message.call_id().unwrap_or_default().hash(&mut hasher);
    (hasher.finish() % shards as u64) as usize
}

fn msrp(frame: &Frame) -> Option<usize> {
    frame
        .to_path
        .last()
        .and_then(|own| shard_in(session_of(own)))
}

fn opened(link: LinkId) -> Option<usize> {
    (link.0 >> 63 == 0).then_some((link.0 >> LINK_BITS) as usize)
}
