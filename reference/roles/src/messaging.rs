//! Messages inside a session.

pub(crate) mod leg;
pub(crate) mod switch;
