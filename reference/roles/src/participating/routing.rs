//! Finds the shard of an input: by our mark in dialogs, sessions and links, else by the call or by the user.

use std::hash::{DefaultHasher, Hash, Hasher};

use machines::identifiers::shard_in;
use machines::port::Input;
use wire::sip::{Message, Uri};

use super::{Config, Mode, Side};
use crate::groups::{name, name_of};
use crate::routing::{msrp, opened, shard_of_user};

/// Picks the shard of an input among [`Config::shards`]. At the terminating side what belongs to one user meets in one
/// shard: PUBLISH and REGISTER are found by the user, and so is the first request of a call.
///
/// Timers and failures of sending belong to the node that caused them, which only the driver knows: they give 0.
pub fn router(config: &Config) -> impl Fn(&Input, usize) -> usize + Send + Sync + 'static {
    let side = config.side;
    move |input, shards| {
        if shards < 2 {
            return 0;
        }
        let marked = match input {
            Input::Sip { message, .. } => Some(sip(side, message, shards)),
            Input::Msrp { link, frame } => msrp(frame).or_else(|| opened(*link)),
            Input::LinkUp { link }
            | Input::LinkDown { link }
            | Input::LinkFull { link }
            | Input::LinkDrained { link } => opened(*link),
            _ => None,
        };
        marked.filter(|shard| *shard < shards).unwrap_or(0)
    }
}

impl Config {
    /// How many shards the function may have on a machine of so many cores. A proxy has one: what passes through it
    /// bears no mark of ours.
    pub fn shards(&self, cores: usize) -> usize {
        match self.mode {
            Mode::B2bua => cores.max(1),
            Mode::Proxy => 1,
        }
    }
}

// Our tag is in To of requests that we get, and our branch in the Via of responses to requests of ours.
fn sip(side: Side, message: &Message, shards: usize) -> usize {
    let marked = |text: &str| shard_in(text).filter(|shard| *shard < shards);
    if !message.is_request() {
        let via = message.via();
        // What a proxy sends on has a mark of its own behind the branch.
        let branch = via.as_ref().and_then(|via| via.branch()?.split('.').next());
        return branch.and_then(marked).unwrap_or(0);
    }
    let to = message.to();
    if let Some(shard) = to.as_ref().and_then(|to| to.tag()).and_then(marked) {
        return shard;
    }
    // A session under the name that we gave it.
    let asked = message.uri().and_then(|uri| Uri::parse(uri).ok());
    let session = asked.and_then(|uri| uri.user);
    if let Some(shard) = session.as_deref().and_then(marked) {
        return shard;
    }
    let of_user = |user: Option<String>| shard_of_user(&user.unwrap_or_default(), shards);
    match (message.method(), side) {
        (Some("REGISTER"), _) => of_user(to.map(|to| name(&to.uri))),
        (_, Side::Terminating) => of_user(message.uri().and_then(name_of)),
        (_, Side::Originating) => {
            let mut hasher = DefaultHasher::new();
            message.call_id().hash(&mut hasher);
            (hasher.finish() % shards as u64) as usize
        }
    }
}
