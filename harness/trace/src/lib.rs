//! What was seen and what was decided: frames, run files, normalised text, matchers and verdicts.

mod announced;
mod base64;
mod credentials;
mod failure;
mod frame;
mod judgement;
pub mod matchers;
mod normalise;
mod own;
pub mod run_file;
mod settled;
mod visible;

pub use announced::{Announced, announced, answered};
pub use clauses::Level;
pub use credentials::has_open_credentials;
pub use failure::failure_text;
pub use frame::{Direction, Exchange, Frame, Protocol};
pub use judgement::{Evidence, Finding, Held, Judgement, Verdict};
pub use normalise::{Act, Arrow, Names, ladder, normalise};
pub use own::own_fault;
pub use settled::{media_settled, settled};
pub use visible::show as show_octets;
