//! The words of the features: Given sets a manner, When acts, Then looks at the exchange.

mod client;
mod controlling;
mod core;
mod history;
mod look;
mod messaging;
mod participating;
mod shared;
mod stage;
mod words;

pub use stage::Stage;
