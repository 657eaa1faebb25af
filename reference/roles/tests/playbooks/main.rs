//! Playbooks: inputs are fed to a server, outputs are listed.

mod ad_hoc_setup;
mod chat_room;
mod client_calls;
mod client_invited;
mod client_nonsense;
mod client_register;
mod client_sessions;
mod client_trouble;
mod client_words;
mod conference_state;
mod core_registrar;
mod core_routing;
mod core_words;
mod group_state;
mod history;
mod history_trouble;
mod inviting_more;
mod messages;
mod modification;
mod pager_mode;
mod participating;
mod predefined_group;
mod refusals;
mod stage;
mod words;
mod xdms;
