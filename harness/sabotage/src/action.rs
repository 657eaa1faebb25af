//! What a mutation does to a message, as the data files say it.

use serde::Deserialize;
use trace::Protocol;

use crate::edit::{body, http, msrp, sip};

/// One change. Actions of a mutation are applied one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// The message never arrives.
    Drop,
    /// The message arrives twice.
    Duplicate,
    /// The message arrives, and after it a copy with these changes.
    Copy(Vec<Action>),
    /// Another status.
    Status {
        /// Three digits.
        code: u16,
        /// Reason phrase or comment.
        reason: String,
    },
    /// Another method, in the request line and in CSeq.
    Method(String),
    /// Another Request-URI.
    RequestUri(String),
    /// A request of this method to the receiver of the message, in the dialog of the message.
    DialogRequest(String),
    /// All header lines of this name disappear.
    Remove(String),
    /// One header line of this name with this value stands in the place of all.
    Set {
        /// Name.
        header: String,
        /// Value.
        value: String,
    },
    /// One more header line.
    Add {
        /// Name.
        header: String,
        /// Value.
        value: String,
    },
    /// Text behind the value of the first header line of this name.
    Append {
        /// Name.
        header: String,
        /// Text.
        text: String,
    },
    /// A parameter of the first header line of this name disappears.
    Strip {
        /// Name of the header.
        header: String,
        /// Name of the parameter.
        param: String,
    },
    /// A parameter of the first header line of this name gets this value.
    Param {
        /// Name of the header.
        header: String,
        /// Name of the parameter.
        name: String,
        /// Its value.
        value: String,
    },
    /// Text everywhere in the headers of this name (`header`), or in the body without `header`.
    Replace {
        /// Name of the header; the body when absent.
        #[serde(default)]
        header: Option<String>,
        /// What stands there.
        text: String,
        /// What shall stand there.
        with: String,
    },
    /// The body and its Content-Type disappear.
    RemoveBody,
    /// SDP attributes of this name disappear.
    RemoveAttribute(String),
    /// SDP attributes of this name get this value.
    SetAttribute {
        /// Name.
        name: String,
        /// Value.
        value: String,
    },
    /// SDP media of this kind get this port.
    MediaPort {
        /// Such as `audio`.
        media: String,
        /// The port.
        port: u16,
    },
    /// SDP media of this kind disappear with their lines.
    RemoveMedia(String),
    /// XML attributes of this name get this value, the XML declaration aside.
    XmlAttribute {
        /// Name.
        name: String,
        /// Value.
        value: String,
    },
}

impl Action {
    /// Changes one message into those that go on in its place.
    pub(crate) fn apply(&self, protocol: Protocol, bytes: Vec<u8>) -> Vec<Vec<u8>> {
        match (self, protocol) {
            (Self::Drop, _) => Vec::new(),
            (Self::Duplicate, _) => vec![bytes.clone(), bytes],
            (Self::Copy(actions), _) => {
                let copies = apply_all(actions, protocol, &bytes);
                std::iter::once(bytes).chain(copies).collect()
            }
            (_, Protocol::Msrp) => vec![self.apply_msrp(bytes)],
            (_, Protocol::Sip) => vec![self.apply_sip(bytes)],
            (_, Protocol::User) => vec![self.apply_user(bytes)],
            (_, Protocol::Http) => vec![self.apply_http(bytes)],
        }
    }

    fn apply_sip(&self, bytes: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Status { code, reason } => sip::status(bytes, *code, reason),
            Self::Method(method) => sip::method(bytes, method),
            Self::RequestUri(uri) => sip::request_uri(bytes, uri),
            Self::DialogRequest(method) => sip::dialog_request(&bytes, method),
            Self::Remove(header) => sip::remove(bytes, header),
            Self::Set { header, value } => sip::set(bytes, header, value),
            Self::Add { header, value } => sip::add(bytes, header, value),
            Self::Append { header, text } => sip::append(bytes, header, text),
            Self::Strip { header, param } => sip::param(bytes, header, param, None),
            Self::Param {
                header,
                name,
                value,
            } => sip::param(bytes, header, name, Some(value)),
            Self::Replace {
                header: Some(header),
                text,
                with,
            } => sip::replace(bytes, header, text, with),
            Self::Replace {
                header: None,
                text,
                with,
            } => body::change(bytes, |old| body::replace(old, text, with)),
            Self::RemoveBody => sip::remove(body::change(bytes, |_| Vec::new()), "Content-Type"),
            Self::RemoveAttribute(name) => {
                body::change(bytes, |old| body::attribute(old, name, None))
            }
            Self::SetAttribute { name, value } => {
                body::change(bytes, |old| body::attribute(old, name, Some(value)))
            }
            Self::MediaPort { media, port } => {
                body::change(bytes, |old| body::media_port(old, media, *port))
            }
            Self::RemoveMedia(media) => body::change(bytes, |old| body::remove_media(old, media)),
            Self::XmlAttribute { name, value } => {
                body::change(bytes, |old| body::xml_attribute(old, name, value))
            }
            Self::Drop | Self::Duplicate | Self::Copy(_) => bytes,
        }
    }

    /// Start lines differ from SIP, headers and bodies do not.
    fn apply_http(&self, bytes: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Status { code, reason } => http::status(bytes, *code, reason),
            Self::Method(method) => http::method(bytes, method),
            Self::RequestUri(target) => http::target(bytes, target),
            Self::DialogRequest(_) => bytes,
            _ => self.apply_sip(bytes),
        }
    }

    /// A line for or of the user has text changes only.
    fn apply_user(&self, bytes: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Replace {
                header: None,
                text,
                with,
            } => body::replace(&bytes, text, with),
            _ => bytes,
        }
    }

    /// MSRP has the header and text changes; what it has no meaning for leaves it as it is.
    fn apply_msrp(&self, bytes: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Status { code, reason } => msrp::status(bytes, *code, reason),
            Self::Remove(header) => msrp::header(bytes, header, None),
            Self::Set { header, value } => msrp::header(bytes, header, Some(value)),
            Self::Replace {
                header: None,
                text,
                with,
            } => body::replace(&bytes, text, with),
            _ => bytes,
        }
    }
}

/// Applies actions in order; each sees what the one before left.
pub(crate) fn apply_all(actions: &[Action], protocol: Protocol, bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut messages = vec![bytes.to_vec()];
    for action in actions {
        messages = messages
            .into_iter()
            .flat_map(|bytes| action.apply(protocol, bytes))
            .collect();
    }
    messages
}
