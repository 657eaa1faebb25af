//! Features whose subject is an IM history function.

mod ending;
mod session;
