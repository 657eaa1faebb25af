//! The views of an analysis.

pub(super) mod json;
