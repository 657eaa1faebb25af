//! Walks the paragraphs once and says of each what it is.

use super::labels::Labels;
use super::split::{self, Piece};
use super::{Answer, Item, Kind, List, Statement, Structure, Subclause, Unread, Wording};
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

fn opens_case(text: &str) -> bool {
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
struct Walk {
    in_form: bool,
    /// Left-out boilerplate on intellectual property.
    silent: bool,
    subclause: Option<usize>,
    list: Option<usize>,
    labels: Labels,
    /// Keyword of the step that sub-steps stand under.
    step_keyword: Keyword,
    /// A stem was just opened and nothing stands under it yet.
    fresh: bool,
    /// `NOTE:` stood alone; its text follows.
    noting: Option<bool>,
    out: Structure,
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

    /// A paragraph with a mark: a step of the list that is open, or of a new one.
    fn step(&mut self, at: usize, paragraph: &Paragraph, marked: &Marked<'_>) {
        let keywords = words::keywords(marked.text).len();
        let bullet = marked.mark == Mark::Bullet;
        let stem = match bullet {
            true => words::opens_list(marked.text),
            false => words::opens_steps(marked.text),
        };
        let only_stem = stem && keywords == usize::from(words::ends_with_keyword(marked.text));
        if bullet && only_stem {
            return self.stem(at, paragraph, marked);
        }
        if (self.list.is_none() || bullet) && keywords == 0 && !(bullet && self.fresh) {
            self.out.unread.push(Unread {
                line: paragraph.line,
                text: marked.text.to_owned(),
            });
            return self.push(at, paragraph, Kind::Remark, marked);
        }
        let restarts = marked.mark == Mark::Number(1) && !self.fresh;
        if self.list.is_none() || restarts {
            let own = words::own_trigger(marked.text);
            self.list = Some(self.open(&own, paragraph));
        }
        self.fresh = false;
        let label = self.labels.next(&marked.mark);
        if only_stem {
            self.step_keyword = words::keywords(marked.text)
                .first()
                .map_or(Keyword::None, |(_, k)| *k);
            return self.push(at, paragraph, Kind::Stem, marked);
        }
        self.statements(at, paragraph, marked, &label);
    }

    fn statements(&mut self, at: usize, paragraph: &Paragraph, marked: &Marked<'_>, label: &str) {
        let list = self.list.unwrap_or_default();
        let mut label = label.to_owned();
        for (number, text) in split::run_together(marked.text) {
            if let Some(number) = number {
                label = self.labels.next(&Mark::Number(number));
            }
            let sub = matches!(marked.mark, Mark::Letter(_) | Mark::Roman(_));
            let pieces = split::pieces(text, true);
            if !sub {
                self.step_keyword = pieces.first().map_or(Keyword::None, |piece| piece.keyword);
            }
            for piece in pieces {
                let step = self.labels.part(&label);
                self.state(at, paragraph, marked, piece, step, list, "text");
            }
        }
        self.push(at, paragraph, Kind::Statement, marked);
        if words::ends_with_keyword(marked.text)
            && let Some((_, keyword)) = words::keywords(marked.text).last()
        {
            self.out.lists[list].keyword = *keyword;
        }
    }

    /// A paragraph without a mark: a stem, a statement of its own, or neither.
    fn sentence(&mut self, at: usize, paragraph: &Paragraph, marked: &Marked<'_>) {
        let text = marked.text;
        let stem = words::opens_list(text);
        let keywords = words::keywords(text).len() - usize::from(words::ends_with_keyword(text));
        if opens_case(text) && text.contains("THEN") {
            let list = self.list.unwrap_or_else(|| self.open("", paragraph));
            self.list = Some(list);
            let step = self.labels.unnumbered();
            let piece = Piece {
                keyword: Keyword::None,
                text: text.to_owned(),
            };
            self.state(at, paragraph, marked, piece, step, list, "filter");
            return self.push(at, paragraph, Kind::Statement, marked);
        }
        match (keywords > 0, stem) {
            (false, true) => self.stem(at, paragraph, marked),
            (true, true) => self.stating_stem(at, paragraph, marked),
            (true, false) => self.standing(at, paragraph, marked, split::pieces(text, false)),
            (false, false) if permits(text) => {
                let piece = Piece {
                    keyword: Keyword::None,
                    text: text.to_owned(),
                };
                self.standing(at, paragraph, marked, vec![piece]);
            }
            (false, false) => {
                if !matches!(text, "and" | "or" | "and," | "or,") {
                    self.out.unread.push(Unread {
                        line: paragraph.line,
                        text: text.to_owned(),
                    });
                }
                self.push(at, paragraph, Kind::Remark, marked);
            }
        }
    }

    fn stem(&mut self, at: usize, paragraph: &Paragraph, marked: &Marked<'_>) {
        let keyword = match words::ends_with_keyword(marked.text) {
            true => words::keywords(marked.text)
                .last()
                .map_or(Keyword::None, |(_, k)| *k),
            false => Keyword::None,
        };
        // A second stem inside a list gives force to the steps after it; it opens no other list.
        let inside = !self.fresh && keyword != Keyword::None && !words::is_trigger(marked.text);
        match self.list {
            Some(list) if self.fresh || inside => {
                let open = &mut self.out.lists[list];
                open.keyword = if keyword == Keyword::None {
                    open.keyword
                } else {
                    keyword
                };
                if open.actor.is_empty() {
                    open.actor = last_actor(marked.text);
                }
            }
            _ => {
                let trigger = words::trigger(marked.text);
                let list = self.open(&trigger, paragraph);
                let open = &mut self.out.lists[list];
                marked.text.clone_into(&mut open.stem);
                open.actor = last_actor(marked.text);
                open.keyword = keyword;
                self.list = Some(list);
                self.fresh = true;
            }
        }
        self.push(at, paragraph, Kind::Stem, marked);
    }

    /// A sentence that states something and then opens a list.
    fn stating_stem(&mut self, at: usize, paragraph: &Paragraph, marked: &Marked<'_>) {
        let end = marked
            .text
            .trim_end()
            .trim_end_matches(':')
            .rfind(". ")
            .map_or(marked.text.len(), |at| at + 1);
        let (said, stem) = marked.text.split_at(end);
        let list = self.open(&words::own_trigger(said), paragraph);
        self.list = Some(list);
        let open = &mut self.out.lists[list];
        open.actor = last_actor(if stem.trim().is_empty() { said } else { stem });
        marked.text.clone_into(&mut open.stem);
        for piece in split::pieces(said, false) {
            let step = self.labels.part("stem");
            self.state(at, paragraph, marked, piece, step, list, "text");
        }
        self.fresh = true;
        self.push(at, paragraph, Kind::Statement, marked);
    }

    /// A sentence that stands for itself, outside any list.
    fn standing(
        &mut self,
        at: usize,
        paragraph: &Paragraph,
        marked: &Marked<'_>,
        pieces: Vec<Piece>,
    ) {
        let list = self.open(&words::own_trigger(marked.text), paragraph);
        let stays = self.list;
        for piece in pieces {
            let step = self.labels.unnumbered();
            self.state(at, paragraph, marked, piece, step, list, "text");
        }
        self.list = Some(list);
        self.fresh = false;
        self.push(at, paragraph, Kind::Statement, marked);
        self.list = stays.filter(|_| false);
    }

    fn open(&mut self, trigger: &str, paragraph: &Paragraph) -> usize {
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
    fn state(
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
            paragraph: marked.text.to_owned(),
            at,
            of: list,
        });
    }

    fn push(&mut self, at: usize, paragraph: &Paragraph, kind: Kind, marked: &Marked<'_>) {
        self.out.items.push(Item {
            at,
            line: paragraph.line,
            kind,
            mark: marked.mark.clone(),
            bullet: marked.bullet,
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
fn permits(text: &str) -> bool {
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

fn last_actor(text: &str) -> String {
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
