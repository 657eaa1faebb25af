//! The machines from outside: their tables, and playbooks of inputs and expected outputs.

#![allow(clippy::unwrap_used)] // A test stops at the first surprise.

mod dialog;
mod layer;
mod msrp;
mod proxy;
mod session_timer;
mod subscription;
mod table;
mod transactions;
