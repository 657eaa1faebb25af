//! Features whose subject is a participating function, between a client and a controlling server.

mod originating_modification;
mod registration;
mod terminating_modification;
