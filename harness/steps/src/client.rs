//! Features whose subject is an IM client, and what their steps share.

pub(crate) mod acts;
mod ad_hoc;
pub(crate) mod answering;
mod extending;
pub(crate) mod general_requests;
mod general_responses;
mod invited;
mod leaving;
pub(crate) mod look;
mod modified;
mod one_to_one;
mod predefined_group;
mod subscription;
