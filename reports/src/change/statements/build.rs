//! Walks the paragraphs once and says of each what it is.

use super::labels::Labels;
use super::split::{self, Piece};
use super::{Answer, Item, Kind, List, Statement, Structure, Subclause, Wording};
use crate::change::marks::{self, Mark, Marked};
use crate::change::read::{Document, Paragraph};
use crate::change::words::{self, Keyword};

/// The headings of the form, by the words they open with.
const FORM: [&str; 6] = [
    "reason for change",
    "impact on backward",
    "impact on other",
    "intellectual property",
    "recommendation",
    "detailed change",
];

pub(super) fn build(document: &Document, wording: Wording) -> Structure {
    let formed = document
        .paragraphs
        .iter()
        .any(|p| form_of(p, wording) == Some(5));
    let mut walk = Walk {
        in_form: formed,
        ..Walk::default()
    };
    let all = &document.paragraphs;
    let mut skip = None;
    for (index, paragraph) in all.iter().enumerate() {
        if skip == Some(index) {
            continue;
        }
        let text = wording.of(paragraph);
        if walk.in_form {
            walk.form(paragraph, text, form_of(paragraph, wording));
            continue;
        }
        if text.trim().is_empty() && paragraph.label.is_empty() {
            continue;
        }
        // CASE … on one line, THEN … on a later one.
        let later =
            || (index + 1..all.len()).find(|next| !wording.of(&all[*next]).trim().is_empty());
        match later().filter(|next| {
            opens_case(text) && wording.of(&all[*next]).trim_start().starts_with("THEN")
        }) {
            Some(next) if !text.contains("THEN") => {
                skip = Some(next);
                let whole = format!("{} {}", text.trim(), wording.of(&all[next]).trim());
                walk.paragraph(index, paragraph, &whole);
            }
            _ => walk.paragraph(index, paragraph, text),
        }
    }
    walk.out
}

pub(super) fn opens_case(text: &str) -> bool {
    text.trim_start().starts_with("CASE")
}

/// Which heading of the form a paragraph is.
fn form_of(paragraph: &Paragraph, wording: Wording) -> Option<usize> {
    let text = wording.of(paragraph).trim();
    let title = marks::heading(text)
        .map_or(text, |(_, title)| title)
        .to_lowercase();
    let numbered = marks::heading(text).is_some()
        || paragraph.heading.is_some()
        || !paragraph.label.is_empty();
    FORM.iter()
        .position(|words| title.starts_with(words))
        .filter(|_| numbered)
}

#[derive(Default)]
pub(super) struct Walk {
    pub(super) in_form: bool,
    /// Left-out boilerplate on intellectual property.
    pub(super) silent: bool,
    pub(super) subclause: Option<usize>,
    pub(super) list: Option<usize>,
    pub(super) labels: Labels,
    /// Keyword of the step that sub-steps stand under.
    pub(super) step_keyword: Keyword,
    /// A stem was just opened and nothing stands under it yet.
    pub(super) fresh: bool,
    /// `NOTE:` stood alone; its text follows.
    pub(super) noting: Option<bool>,
    /// The paragraph as printed.
    pub(super) current: String,
    pub(super) out: Structure,
}

impl Walk {
    fn form(&mut self, paragraph: &Paragraph, text: &str, heading: Option<usize>) {
        match heading {
            Some(5) => self.in_form = false,
            Some(which) => {
                self.silent = which == 3;
                self.out.form.push(Answer {
                    question: marks::heading(text)
                        .map_or(text.trim(), |(_, title)| title)
                        .to_owned(),
                    text: String::new(),
                    line: paragraph.line,
                });
            }
            None if self.silent || text.trim().is_empty() => {}
            None => {
                if let Some(answer) = self.out.form.last_mut() {
                    let gap = if answer.text.is_empty() { "" } else { "\n" };
                    answer.text.push_str(gap);
                    answer.text.push_str(text.trim());
                }
            }
        }
    }

    fn paragraph(&mut self, at: usize, paragraph: &Paragraph, text: &str) {
        text.trim().clone_into(&mut self.current);
        let whole = match paragraph.label.is_empty() {
            true => text.to_owned(),
            false => format!("{} {text}", paragraph.label),
        };
        if marks::is_banner(&whole) {
            self.close();
            return self.push(at, paragraph, Kind::Banner, &plain(&whole));
        }
        if let Some((number, title)) = heading(paragraph, &whole) {
            return self.heading(at, paragraph, number, title);
        }
        let marked = marks::marked(&whole);
        if let Some(editors) = self.noting.take()
            && marked.mark == Mark::None
        {
            return self.note(at, paragraph, &marked, editors, None);
        }
        if let Some((editors, number, rest)) = marks::note(marked.text) {
            let rest = Marked {
                text: rest,
                ..marked
            };
            return self.note(at, paragraph, &rest, editors, number);
        }
        if marked.text.is_empty() {
            return self.push(at, paragraph, Kind::EmptyBullet, &marked);
        }
        match marked.mark {
            Mark::None => self.sentence(at, paragraph, &marked),
            _ => self.step(at, paragraph, &marked),
        }
    }

