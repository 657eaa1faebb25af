//! Parts of a document by node selector (RFC 4825 section 6.3): read, put and deleted as text, the rest untouched.

mod parse;

use std::ops::Range;

use roxmltree::{Attribute, Document, Node};

use super::Violation;
use parse::{qualified, split, step};

/// A path to one element, one attribute, or the namespaces of one element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    steps: Vec<Step>,
    end: End,
}

/// How a selector ends; what is asked for and put is of this kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The element itself.
    Element,
    /// An attribute: namespace, empty for none, and local name.
    Attribute(String, String),
    /// `namespace::*`: the bindings that the element is under.
    Namespaces,
}

/// One step: elements by name, then by place, then by an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    /// Namespace and local name; any name when absent.
    name: Option<(String, String)>,
    place: Option<usize>,
    attribute: Option<(String, String, String)>,
}

/// Why a part cannot be put or deleted; the words of RFC 4825 section 11.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing, or more than one element, is where the part should go.
    #[error("no single element is at the place of the parent")]
    NoParent,
    /// After the change the selector would not give what was put.
    #[error("the selector would not select what was put")]
    CannotInsert,
    /// After the change the selector would select something else.
    #[error("the selector would select another part")]
    CannotDelete,
    /// The body is not one element.
    #[error("the body is not one well-formed element")]
    NotXmlFragment,
    /// The body is no attribute value.
    #[error("the body is not an attribute value")]
    NotAttributeValue,
    /// There is nothing to delete.
    #[error("nothing is selected")]
    Nothing,
    /// The document itself cannot be read.
    #[error(transparent)]
    Document(#[from] Violation),
}

/// A document with a part put into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The whole document.
    pub document: String,
    /// Whether the part was not there before.
    pub created: bool,
}

impl Selector {
    /// Reads a selector, already percent-decoded, without the slash before it. `None` when it is none.
    ///
    /// `bindings` are prefixes and namespaces of the query; a name without prefix is of namespace `usual`.
    pub fn parse(text: &str, bindings: &[(String, String)], usual: &str) -> Option<Selector> {
        let mut steps = Vec::new();
        let mut end = End::Element;
        for part in split(text)? {
            if steps.len() == STEPS || end != End::Element {
                return None;
            }
            if part == "namespace::*" {
                end = End::Namespaces;
            } else if let Some(name) = part.strip_prefix('@') {
                let (space, name) = qualified(name, bindings, "")?;
                end = End::Attribute(space, name);
            } else {
                steps.push(step(&part, bindings, usual)?);
            }
        }
        (!steps.is_empty()).then_some(Selector { steps, end })
    }

    /// What kind of part it selects.
    pub fn end(&self) -> &End {
        &self.end
    }

    /// The selected part as it stands in the document; `None` when nothing, or more than one, is selected.
    pub fn get(&self, document: &[u8]) -> Result<Option<String>, Violation> {
        let text = text(document)?;
        let tree = tree(text)?;
        let Some(element) = self.element(&tree) else {
            return Ok(None);
        };
        Ok(match &self.end {
            End::Element => Some(text[element.range()].to_owned()),
            End::Attribute(space, name) => {
                attribute(element, space, name).map(|found| text[found.range_value()].to_owned())
            }
            End::Namespaces => Some(bindings_of(element, text)),
        })
    }

    /// The document with `part` in the selected place, in the place of what is there now.
    pub fn put(&self, document: &[u8], part: &str) -> Result<Changed, Refused> {
        let text = text(document)?;
        let tree = tree(text)?;
        let (place, with, created) = match &self.end {
            End::Element => self.place_of_element(&tree, part)?,
            End::Attribute(space, name) => {
                self.place_of_attribute(&tree, space, name, part, text)?
            }
            End::Namespaces => return Err(Refused::CannotInsert),
        };
        let mut document = text.to_owned();
        document.replace_range(place, &with);
        // RFC 4825 section 8.2: what was put is what the same address then gives.
        match self.get(document.as_bytes()) {
            Ok(Some(found)) if found == part.trim_matches(super::BLANKS) || found == part => {
                Ok(Changed { document, created })
            }
            Ok(_) => Err(Refused::CannotInsert),
            Err(_) if self.end == End::Element => Err(Refused::NotXmlFragment),
            Err(_) => Err(Refused::NotAttributeValue),
        }
    }

