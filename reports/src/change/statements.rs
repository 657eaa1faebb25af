//! The structure of a change request: its form, subclauses and lists, and every normative statement.

mod build;
mod labels;
mod lists;
mod split;

pub(super) use split::run_together;

use serde::Serialize;

use super::marks::Mark;
use super::read::{Document, Paragraph};
pub use super::words::Keyword;

/// Which wording of a document is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// With the change.
    New,
    /// Before the change.
    Old,
}

impl Wording {
    pub(super) fn of<'a>(&self, paragraph: &'a Paragraph) -> &'a str {
        match (self, &paragraph.old) {
            (Wording::Old, Some(old)) => old,
            _ => &paragraph.text,
        }
    }
}

/// What a change request says, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Structure {
    /// Answers of the form, such as the impact on backward compatibility.
    pub form: Vec<Answer>,
    pub subclauses: Vec<Subclause>,
    pub lists: Vec<List>,
    pub statements: Vec<Statement>,
    /// Paragraphs that are no heading, list, statement or note; shown, so that nothing is dropped unseen.
    pub unread: Vec<Unread>,
    /// Every paragraph of the change proposal with what it was taken for.
    pub(super) items: Vec<Item>,
}

/// One answer of the form.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    pub question: String,
    pub text: String,
    pub line: usize,
}

/// A subclause that the change request restates or adds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Subclause {
    /// Number; taken from where the text refers to its title when the heading has none.
    pub number: String,
    /// Number as printed.
    pub printed: String,
    pub title: String,
    pub line: usize,
}

/// A stem and what stands under it.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// Index of the subclause; `None` before the first heading.
    pub subclause: Option<usize>,
    /// Short name for ids, such as `on-invite`.
    pub name: String,
    /// What makes it speak; empty for always.
    pub trigger: String,
    /// The actor as printed in the stem; empty where it names none.
    pub actor: String,
    /// The whole sentence that opens it.
    pub stem: String,
    pub line: usize,
    /// Keyword at the end of the stem, which holds for steps without one.
    pub keyword: Keyword,
}

impl List {
    /// The sentence that opens it; for a statement that stands alone, what makes it speak.
    pub(super) fn stem(&self) -> &str {
        match self.stem.is_empty() {
            true => &self.trigger,
            false => &self.stem,
        }
    }
}

/// One normative statement.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Statement {
    pub subclause: String,
    pub list: String,
    pub trigger: String,
    /// Step as printed, with `.2` for the second statement of a step, `-bis` for a number used twice,
    /// `stem` for a statement that opens a list and `u1` for one without a number.
    pub step: String,
    pub keyword: Keyword,
    /// Force, inherited from the stem where the statement has no keyword.
    pub level: Keyword,
    /// Who has to act, as printed in the statement or in its stem.
    pub actor: String,
    /// `text`, `note`, `editors-note` or `filter` (CASE … THEN).
    pub source: &'static str,
    pub line: usize,
    pub page: Option<usize>,
    /// The words of this statement.
    pub text: String,
    /// The paragraph it stands in, as printed.
    pub paragraph: String,
    /// Index of that paragraph in the document.
    #[serde(skip)]
    pub at: usize,
    /// Index of its list.
    #[serde(skip)]
    pub of: usize,
}

/// Whether the paragraph of a statement makes others too; they stand beside each other.
pub(super) fn is_one_of_several(all: &[Statement], index: usize) -> bool {
    let at = |index: usize| all.get(index).map(|statement| statement.at);
    let before = index.checked_sub(1).and_then(at);
    before == at(index) || at(index + 1) == at(index)
}

/// A paragraph that was taken for nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Unread {
    pub line: usize,
    pub text: String,
}

/// What a paragraph was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Banner,
    EmptyBullet,
    Heading,
    /// A note, with its number; `true` for a note of the editor.
    Note(bool, Option<u32>),
    Remark,
    /// One or more statements.
    Statement,
    Stem,
}

/// A paragraph of the change proposal.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Index in the document.
    pub(super) at: usize,
    pub(super) line: usize,
    pub(super) kind: Kind,
    pub(super) mark: Mark,
    pub(super) bullets: usize,
    pub(super) subclause: Option<usize>,
    pub(super) list: Option<usize>,
    /// Without its marks.
    pub(super) text: String,
    /// The step that it is or belongs to, such as `4a`.
    pub(super) step: String,
}

impl Structure {
    /// Takes one wording of a document apart.
    #[must_use]
    pub fn of(document: &Document, wording: Wording) -> Self {
        let mut structure = build::build(document, wording);
        name_placeholders(&mut structure);
        structure
    }

    /// The answer to a question of the form, by a word of it.
    #[must_use]
    pub fn answer(&self, word: &str) -> Option<&Answer> {
        self.form
            .iter()
            .find(|a| a.question.to_lowercase().contains(word))
    }
}

/// A heading without a usable number takes the one by which the text refers to its title.
fn name_placeholders(structure: &mut Structure) {
    for index in 0..structure.subclauses.len() {
        let subclause = &structure.subclauses[index];
        if !subclause.printed.contains(['?', 'x', 'X']) {
            continue;
        }
        let title = super::words::plain(&subclause.title);
        let texts = structure.items.iter().map(|item| item.text.as_str());
        let mut numbers = texts
            .flat_map(super::words::references)
            .filter(|found| super::words::plain(&found.title) == title);
        let Some(number) =
            numbers.find(|found| found.number.starts_with(|c: char| c.is_ascii_digit()))
        else {
            continue;
        };
        let (printed, number) = (subclause.printed.clone(), number.number.clone());
        structure.subclauses[index].number.clone_from(&number);
        for statement in &mut structure.statements {
            let own = structure.lists[statement.of].subclause == Some(index);
            if own && statement.subclause == printed {
                statement.subclause.clone_from(&number);
            }
        }
    }
}
