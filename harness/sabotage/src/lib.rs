//! sabotage.
