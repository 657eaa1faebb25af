//! The protocol machines: each takes an input, appends outputs, and knows neither clock nor socket.

pub mod accepted_invite;
pub mod dialog;
pub mod identifiers;
pub mod msrp_receiver;
pub mod msrp_sender;
pub mod offer_answer;
pub mod port;
pub mod proxy;
pub mod session_timer;
pub mod store;
pub mod subscription;
pub mod timers;
pub mod transaction;
pub mod transactions;
