//! A pull reader over one part: elements with their attributes, and text; document types are refused.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use super::{DAMAGED, Fault};

/// Deepest nesting that is read.
const DEPTH: usize = 256;

/// What comes next.
#[derive(Debug)]
pub(super) enum Piece {
    End(String),
    Finish,
    /// Name without prefix, and attributes without prefixes.
    Start(String, BTreeMap<String, String>),
    Text(String),
}

pub(super) struct Pull<'a> {
    reader: Reader<&'a [u8]>,
    part: &'static str,
    depth: usize,
}

impl<'a> Pull<'a> {
    pub(super) fn of(part: &'static str, text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            part,
            depth: 0,
        }
    }

    pub(super) fn next(&mut self) -> Result<Piece, Fault> {
        loop {
            let event = self
                .reader
                .read_event()
                .map_err(|error| self.fault(&error.to_string()))?;
            match event {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > DEPTH {
                        return Err(self.fault(&format!("nested deeper than {DEPTH} elements")));
                    }
                    let attributes = self.attributes(&start)?;
                    return Ok(Piece::Start(local(start.local_name().as_ref()), attributes));
                }
                Event::End(end) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Piece::End(local(end.local_name().as_ref())));
                }
                Event::Text(text) => {
                    let text = text
                        .decode()
                        .map_err(|error| self.fault(&error.to_string()))?;
                    return Ok(Piece::Text(text.into_owned()));
                }
                Event::CData(data) => return Ok(Piece::Text(local(&data))),
                Event::GeneralRef(reference) => {
                    let known = reference.resolve_char_ref().ok().flatten();
                    let named = match &*reference {
                        b"amp" => Some('&'),
                        b"lt" => Some('<'),
                        b"gt" => Some('>'),
                        b"quot" => Some('"'),
                        b"apos" => Some('\''),
                        _ => None,
                    };
                    let Some(character) = known.or(named) else {
                        return Err(self.fault(&format!(
                            "the entity &{}; is not defined",
                            local(&reference)
                        )));
                    };
                    return Ok(Piece::Text(character.to_string()));
                }
                Event::DocType(_) => {
                    return Err((
                        format!(
                            "word/{} declares a document type, which could define entities without end",
                            self.part
                        ),
                        "no word processor writes one; save the document anew",
                    ));
                }
                Event::Eof if self.depth > 0 => return Err(self.fault("it ends inside an element")),
                Event::Eof => return Ok(Piece::Finish),
                Event::Comment(_) | Event::Decl(_) | Event::Empty(_) | Event::PI(_) => {}
            }
        }
    }

    /// Passes over the rest of the element that was just opened.
    pub(super) fn skip(&mut self) -> Result<(), Fault> {
        let outer = self.depth.saturating_sub(1);
        while self.depth > outer {
            if matches!(self.next()?, Piece::Finish) {
                break;
            }
        }
        Ok(())
    }

    fn attributes(&self, start: &BytesStart<'_>) -> Result<BTreeMap<String, String>, Fault> {
        let mut all = BTreeMap::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.fault(&error.to_string()))?;
            let value = local(&attribute.value);
            let value = unescape(&value).map_err(|error| self.fault(&error.to_string()))?;
            all.insert(
                local(attribute.key.local_name().as_ref()),
                value.into_owned(),
            );
        }
        Ok(all)
    }

    fn fault(&self, problem: &str) -> Fault {
        let at = self.reader.buffer_position();
        (
            format!("word/{}, octet {at}: {problem}", self.part),
            DAMAGED,
        )
    }
}

fn local(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
