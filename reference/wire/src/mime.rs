//! Multipart bodies (RFC 2046 section 5.1) with the octet span of every part.

use crate::Span;

/// Why a body is not the multipart it claims to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// No part begins.
    #[error("no delimiter line in the body (RFC 2046 section 5.1.1)")]
    NoDelimiter,
}

/// One body part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Header lines in order, folds joined.
    pub headers: Vec<(String, String)>,
    /// The content.
    pub body: Vec<u8>,
    /// Where the content lies in the input; empty for parts that were not read.
    pub span: Span,
}

impl Part {
    /// The value of a header, its name in any case.
    pub fn header(&self, _name: &str) -> Option<&str> {
        None
    }

    /// The Content-Type, if the part names one.
    pub fn content_type(&self) -> Option<&str> {
        None
    }
}

/// Splits a multipart body.
pub fn parse(_content_type: &str, _body: &[u8]) -> Result<Vec<Part>, Violation> {
    Err(Violation::NoDelimiter)
}

/// Writes a multipart body.
pub fn write(_boundary: &str, _parts: &[Part]) -> Vec<u8> {
    Vec::new()
}

/// The first part of the wanted type.
pub fn find(_content_type: &str, _body: &[u8], _wanted: &str) -> Option<Part> {
    None
}
