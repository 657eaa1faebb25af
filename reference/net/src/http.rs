//! HTTP/1.1 (RFC 9112): documents are fetched from an XDMS, and an XDMS is served.

pub(crate) mod client;
pub mod server;
mod tap;

/// How large a document may be, in octets.
pub const DOCUMENT: usize = 1 << 20;