    fn close(&mut self) {
        self.subclause = None;
        self.list = None;
        self.fresh = false;
        self.noting = None;
    }

    fn heading(&mut self, at: usize, paragraph: &Paragraph, number: &str, title: &str) {
        self.close();
        self.out.subclauses.push(Subclause {
            number: number.to_owned(),
            printed: number.to_owned(),
            title: title.to_owned(),
            line: paragraph.line,
        });
        self.subclause = Some(self.out.subclauses.len() - 1);
        self.push(at, paragraph, Kind::Heading, &plain(title));
    }

    fn note(
        &mut self,
        at: usize,
        paragraph: &Paragraph,
        marked: &Marked<'_>,
        editors: bool,
        number: Option<u32>,
    ) {
        if marked.text.trim().is_empty() {
            self.noting = Some(editors);
        } else if words::keywords(marked.text)
            .iter()
            .any(|(at, _)| !marked.text[*at..].starts_with("shall"))
        {
            let list = self.list.unwrap_or_else(|| self.open("", paragraph));
            let source = if editors { "editors-note" } else { "note" };
            for piece in split::pieces(marked.text, false) {
                let step = self.labels.unnumbered();
                self.state(at, paragraph, marked, piece, step, list, source);
            }
        }
        self.push(at, paragraph, Kind::Note(editors, number), marked);
    }

    pub(super) fn open(&mut self, trigger: &str, paragraph: &Paragraph) -> usize {
        self.labels = Labels::default();
        self.step_keyword = Keyword::None;
        self.out.lists.push(List {
            subclause: self.subclause,
            name: words::list_name(trigger),
            trigger: trigger.to_owned(),
            line: paragraph.line,
            ..List::default()
        });
        self.out.lists.len() - 1
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a statement has that many sides, and one caller shape"
    )]
    pub(super) fn state(
        &mut self,
        at: usize,
        paragraph: &Paragraph,
        marked: &Marked<'_>,
        piece: Piece,
        step: String,
        list: usize,
        source: &'static str,
    ) {
        let of = &self.out.lists[list];
        let sub = matches!(marked.mark, Mark::Letter(_) | Mark::Roman(_) | Mark::Bullet);
        let inherited = [self.step_keyword, of.keyword];
        let inherited = inherited
            .into_iter()
            .skip(usize::from(!sub))
            .find(|k| *k != Keyword::None);
        let level = match piece.keyword {
            Keyword::None if permits(&piece.text) && !sub => Keyword::May,
            Keyword::None => inherited.unwrap_or(Keyword::Shall),
            keyword => keyword,
        };
        let subclause = self.subclause.map(|index| &self.out.subclauses[index]);
        self.out.statements.push(Statement {
            subclause: subclause.map(|s| s.number.clone()).unwrap_or_default(),
            list: of.name.clone(),
            trigger: of.trigger.clone(),
            step,
            keyword: piece.keyword,
            level,
            actor: subject(&piece).unwrap_or_else(|| of.actor.clone()),
            source,
            line: paragraph.line,
            page: paragraph.page,
            text: piece.text,
            paragraph: self.current.clone(),
            at,
            of: list,
        });
    }

    pub(super) fn push(
        &mut self,
        at: usize,
        paragraph: &Paragraph,
        kind: Kind,
        marked: &Marked<'_>,
    ) {
        self.out.items.push(Item {
            at,
            line: paragraph.line,
            kind,
            mark: marked.mark.clone(),
            bullets: marked.bullets,
            subclause: self.subclause,
            list: self.list,
            text: marked.text.to_owned(),
            step: self.labels.base().to_owned(),
        });
    }
}

/// A heading by its number, or by the style of the word processor.
fn heading<'a>(paragraph: &Paragraph, whole: &'a str) -> Option<(&'a str, &'a str)> {
    let found = marks::heading(whole);
    match paragraph.heading {
        Some(_) => found.or(Some(("", whole.trim()))),
        None => found,
    }
}

fn plain(text: &str) -> Marked<'_> {
    Marked {
        mark: Mark::None,
        bullet: false,
        bullets: 0,
        text,
    }
}

/// A sentence that lets an actor do something without a keyword.
pub(super) fn permits(text: &str) -> bool {
    let opens = [
        "A client can ",
        "The client can ",
        "An IM ",
        "The IM ",
        "A user can ",
        "The user can ",
    ];
    opens.iter().any(|words| text.starts_with(words))
        && text.contains(" can ")
        && !text.contains(" can be ")
}

pub(super) fn last_actor(text: &str) -> String {
    words::actors(text)
        .last()
        .map(|(_, actor)| (*actor).to_owned())
        .unwrap_or_default()
}

/// The actor that stands before the keyword of a statement.
fn subject(piece: &Piece) -> Option<String> {
    let (at, _) = words::keywords(&piece.text).first().copied()?;
    let before = &piece.text[..at];
    let (place, actor) = words::actors(before).last().copied()?;
    let near = before[place + actor.len()..].trim().len() < 12;
    near.then(|| actor.to_owned())
}
