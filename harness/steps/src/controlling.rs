//! Words of the controlling function's procedures.

mod ad_hoc_setup;
mod general_responses;
mod invitation;
