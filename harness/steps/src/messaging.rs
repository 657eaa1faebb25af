//! Words of the procedures that carry messages.

mod chat_room;
mod pager_mode;
