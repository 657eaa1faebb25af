//! Messages inside a session.

pub(crate) mod frames;
pub(crate) mod leg;
pub(crate) mod pressure;
pub(crate) mod switch;
pub(crate) mod traffic;