    /// The document without the selected part.
    pub fn delete(&self, document: &[u8]) -> Result<String, Refused> {
        let text = text(document)?;
        let tree = tree(text)?;
        let element = self.element(&tree).ok_or(Refused::Nothing)?;
        let place = match &self.end {
            End::Element if element == tree.root_element() => return Err(Refused::CannotDelete),
            End::Element => element.range(),
            End::Attribute(space, name) => {
                let found = attribute(element, space, name)
                    .ok_or(Refused::Nothing)?
                    .range();
                let blanks = text[..found.start].trim_end_matches(super::BLANKS).len();
                blanks..found.end
            }
            End::Namespaces => return Err(Refused::CannotDelete),
        };
        let mut document = text.to_owned();
        document.replace_range(place, "");
        match self.get(document.as_bytes())? {
            None => Ok(document),
            Some(_) => Err(Refused::CannotDelete),
        }
    }

    /// The one element that the steps lead to.
    fn element<'a, 'i>(&self, tree: &'a Document<'i>) -> Option<Node<'a, 'i>> {
        let found = walk(tree, &self.steps);
        (found.len() == 1).then(|| found[0])
    }

    fn place_of_element(
        &self,
        tree: &Document<'_>,
        part: &str,
    ) -> Result<(Range<usize>, String, bool), Refused> {
        let part = part.trim_matches(super::BLANKS);
        let found = walk(tree, &self.steps);
        if let [one] = found[..] {
            let around = one.parent_element().unwrap_or(one);
            fragment(part, around)?;
            return Ok((one.range(), part.to_owned(), false));
        }
        if !found.is_empty() {
            return Err(Refused::CannotInsert);
        }
        let (last, before) = self.steps.split_last().ok_or(Refused::NoParent)?;
        let parents = walk(tree, before);
        let [parent] = parents[..] else {
            return Err(Refused::NoParent);
        };
        if before.is_empty() {
            return Err(Refused::CannotInsert);
        }
        fragment(part, parent)?;
        let siblings: Vec<_> = parent
            .children()
            .filter(|child| last.names(*child))
            .collect();
        let at = match (last.place, siblings.last()) {
            (Some(place), _) if place <= siblings.len() => siblings[place - 1].range().start,
            (Some(place), _) if place > siblings.len() + 1 => return Err(Refused::CannotInsert),
            (_, Some(sibling)) => sibling.range().end,
            (_, None) => match inside(parent) {
                Some(at) => at,
                None => return Ok(opened(parent, part)),
            },
        };
        Ok((at..at, part.to_owned(), true))
    }

    fn place_of_attribute(
        &self,
        tree: &Document<'_>,
        space: &str,
        name: &str,
        value: &str,
        text: &str,
    ) -> Result<(Range<usize>, String, bool), Refused> {
        if value.contains(['<', '"', '\'', '\t', '\n', '\r']) {
            return Err(Refused::NotAttributeValue);
        }
        let element = self.element(tree).ok_or(Refused::NoParent)?;
        if let Some(found) = attribute(element, space, name) {
            return Ok((found.range_value(), value.to_owned(), false));
        }
        let prefix = match space {
            "" => String::new(),
            _ => match element.lookup_prefix(space) {
                Some(prefix) if !prefix.is_empty() => format!("{prefix}:"),
                _ => return Err(Refused::CannotInsert),
            },
        };
        let start = element.range().start + 1;
        let name_end = text[start..]
            .find([' ', '\t', '\r', '\n', '/', '>'])
            .map_or(text.len(), |length| start + length);
        Ok((
            name_end..name_end,
            format!(" {prefix}{name}=\"{value}\""),
            true,
        ))
    }
}

