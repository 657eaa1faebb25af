//! The text itself: each paragraph in its wording before and with the tracked changes.

use std::collections::HashMap;

use super::numbering::Numbering;
use super::xml::{Piece, Pull};
use super::{Fault, Parts};
use crate::change::read::{Document, Paragraph};

pub(super) fn read(name: &str, parts: &Parts) -> Result<Document, Fault> {
    let mut body = Body {
        headings: headings(parts)?,
        comments: comments(parts)?,
        numbering: Numbering::of(parts)?,
        page: 1,
        ..Body::default()
    };
    let text = parts
        .get("document.xml")
        .map(String::as_str)
        .unwrap_or_default();
    let mut pull = Pull::of("document.xml", text);
    loop {
        match pull.next()? {
            Piece::Finish => break,
            Piece::Start(element, attributes) => {
                if matches!(
                    element.as_str(),
                    "Fallback" | "instrText" | "rPrChange" | "pPrChange" | "sectPr"
                ) {
                    pull.skip()?;
                } else {
                    body.start(&element, &attributes);
                }
            }
            Piece::End(element) => body.end(&element),
            Piece::Text(text) if body.reading => body.say(&text),
            Piece::Text(_) => {}
        }
    }
    let tracked = body.tracked;
    let mut notes = Vec::new();
    if body.paragraphs.iter().any(|p| !p.comments.is_empty()) {
        notes.push("comments of reviewers are kept beside their paragraphs".to_owned());
    }
    Ok(Document {
        name: name.to_owned(),
        format: "docx",
        notes,
        paragraphs: body.paragraphs,
        tracked,
    })
}

#[derive(Debug, Default)]
struct Open {
    new: String,
    old: String,
    heading: Option<u8>,
    list: Option<(String, usize)>,
    moved: bool,
    authors: Vec<String>,
    comments: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Deleted,
    Inserted,
}

#[derive(Debug, Default)]
struct Body {
    headings: HashMap<String, u8>,
    comments: HashMap<String, String>,
    numbering: Numbering,
    page: usize,
    /// Paragraphs that are open; a text box has its own inside another.
    open: Vec<Open>,
    changes: Vec<(String, Change)>,
    /// Text of runs is being read.
    reading: bool,
    /// Inside the properties of a paragraph, where a change is one of its end.
    properties: bool,
    tracked: bool,
    count: usize,
    paragraphs: Vec<Paragraph>,
}

impl Body {
    fn start(&mut self, element: &str, attributes: &std::collections::BTreeMap<String, String>) {
        let value = |key: &str| attributes.get(key).map(String::as_str).unwrap_or_default();
        match element {
            "p" => self.open.push(Open::default()),
            "pPr" => self.properties = true,
            "ins" | "moveTo" => self.change(element, Change::Inserted, value("author")),
            "del" | "moveFrom" => self.change(element, Change::Deleted, value("author")),
            "t" | "delText" => self.reading = true,
            "tab" if !self.properties => self.say("\t"),
            "br" | "cr" => {
                self.say(" ");
                self.page += usize::from(value("type") == "page");
            }
            "lastRenderedPageBreak" => self.page += 1,
            "noBreakHyphen" => self.say("-"),
            _ => self.property(element, &value),
        }
    }

