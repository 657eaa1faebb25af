//! Words of the procedures that carry messages.

mod chat_room;
pub(crate) mod pager_mode;
