//! URI lists (RFC 4826) with copy control (RFC 5364).

use roxmltree::Node;

use super::Violation;

/// One recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The recipient's address, surrounding blanks cut off, otherwise verbatim.
    pub uri: String,
    /// `display-name`, if any, surrounding blanks cut off.
    pub display_name: Option<String>,
    /// `to`, `cc` or `bcc`; absent means `bcc` (RFC 5364 section 4).
    pub copy_control: Option<String>,
    /// Whether the recipient's address is hidden from the others (RFC 5364 section 4).
    pub anonymize: bool,
}

/// Reads a list: nested lists flattened in document order, duplicates kept.
///
/// References (`entry-ref`, `external`) point to other documents and are passed over
/// (RFC 5366 section 4 allows a flat list only). The copy control namespace is compared exactly.
pub fn parse(document: &[u8]) -> Result<Vec<Entry>, Violation> {
    let text = super::text(document)?;
    let tree = super::tree(text)?;
    let root = tree.root_element();
    if !root.has_tag_name((LISTS, "resource-lists")) {
        return Err(Violation::Root);
    }
    let mut entries = Vec::new();
    for node in root
        .descendants()
        .filter(|node| node.has_tag_name((LISTS, "entry")))
    {
        if !node
            .parent()
            .is_some_and(|parent| parent.has_tag_name((LISTS, "list")))
        {
            continue;
        }
        if entries.len() == super::ENTRIES {
            return Err(Violation::TooManyEntries {
                limit: super::ENTRIES,
            });
        }
        entries.push(entry(node)?);
    }
    Ok(entries)
}

/// The addresses of each list of a document, nested lists apart: for rules that hold within one list.
pub fn lists(document: &[u8]) -> Result<Vec<Vec<String>>, Violation> {
    parse(document)?;
    let tree = super::tree(super::text(document)?)?;
    let lists = tree
        .descendants()
        .filter(|node| node.has_tag_name((LISTS, "list")));
    let addresses = |list: Node<'_, '_>| {
        let entries = list
            .children()
            .filter(|node| node.has_tag_name((LISTS, "entry")));
        entries
            .filter_map(|entry| entry.attribute("uri").map(str::to_owned))
            .collect()
    };
    Ok(lists.map(addresses).collect())
}

/// Writes one flat list; `copyControl` must be a permitted word to be read back.
pub fn write(entries: &[Entry]) -> Vec<u8> {
    let mut text = format!(
        "{}<resource-lists xmlns=\"{LISTS}\" xmlns:cp=\"{CONTROL}\">\r\n  <list>\r\n",
        super::DECLARATION
    );
    for entry in entries {
        text += &format!("    <entry uri=\"{}\"", super::escape(&entry.uri));
        if let Some(control) = &entry.copy_control {
            text += &format!(" cp:copyControl=\"{}\"", super::escape(control));
        }
        if entry.anonymize {
            text += " cp:anonymize=\"true\"";
        }
        match &entry.display_name {
            Some(name) => {
                text += &format!(
                    "><display-name>{}</display-name></entry>\r\n",
                    super::escape(name)
                );
            }
            None => text += "/>\r\n",
        }
    }
    text += "  </list>\r\n</resource-lists>\r\n";
    text.into_bytes()
}

fn entry(node: Node<'_, '_>) -> Result<Entry, Violation> {
    let uri = node
        .attribute("uri")
        .map(|uri| uri.trim_matches(super::BLANKS))
        .unwrap_or_default();
    if uri.is_empty() {
        return Err(Violation::EntryWithoutUri);
    }
    let copy_control = match node.attribute((CONTROL, "copyControl")) {
        None => None,
        Some(word @ ("to" | "cc" | "bcc")) => Some(word.to_owned()),
        Some(_) => return Err(Violation::CopyControl),
    };
    let anonymize = match node
        .attribute((CONTROL, "anonymize"))
        .map(|word| word.trim_matches(super::BLANKS))
    {
        None | Some("false" | "0") => false,
        Some("true" | "1") => true,
        Some(_) => return Err(Violation::Anonymize),
    };
    let display_name = super::child(node, LISTS, "display-name").map(super::content);
    Ok(Entry {
        uri: uri.to_owned(),
        display_name,
        copy_control,
        anonymize,
    })
}

const LISTS: &str = "urn:ietf:params:xml:ns:resource-lists";
const CONTROL: &str = "urn:ietf:params:xml:ns:copycontrol";