    fn property<'a>(&mut self, element: &str, value: &dyn Fn(&str) -> &'a str) {
        let heading = self.headings.get(value("val")).copied();
        let comment = self.comments.get(value("id")).cloned();
        let Some(open) = self.open.last_mut() else {
            return;
        };
        match element {
            "pStyle" => open.heading = heading.or(open.heading),
            "outlineLvl" => {
                open.heading = value("val")
                    .parse::<u8>()
                    .ok()
                    .filter(|level| *level < 9)
                    .map(|level| level + 1)
            }
            "ilvl" => {
                open.list.get_or_insert_default().1 = value("val").parse().unwrap_or_default()
            }
            "numId" => value("val").clone_into(&mut open.list.get_or_insert_default().0),
            "commentReference" => open.comments.extend(comment),
            _ => {}
        }
    }

    fn change(&mut self, element: &str, change: Change, author: &str) {
        self.tracked = true;
        // In the properties it is the end of the paragraph that is inserted or deleted; its words say so themselves.
        if self.properties {
            return;
        }
        if let Some(open) = self.open.last_mut() {
            open.moved |= element.starts_with("move");
            if !author.is_empty() && !open.authors.iter().any(|known| known == author) {
                open.authors.push(author.to_owned());
            }
        }
        self.changes.push((element.to_owned(), change));
    }

    fn say(&mut self, text: &str) {
        let change = self.changes.last().map(|(_, change)| *change);
        let Some(open) = self.open.last_mut() else {
            return;
        };
        if change != Some(Change::Deleted) {
            open.new.push_str(text);
        }
        if change != Some(Change::Inserted) {
            open.old.push_str(text);
        }
    }

    fn end(&mut self, element: &str) {
        match element {
            "p" => {
                if let Some(open) = self.open.pop() {
                    self.close(open);
                }
            }
            "pPr" => self.properties = false,
            "t" | "delText" => self.reading = false,
            _ if self
                .changes
                .last()
                .is_some_and(|(opened, _)| opened == element)
                && !self.properties =>
            {
                self.changes.pop();
            }
            _ => {}
        }
    }

    fn close(&mut self, open: Open) {
        self.count += 1;
        let changed = open.new != open.old;
        // What the change deletes is not counted; an empty bullet that it leaves is.
        let stays = !open.new.trim().is_empty() || open.old.trim().is_empty();
        let label = match &open.list {
            Some((list, level)) if stays && list != "0" => self.numbering.next(list, *level),
            _ => String::new(),
        };
        self.paragraphs.push(Paragraph {
            line: self.count,
            page: Some(self.page),
            label,
            heading: open.heading,
            text: open.new.trim().to_owned(),
            old: changed.then(|| open.old.trim().to_owned()),
            moved: open.moved,
            authors: open.authors,
            comments: open.comments,
        });
    }
}

/// Styles that are headings, by their names, which do not depend on the language as their ids do.
fn headings(parts: &Parts) -> Result<HashMap<String, u8>, Fault> {
    let mut all = HashMap::new();
    let Some(text) = parts.get("styles.xml") else {
        return Ok(all);
    };
    let mut pull = Pull::of("styles.xml", text);
    let mut style = String::new();
    loop {
        match pull.next()? {
            Piece::Finish => return Ok(all),
            Piece::Start(element, attributes) if element == "style" => {
                style = attributes.get("styleId").cloned().unwrap_or_default();
            }
            Piece::Start(element, attributes) if element == "name" => {
                let name = attributes
                    .get("val")
                    .map(|name| name.to_lowercase())
                    .unwrap_or_default();
                let level = name
                    .strip_prefix("heading ")
                    .and_then(|level| level.parse().ok());
                if let Some(level) = level {
                    all.insert(style.clone(), level);
                }
            }
            _ => {}
        }
    }
}

/// Comments by their ids, `author: text`.
fn comments(parts: &Parts) -> Result<HashMap<String, String>, Fault> {
    let mut all: HashMap<String, String> = HashMap::new();
    let Some(text) = parts.get("comments.xml") else {
        return Ok(all);
    };
    let mut pull = Pull::of("comments.xml", text);
    let (mut id, mut said) = (String::new(), String::new());
    loop {
        match pull.next()? {
            Piece::Finish => return Ok(all),
            Piece::Start(element, attributes) if element == "comment" => {
                let author = attributes
                    .get("author")
                    .map(String::as_str)
                    .unwrap_or("somebody");
                id = attributes.get("id").cloned().unwrap_or_default();
                said = format!("{author}: ");
            }
            Piece::Text(text) => said.push_str(text.trim_end_matches('\n')),
            Piece::End(element) if element == "comment" => {
                all.insert(std::mem::take(&mut id), std::mem::take(&mut said));
            }
            _ => {}
        }
    }
}
