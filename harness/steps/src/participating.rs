//! Features whose subject is a participating function, between a client and a controlling server.

mod access_policy;
mod deferred;
mod originating_modification;
mod registration;
mod service_settings;
mod terminating_modification;
