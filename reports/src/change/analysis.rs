//! All that is known about one change request.

use clauses::Catalogue;
use serde::Serialize;

use super::align::{self, Aligned, Effect};
use super::earlier;
use super::impact::{self, Impact, Surroundings};
use super::lint::{self, Class, Finding};
use super::silence::{self, Silence};
use super::tables;
use super::{
    Answer, Document, Paragraph, ReadError, Statement, Structure, Subclause, Unread, Wording,
};

/// A change request against a catalogue; schema `shall.change/1`.
#[derive(Clone, Debug, Serialize)]
pub struct Analysis {
    /// `shall.change/1`.
    pub schema: &'static str,
    pub document: Document,
    /// Answers of the form, without the boilerplate on intellectual property.
    pub form: Vec<Answer>,
    pub subclauses: Vec<Subclause>,
    pub statements: Vec<Statement>,
    /// What becomes of each statement and clause.
    pub alignment: Vec<Aligned>,
    pub totals: Totals,
    /// What is wrong with the text.
    pub findings: Vec<Finding>,
    pub impact: Impact,
    /// Paragraphs taken for no heading, list, statement or note.
    pub unread: Vec<Unread>,
    /// What reviewers said in the margin.
    pub comments: Vec<Comment>,
}

impl Analysis {
    /// Analyses a document; one without any statement is refused.
    pub fn of(
        mut document: Document,
        catalogue: &Catalogue,
        around: &Surroundings,
    ) -> Result<Self, ReadError> {
        let structure = Structure::of(&document, Wording::New);
        if structure.statements.is_empty() && !document.tracked {
            return Err(ReadError::Nothing {
                name: document.name,
            });
        }
        let mut alignment = align::align(&document, &structure, catalogue);
        let notes = earlier::complete(&mut alignment, catalogue, &around.earlier);
        document.notes.extend(notes);
        let findings = lint::lint(&lint::Text {
            document: &document,
            structure: &structure,
            catalogue,
            alignment: &alignment,
            tables: tables::tables(),
        });
        let author = structure
            .answer("backward")
            .map(|answer| answer.text.clone());
        let author = author.unwrap_or_default();
        let impact = impact::impact(
            &alignment,
            &structure.statements,
            catalogue,
            &author,
            around,
        );
        Ok(Self {
            schema: "shall.change/1",
            form: structure.form,
            subclauses: structure.subclauses,
            statements: structure.statements,
            totals: Totals::of(&alignment),
            alignment,
            findings,
            impact,
            unread: structure.unread,
            comments: comments(&document),
            document,
        })
    }
}

impl Analysis {
    /// Marks what is silenced; returns the exceptions that silence nothing.
    pub fn silence<'a>(&mut self, silences: &'a [Silence]) -> Vec<&'a Silence> {
        silence::apply(&mut self.findings, silences)
    }

    /// Whether a finding of class error is not silenced.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        let counts = |f: &&Finding| f.class == Class::Error && f.silenced.is_none();
        self.findings.iter().any(|finding| counts(&finding))
    }
}

/// A comment of a reviewer, `author: text`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comment {
    /// Line, or paragraph, at which it stands.
    pub line: usize,
    pub text: String,
}

fn comments(document: &Document) -> Vec<Comment> {
    let of = |paragraph: &Paragraph| {
        let line = paragraph.line;
        let texts = paragraph.comments.clone().into_iter();
        texts.map(move |text| Comment { line, text })
    };
    document.paragraphs.iter().flat_map(of).collect()
}

/// How many statements and clauses the change leaves, words anew, adds and removes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    pub statements: usize,
    pub unchanged: usize,
    /// Of the unchanged ones, those with another number.
    pub renumbered: usize,
    pub reworded: usize,
    pub level_changed: usize,
    pub moved: usize,
    pub added: usize,
    pub removed: usize,
    /// Clauses that the text restates around and not themselves; whether they are to go is a question.
    pub not_restated: usize,
}

impl Totals {
    fn of(alignment: &[Aligned]) -> Self {
        let mut totals = Self::default();
        for one in alignment {
            totals.statements += usize::from(one.statement.is_some());
            let renumbered = one.effect == Effect::Unchanged && one.renumbered.is_some();
            totals.renumbered += usize::from(renumbered);
            *match one.effect {
                Effect::Added => &mut totals.added,
                Effect::LevelChanged => &mut totals.level_changed,
                Effect::Moved => &mut totals.moved,
                Effect::NotRestated => &mut totals.not_restated,
                Effect::Removed => &mut totals.removed,
                Effect::Reworded => &mut totals.reworded,
                Effect::Unchanged => &mut totals.unchanged,
            } += 1;
        }
        totals
    }
}
