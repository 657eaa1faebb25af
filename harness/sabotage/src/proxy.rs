//! The mutating proxy between two processes.
pub(crate) fn placeholder() {}
