//! Words of the procedures that carry messages.

mod pager_mode;
