//! Features whose subject is an IM client, and what their steps share.

mod acts;
mod ad_hoc;
mod answering;
mod extending;
mod general_requests;
mod general_responses;
mod invited;
mod leaving;
mod look;
mod modified;
mod one_to_one;
mod predefined_group;
mod subscription;
