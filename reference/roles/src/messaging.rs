//! Messages: those of a session through the switch, those of pager mode one by one.

pub(crate) mod announcement;
pub(crate) mod deferred;
mod early;
pub(crate) mod fan_out;
pub(crate) mod frames;
pub(crate) mod leg;
pub(crate) mod list_body;
pub(crate) mod nickname;
pub(crate) mod pager_mode;
pub(crate) mod patience;
pub(crate) mod pressure;
pub(crate) mod room;
pub(crate) mod switch;
pub(crate) mod traffic;
