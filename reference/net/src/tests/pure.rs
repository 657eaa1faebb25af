//! What needs no socket: timers and refusals.

use machines::port::TimerId;
use tokio::time::Instant;

use super::*;
use crate::refusal;
use crate::timers::Timers;

#[test]
fn rearmed_timers_leave_no_heap_behind() {
    let mut timers = Timers::default();
    let now = Instant::now();
    for _ in 0..100_000 {
        timers.arm(TimerId(1), now, Duration::from_secs(1));
    }
    assert!(timers.entries() < 100, "{}", timers.entries());
    assert_eq!(timers.due(now + Duration::from_secs(2)), Some(TimerId(1)));
    assert_eq!(timers.due(now + Duration::from_secs(2)), None);
    timers.arm(TimerId(2), now, Duration::MAX);
    timers.disarm(TimerId(2));
    assert_eq!(timers.next(), None);
}

#[test]
fn only_requests_with_enough_to_answer_are_refused() {
    let limits = wire::Limits::default();
    let request = options("r", "127.0.0.1:9".parse().unwrap(), "TCP", 0).to_bytes();
    let refused = String::from_utf8(refusal::sip(&request, &limits).unwrap()).unwrap();
    assert!(
        refused.starts_with("SIP/2.0 400 Bad Request\r\nVia: "),
        "{refused}"
    );
    assert_eq!(
        refusal::sip(b"SIP/2.0 200 OK\r\nVia: x\r\n\r\n", &limits),
        None
    );
    assert_eq!(
        refusal::sip(b"OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\n", &limits),
        None
    );
    assert_eq!(refusal::sip(b"\xff\xfe", &limits), None);
    assert_eq!(
        refusal::msrp(b"MSRP abcd 200 OK\r\nTo-Path: a\r\nFrom-Path: b\r\n", "400"),
        None
    );
    let refused = refusal::msrp(&send_frame("abcd1234", 1), "413 Too Large").unwrap();
    assert!(wire::msrp::Frame::parse(&refused).is_ok());
}