impl Step {
    fn names(&self, node: Node<'_, '_>) -> bool {
        let name = node.tag_name();
        node.is_element()
            && self.name.as_ref().is_none_or(|(space, local)| {
                name.name() == local && name.namespace().unwrap_or_default() == space
            })
    }
}

/// All elements that the steps lead to.
fn walk<'a, 'i>(tree: &'a Document<'i>, steps: &[Step]) -> Vec<Node<'a, 'i>> {
    let mut found = vec![tree.root()];
    for step in steps {
        found = found
            .into_iter()
            .flat_map(|node| {
                let named = node.children().filter(|child| step.names(*child));
                let placed: Vec<_> = match step.place {
                    Some(place) => named.skip(place - 1).take(1).collect(),
                    None => named.collect(),
                };
                placed.into_iter().filter(|child| match &step.attribute {
                    Some((space, name, value)) => {
                        attribute(*child, space, name).is_some_and(|found| found.value() == value)
                    }
                    None => true,
                })
            })
            .collect();
    }
    found
}

fn attribute<'a, 'i>(node: Node<'a, 'i>, space: &str, name: &str) -> Option<Attribute<'a, 'i>> {
    node.attributes()
        .find(|found| found.name() == name && found.namespace().unwrap_or_default() == space)
}

/// Where the content of an element ends; `None` when it is written as an empty-element tag.
fn inside(parent: Node<'_, '_>) -> Option<usize> {
    let text = &parent.document().input_text()[parent.range()];
    match text.ends_with("/>") && parent.children().next().is_none() {
        true => None,
        false => text.rfind("</").map(|at| parent.range().start + at),
    }
}

/// `<a/>` as `<a>part</a>`.
fn opened(parent: Node<'_, '_>, part: &str) -> (Range<usize>, String, bool) {
    let text = &parent.document().input_text()[parent.range()];
    let name = text[1..]
        .split([' ', '\t', '\r', '\n', '/', '>'])
        .next()
        .unwrap_or_default();
    let end = parent.range().end;
    (end - 2..end, format!(">{part}</{name}>"), true)
}

/// The part must be one element under the namespaces of the element around it.
fn fragment(part: &str, around: Node<'_, '_>) -> Result<(), Refused> {
    let mut wrapped = "<w".to_owned();
    for space in around.namespaces() {
        match space.name() {
            Some("xml") => {}
            Some(prefix) => {
                wrapped += &format!(" xmlns:{prefix}=\"{}\"", super::escape(space.uri()))
            }
            None => wrapped += &format!(" xmlns=\"{}\"", super::escape(space.uri())),
        }
    }
    wrapped += &format!(">{part}</w>");
    let tree = tree(&wrapped).map_err(|_| Refused::NotXmlFragment)?;
    let mut children = tree.root_element().children();
    let one = children.next().is_some_and(|child| child.is_element());
    match one && children.next().is_none() {
        true => Ok(()),
        false => Err(Refused::NotXmlFragment),
    }
}

fn bindings_of(element: Node<'_, '_>, text: &str) -> String {
    let start = &text[element.range().start + 1..];
    let name = start
        .split([' ', '\t', '\r', '\n', '/', '>'])
        .next()
        .unwrap_or_default();
    let mut out = format!("<{name}");
    for space in element
        .namespaces()
        .filter(|space| space.name() != Some("xml"))
    {
        let prefix = space
            .name()
            .map(|prefix| format!(":{prefix}"))
            .unwrap_or_default();
        out += &format!(" xmlns{prefix}=\"{}\"", super::escape(space.uri()));
    }
    out + "/>"
}

fn text(document: &[u8]) -> Result<&str, Violation> {
    super::text_within(document, OCTETS)
}

fn tree(text: &str) -> Result<Document<'_>, Violation> {
    super::tree_within(text, NODES)
}

const OCTETS: usize = 1 << 20;
const NODES: u32 = 100_000;
const STEPS: usize = 32;

#[cfg(test)]
mod tests;
