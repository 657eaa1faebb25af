//! What a user and the client say to each other: one JSON object a line, either way.

use serde::{Deserialize, Serialize};

/// What the user wants.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub enum Command {
    /// Register where credentials are configured, then say [`Told::Ready`].
    Start,
    /// Call one user, several users by the conference factory, or a pre-defined group.
    Invite {
        /// The name that the call shall have.
        call: String,
        /// Addresses of users.
        #[serde(default)]
        to: Vec<String>,
        /// Address of a group, instead of users.
        #[serde(default)]
        group: Option<String>,
        /// Whether the others shall not learn who calls.
        #[serde(default)]
        anonymous: bool,
    },
    /// Take an incoming call.
    Accept {
        /// Its name.
        call: String,
    },
    /// Turn an incoming call down.
    Reject {
        /// Its name.
        call: String,
        /// The status code; 486 unless said.
        #[serde(default)]
        code: Option<u16>,
    },
    /// Leave a session, or give up a call.
    Leave {
        /// Its name.
        call: String,
        /// Whether to ask for privacy on the way out.
        #[serde(default)]
        anonymous: bool,
    },
    /// Offer other content types.
    Modify {
        /// The call.
        call: String,
        /// The types.
        types: Vec<String>,
    },
    /// Keep a session alive now.
    Refresh {
        /// The call.
        call: String,
    },
    /// Make a session of more users out of one of two.
    Extend {
        /// The session of two.
        call: String,
        /// The name of the new one.
        #[serde(rename = "as")]
        name: String,
        /// The users to add.
        with: Vec<String>,
    },
    /// Follow who is in a session.
    Subscribe {
        /// The call.
        call: String,
    },
    /// Say something in a session.
    Send {
        /// The call.
        call: String,
        /// What.
        text: String,
        /// To one participant alone.
        #[serde(default)]
        to: Option<String>,
    },
    /// Open a session by the conference factory and deliver what was recorded; for an IM History Function.
    Deliver {
        /// The name that the session shall have.
        call: String,
        /// The reference of one recording; everything unless said.
        #[serde(default)]
        recording: Option<String>,
    },
    /// Send a message outside of sessions.
    Message {
        /// To whom: users or a group.
        to: Vec<String>,
        /// What.
        text: String,
    },
    /// End every session, then stop.
    Quit,
}

/// What the user is told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Told {
    /// The client can be used.
    Ready {
        /// Where it hears SIP.
        address: String,
    },
    /// Somebody calls.
    Incoming {
        /// The name that the client gave to the call.
        call: String,
        /// Who.
        from: String,
        /// The caller's display name.
        name: Option<String>,
    },
    /// The other end rings.
    Ringing {
        /// The call.
        call: String,
    },
    /// The session is there.
    Established {
        /// The call.
        call: String,
        /// The IM Session Identity.
        session: String,
        /// Whether it is a session of a group.
        group: bool,
    },
    /// The call was turned down; code 408 when nobody answered.
    Refused {
        /// The call.
        call: String,
        /// The status code.
        code: u16,
        /// Its reason, or what was warned of.
        text: String,
    },
    /// Other parameters hold now.
    Modified {
        /// The call.
        call: String,
    },
    /// The call is over.
    Ended {
        /// The call.
        call: String,
        /// Why.
        why: String,
    },
    /// A message came.
    Text {
        /// The call; none: it came outside of sessions.
        call: Option<String>,
        /// From whom.
        from: String,
        /// What.
        text: String,
    },
    /// A message of the user arrived.
    Delivered {
        /// The call; none: it was sent outside of sessions.
        call: Option<String>,
        /// What.
        text: String,
    },
    /// Who is in a session.
    Participants {
        /// The call.
        call: String,
        /// Everybody known.
        list: Vec<Participant>,
    },
    /// Something the user should see: limits, problems.
    Notice {
        /// What.
        text: String,
    },
    /// The client does not offer this action.
    Cannot {
        /// The action.
        #[serde(rename = "do")]
        action: String,
        /// Why not.
        why: String,
    },
}

/// Somebody in a session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Participant {
    /// The user's address.
    pub address: String,
    /// The display name.
    pub name: Option<String>,
    /// `connected`, `disconnected`, ... (RFC 4575 5.7.3).
    pub status: Option<String>,
}

impl Command {
    /// Reads a line; unknown fields do not matter.
    pub fn read(line: &str) -> Result<Command, serde_json::Error> {
        serde_json::from_str(line)
    }

    /// The line for this command.
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The action that a line asks for when it is none of [`Command`].
pub(super) fn action(line: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(line).ok()?;
    let action = value.get("do")?.as_str()?;
    (!ACTIONS.contains(&action)).then(|| action.to_owned())
}

const ACTIONS: [&str; 13] = [
    "start",
    "invite",
    "accept",
    "reject",
    "leave",
    "modify",
    "refresh",
    "extend",
    "subscribe",
    "send",
    "deliver",
    "message",
    "quit",
];

impl Told {
    /// Reads a line; unknown fields do not matter.
    pub fn read(line: &str) -> Result<Told, serde_json::Error> {
        serde_json::from_str(line)
    }

    /// The line for this event.
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
