//! The controlling IM function: it owns the session and speaks to every participant.

pub(crate) mod ad_hoc_setup;
pub(crate) mod admission;
pub(crate) mod conference_state;
pub(crate) mod general;
pub(crate) mod invite_user;
pub(crate) mod inviting_more;
pub(crate) mod policy;
pub(crate) mod predefined_group;
pub(crate) mod recipients;
pub(crate) mod refresh;
pub(crate) mod removal;
pub(crate) mod server_modification;
pub(crate) mod session;
pub(crate) mod session_modification;
pub(crate) mod setup;
