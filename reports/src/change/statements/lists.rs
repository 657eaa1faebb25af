//! Steps, stems and sentences: what becomes of a paragraph below a heading.

use super::build::{Walk, last_actor, opens_case, permits};
use super::split::{self, Piece};
use super::{Kind, Unread};
use crate::change::marks::{Mark, Marked};
use crate::change::read::Paragraph;
use crate::change::words::{self, Keyword};

impl Walk {
    /// A paragraph with a mark: a step of the list that is open, or of a new one.
    pub(super) fn step(&mut self, at: usize, paragraph: &Paragraph, marked: &Marked<'_>) {
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

    pub(super) fn statements(
        &mut self,
        at: usize,
        paragraph: &Paragraph,
        marked: &Marked<'_>,
        label: &str,
    ) {
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
    pub(super) fn sentence(&mut self, at: usize, paragraph: &Paragraph, marked: &Marked<'_>) {
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

    pub(super) fn stem(&mut self, at: usize, paragraph: &Paragraph, marked: &Marked<'_>) {
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
    pub(super) fn stating_stem(&mut self, at: usize, paragraph: &Paragraph, marked: &Marked<'_>) {
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
    pub(super) fn standing(
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
}
