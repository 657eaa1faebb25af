//! Features whose subject is an IM client, and what their steps share.

mod acts;
mod ad_hoc;
mod general_requests;
mod look;
mod one_to_one;
mod predefined_group;
