//! All that is known about one change request.

use serde::Serialize;

use super::{Answer, Document, ReadError, Statement, Structure, Subclause, Unread, Wording};

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
    /// Paragraphs taken for no heading, list, statement or note.
    pub unread: Vec<Unread>,
}

impl Analysis {
    /// Analyses a document; one without any statement is refused.
    pub fn of(document: Document) -> Result<Self, ReadError> {
        let structure = Structure::of(&document, Wording::New);
        if structure.statements.is_empty() && !document.tracked {
            return Err(ReadError::Nothing {
                name: document.name,
            });
        }
        Ok(Self {
            schema: "shall.change/1",
            form: structure.form,
            subclauses: structure.subclauses,
            statements: structure.statements,
            unread: structure.unread,
            document,
        })
    }
}
