//! Why a change was refused, as XCAP says it: 409 with `application/xcap-error+xml` (RFC 4825 section 11).

use wire::xml::Violation;
use wire::xml::node::Refused;

use super::Response;

/// A reason of a 409.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Conflict {
    NotWellFormed(String),
    NotXmlFragment,
    NotUtf8,
    NotAttributeValue,
    NoParent,
    CannotInsert,
    CannotDelete,
    SchemaValidation(String),
    /// The field whose value is taken, as a node selector.
    Uniqueness(&'static str),
    Constraint(String),
}

impl Conflict {
    pub(super) fn of_document(violation: &Violation) -> Conflict {
        let said = violation.to_string();
        match violation {
            Violation::NotWellFormed { .. } => Conflict::NotWellFormed(said),
            Violation::NotUtf8 => Conflict::NotUtf8,
            Violation::DocumentType
            | Violation::TooLarge { .. }
            | Violation::TooManyEntries { .. }
            | Violation::TooManyNodes => Conflict::Constraint(said),
            _ => Conflict::SchemaValidation(said),
        }
    }

    pub(super) fn of_part(refused: Refused) -> Conflict {
        match refused {
            Refused::NoParent | Refused::Nothing => Conflict::NoParent,
            Refused::CannotInsert => Conflict::CannotInsert,
            Refused::CannotDelete => Conflict::CannotDelete,
            Refused::NotXmlFragment => Conflict::NotXmlFragment,
            Refused::NotAttributeValue => Conflict::NotAttributeValue,
            Refused::Document(violation) => Conflict::of_document(&violation),
        }
    }

    pub(super) fn response(&self) -> Response {
        let (element, phrase) = match self {
            Conflict::NotWellFormed(said) => ("not-well-formed", said.as_str()),
            Conflict::NotXmlFragment => ("not-xml-frag", ""),
            Conflict::NotUtf8 => ("not-utf-8", ""),
            Conflict::NotAttributeValue => ("not-xml-att-value", ""),
            Conflict::NoParent => ("no-parent", ""),
            Conflict::CannotInsert => ("cannot-insert", ""),
            Conflict::CannotDelete => ("cannot-delete", ""),
            Conflict::SchemaValidation(said) => ("schema-validation-error", said.as_str()),
            Conflict::Uniqueness(_) => ("uniqueness-failure", ""),
            Conflict::Constraint(said) => ("constraint-failure", said.as_str()),
        };
        let phrase = match phrase {
            "" => String::new(),
            said => format!(" phrase=\"{}\"", escaped(said)),
        };
        let inner = match self {
            Conflict::Uniqueness(field) => {
                format!(
                    "<{element}{phrase}><exists field=\"{}\"/></{element}>",
                    escaped(field)
                )
            }
            _ => format!("<{element}{phrase}/>"),
        };
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<xcap-error xmlns=\"urn:ietf:params:xml:ns:xcap-error\">{inner}</xcap-error>\r\n"
        );
        Response::new(409).carrying("application/xcap-error+xml", body)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
