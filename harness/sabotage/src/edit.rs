//! Edits of raw messages: everything that is not edited stays octet for octet.

pub(crate) mod body;
pub(crate) mod http;
pub(crate) mod msrp;
pub(crate) mod sip;

#[cfg(test)]
mod tests;
