//! The XML documents of the procedures: URI lists and conference state.

pub mod conference_info;
pub mod resource_lists;

/// Why a document was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Not XML.
    #[error("the document is not well-formed (XML 1.0 section 2.1)")]
    NotWellFormed,
}
