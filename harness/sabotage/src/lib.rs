//! Deliberate violations at the subject's edge, each aimed at one clause, and a proxy that applies them.

mod action;
mod edit;
mod mutation;
mod pattern;
pub mod proxy;

pub use action::Action;
pub use mutation::{Direction, Error, Mutation};
pub use pattern::Pattern;
