//! clauses.
