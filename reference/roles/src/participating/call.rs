//! One session through a B2BUA: two dialogs, and what each end has been shown of the other.

use machines::dialog::Dialog;
use machines::port::{Flow, Transport};
use machines::session_timer::SessionTimer;
use machines::transactions::Key;
use wire::sdp::Media;
use wire::sip::{Message, Params, Uri};

use super::user_plane::Face;

/// The two ends of a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum End {
    /// Who sent the first INVITE.
    Caller,
    /// Who was sent ours.
    Callee,
}

impl End {
    pub(super) const BOTH: [Self; 2] = [Self::Caller, Self::Callee];

    pub(super) fn other(self) -> Self {
        match self {
            Self::Caller => Self::Callee,
            Self::Callee => Self::Caller,
        }
    }
}

/// Our side of one of the two dialogs.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) dialog: Option<Dialog>,
    /// Where the first request came from or went, whose transport later ones prefer.
    pub(super) flow: Flow,
    /// The methods that this end announced last.
    pub(super) allow: Vec<String>,
    /// Whether this end is a session and no user.
    pub(super) focus: bool,
    pub(super) face: Face,
}

/// An offer that waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub(super) from: End,
    /// The server transaction that brought it, or whose 2xx will.
    pub(super) key: Key,
    /// Its MSRP line, if it has one, and where that stands.
    pub(super) taken: Option<(usize, Media)>,
}

/// A session through the B2BUA.
#[derive(Debug)]
pub(super) struct Call {
    /// Name of the user that this function serves.
    pub(super) served: String,
    /// The user part under which one end is told of the session that is the other; it bears the mark of our shard.
    pub(super) identity: String,
    caller: Leg,
    callee: Leg,
    pub(super) offer: Option<Offer>,
    /// The INVITE or UPDATE that is open, by its server transaction.
    pub(super) changing: Option<(End, Key)>,
    pub(super) timer: SessionTimer,
    pub(super) ending: bool,
}

impl Call {
    pub(super) fn new(served: String, identity: String, caller: Leg, callee: Leg) -> Self {
        Self {
            served,
            identity,
            caller,
            callee,
            offer: None,
            changing: None,
            timer: SessionTimer::new(),
            ending: false,
        }
    }

    pub(super) fn leg(&self, end: End) -> &Leg {
        match end {
            End::Caller => &self.caller,
            End::Callee => &self.callee,
        }
    }

    pub(super) fn leg_mut(&mut self, end: End) -> &mut Leg {
        match end {
            End::Caller => &mut self.caller,
            End::Callee => &mut self.callee,
        }
    }

    /// The address of the end that has this user part, under which the other end has been told of it.
    pub(super) fn shows(&self, user: &str) -> Option<&Uri> {
        let mut legs = [&self.callee, &self.caller].into_iter();
        legs.find_map(|leg| {
            let target = &leg.dialog.as_ref()?.target;
            let shown = match leg.focus {
                true => Some(self.identity.as_str()),
                false => target.user.as_deref(),
            };
            (shown == Some(user)).then_some(target)
        })
    }

    /// Whether both dialogs stand.
    pub(super) fn is_established(&self) -> bool {
        self.caller.dialog.is_some() && self.callee.dialog.is_some()
    }
}

/// A request of one leg that made its own on the other.
#[derive(Clone, Debug)]
pub(super) struct Passing {
    pub(super) call: u64,
    /// Where it came from.
    pub(super) from: End,
    /// Its server transaction.
    pub(super) server: Key,
    /// As it was received, without its body.
    pub(super) received: Message,
    /// The method on the other leg, and the number of the request there.
    pub(super) method: String,
    pub(super) cseq: u32,
    /// Whether a final response has gone back.
    pub(super) answered: bool,
}

impl Passing {
    /// An UPDATE that the other end does not allow goes as a re-INVITE.
    pub(super) fn is_converted(&self) -> bool {
        self.received.method() != Some(&self.method)
    }
}

/// Whether a message comes from a session and not from a user (RFC 4579 5.1).
pub(super) fn is_focus(theirs: &Message) -> bool {
    let contact = theirs.contact();
    contact.is_some_and(|contact| contact.params.has("isfocus"))
}

/// What one end is told in Contact: our address, with the features of the other end. A user keeps the name; a session
/// gets `identity`, so that whoever asks for it finds our shard, in another dialog too.
pub(super) fn contact(
    theirs: &Message,
    identity: &str,
    ours: std::net::SocketAddr,
    transport: Transport,
) -> String {
    let focus = is_focus(theirs);
    let theirs = theirs.contact();
    let user = theirs.as_ref().and_then(|contact| contact.uri.user.clone());
    let user = user.filter(|_| !focus);
    let user = user.or_else(|| focus.then(|| identity.to_owned()));
    let user = user.map(|user| format!("{user}@")).unwrap_or_default();
    let mut features = theirs.map_or(Params::default(), |contact| contact.params);
    features.remove("q");
    features.remove("expires");
    let transport = match transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
    };
    format!("<sip:{user}{ours};transport={transport}>{features}")
}

/// Copies what is meant for the other end: nothing of the dialog, the way or the hop.
pub(super) fn copy_headers(from: &Message, to: &mut Message, trusted: bool) {
    for header in &from.headers {
        let name = wire::sip::full(&header.name);
        let own = OWN.iter().any(|own| own.eq_ignore_ascii_case(name));
        let asserted = name.eq_ignore_ascii_case("P-Asserted-Identity");
        if own || (asserted && !trusted) {
            continue;
        }
        if ["Supported", "Require"]
            .iter()
            .any(|list| list.eq_ignore_ascii_case(name))
        {
            continue;
        }
        to.push(&header.name, header.value.clone());
    }
    for list in ["Supported", "Require"] {
        let kept: Vec<String> = from
            .values(list)
            .into_iter()
            .filter(|tag| understood(tag))
            .collect();
        if !kept.is_empty() {
            to.push(list, kept.join(", "));
        }
    }
}

/// Whether an extension works across a B2BUA that passes its headers on; 100rel does not.
pub(super) fn understood(tag: &str) -> bool {
    EXTENSIONS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(tag.trim()))
}

// What names a dialog, a way or a hop, or is written with the body.
const OWN: [&str; 18] = [
    "Via",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Contact",
    "Route",
    "Record-Route",
    "Max-Forwards",
    "Content-Length",
    "Content-Type",
    "Path",
    "Service-Route",
    "RAck",
    "RSeq",
    "Proxy-Require",
    "Timestamp",
    "Replaces",
];

const EXTENSIONS: [&str; 8] = [
    "timer",
    "replaces",
    "norefersub",
    "recipient-list-invite",
    "recipient-list-message",
    "recipient-list-subscribe",
    "eventlist",
    "multiple-refer",
];

/// What is left of Max-Forwards for the other leg; none: it has come too far.
pub(super) fn hops_left(message: &Message) -> Option<u32> {
    let value = message.header("Max-Forwards").unwrap_or("70");
    value
        .trim()
        .parse::<u32>()
        .unwrap_or(70)
        .min(255)
        .checked_sub(1)
}
