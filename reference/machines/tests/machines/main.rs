//! The machines from outside: their tables, and playbooks of inputs and expected outputs.

mod dialog;
mod layer;
mod msrp;
mod session_timer;
mod subscription;
mod table;
mod transactions;
