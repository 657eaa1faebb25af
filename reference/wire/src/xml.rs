//! The XML documents of the procedures: URI lists, conference state and groups.

use roxmltree::{Document, Node, ParsingOptions};

pub mod conference_info;
pub mod deferred_list;
pub mod group;
pub mod history;
pub mod node;
pub mod resource_lists;
pub mod ruleset;
pub mod service_settings;
#[cfg(test)]
mod tests;

/// Why a document was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// `active` is not a boolean.
    #[error("`active` is not a boolean (RFC 4575 section 5.5)")]
    Active,
    /// `anonymize` is not a boolean.
    #[error("`anonymize` is not a boolean (RFC 5364 section 5)")]
    Anonymize,
    /// An element that must say `true` or `false` says something else.
    #[error("`{element}` is not a boolean (XML Schema part 2, section 3.2.2)")]
    Boolean {
        /// Local name of the element.
        element: &'static str,
    },
    /// `copyControl` is none of `to`, `cc`, `bcc`.
    #[error("`copyControl` is none of `to`, `cc`, `bcc` (RFC 5364 section 5)")]
    CopyControl,
    /// A document type declaration: never needed here, and a door to entity expansion.
    #[error("a document type declaration is refused (RFC 3470 section 4.1)")]
    DocumentType,
    /// `conference-info` names no conference.
    #[error("`conference-info` without `entity` (RFC 4575 section 5.2)")]
    Entity,
    /// An entry without address.
    #[error("an `entry` without `uri` (RFC 4826 section 3.2)")]
    EntryWithoutUri,
    /// Not one `list-service` that names its group.
    #[error("a `group` holds one `list-service` with a `uri` (Group XDM, list-service schema)")]
    ListService,
    /// `max-participant-count` is not an unsigned number.
    #[error("`max-participant-count` is not an unsigned number (Group XDM, list-service schema)")]
    MaxParticipantCount,
    /// Not XML, or beyond what we read.
    #[error("line {line}, column {column}: not well-formed (XML 1.0 section 2.1)")]
    NotWellFormed {
        /// From 1.
        line: u32,
        /// From 1, in characters.
        column: u32,
    },
    /// The octets are not UTF-8.
    #[error("the document is not UTF-8 (RFC 7303 section 3)")]
    NotUtf8,
    /// A recording that is not referred to.
    #[error("a `history` without `history-reference` (OMA IM XDM, history list)")]
    Reference,
    /// Another root element, or another namespace.
    #[error("unexpected root element or namespace (RFC 4826 section 3.2, RFC 4575 section 5.1)")]
    Root,
    /// A rule without an `id` of its own.
    #[error("a `rule` has no `id`, or one that another rule has (RFC 4745 section 7.1)")]
    RuleId,
    /// `state` is none of `full`, `partial`, `deleted`.
    #[error("`state` is none of `full`, `partial`, `deleted` (RFC 4575 section 4.4)")]
    State,
    /// The document exceeds the limit.
    #[error("the document exceeds {limit} octets (RFC 4826 section 3.1)")]
    TooLarge {
        /// Octets allowed.
        limit: usize,
    },
    /// More entries or users than we read.
    #[error("more than {limit} entries (RFC 4826 section 3.2)")]
    TooManyEntries {
        /// Entries allowed.
        limit: usize,
    },
    /// More elements, attributes or namespaces than we read.
    #[error(
        "more elements, attributes or namespaces than are read of a document (RFC 3470 section 7)"
    )]
    TooManyNodes,
    /// `user-count` is not an unsigned number.
    #[error("`user-count` is not an unsigned number (RFC 4575 section 5.5)")]
    UserCount,
    /// `version` is missing or not an unsigned number.
    #[error("`version` is missing or not an unsigned number (RFC 4575 section 5.2)")]
    Version,
}

/// The text of a document within the limits, its byte order mark cut off.
fn text(document: &[u8]) -> Result<&str, Violation> {
    text_within(document, OCTETS)
}

fn text_within(document: &[u8], limit: usize) -> Result<&str, Violation> {
    if document.len() > limit {
        return Err(Violation::TooLarge { limit });
    }
    let text = std::str::from_utf8(document).map_err(|_| Violation::NotUtf8)?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn tree(text: &str) -> Result<Document<'_>, Violation> {
    tree_within(text, NODES)
}

fn tree_within(text: &str, nodes_limit: u32) -> Result<Document<'_>, Violation> {
    if exhausting(text) {
        return Err(Violation::TooManyNodes);
    }
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => Violation::DocumentType,
        roxmltree::Error::NodesLimitReached => Violation::TooManyNodes,
        other => Violation::NotWellFormed {
            line: other.pos().row,
            column: other.pos().col,
        },
    })
}

/// Whether the parser's work would grow with the square of the size: it compares each attribute with
/// all others of its element, and hands all namespaces down to each element that declares one.
fn exhausting(text: &str) -> bool {
    let attributes = |tag: &[u8]| tag.iter().filter(|octet| **octet == b'=').count();
    let mut tags = text.as_bytes().split(|octet| *octet == b'<');
    tags.any(|tag| attributes(tag) > ATTRIBUTES)
        || memchr::memmem::find_iter(text.as_bytes(), "xmlns")
            .nth(NAMESPACES)
            .is_some()
}

/// All character data directly inside an element, trimmed.
fn content(node: Node<'_, '_>) -> String {
    let text: String = node
        .children()
        .filter_map(|child| child.is_text().then(|| child.text())?)
        .collect();
    text.trim_matches(BLANKS).to_owned()
}

fn child<'a, 'i>(node: Node<'a, 'i>, namespace: &str, name: &str) -> Option<Node<'a, 'i>> {
    node.children()
        .find(|child| child.has_tag_name((namespace, name)))
}

/// Escapes for attribute values and text alike; characters XML cannot carry become U+FFFD.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' => escaped.push_str("&#9;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];
const OCTETS: usize = 65_535;
const NODES: u32 = 16_384;
const ENTRIES: usize = 1024;
const ATTRIBUTES: usize = 256;
const NAMESPACES: usize = 256;
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n";
