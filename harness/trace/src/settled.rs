//! Whether an exchange has come to rest: nothing that was asked is still without its answer.

use crate::matchers::{Msrp, Sip, msrp_frames, sip_messages};
use crate::{Direction, Exchange};

/// True when every SIP request has a final response, every final response to an INVITE its ACK, and
/// every MSRP SEND the response and the report that it wants, in both directions.
///
/// HTTP does not count: the tester answers in the moment it hears, or never.
/// Snapshots are taken of exchanges at rest, so that they do not depend on who was quicker.
pub fn settled(exchange: &Exchange) -> bool {
    let sip = |(asked, answered)| sip_settled(exchange, asked, answered);
    WAYS.into_iter().all(sip) && media_settled(exchange)
}

/// True when every MSRP SEND has the response and the report that it wants, in both directions.
pub fn media_settled(exchange: &Exchange) -> bool {
    let msrp = |(asked, answered)| msrp_settled(exchange, asked, answered);
    WAYS.into_iter().all(msrp)
}

/// Who asks, and who answers.
const WAYS: [(Direction, Direction); 2] = [
    (Direction::Sent, Direction::Received),
    (Direction::Received, Direction::Sent),
];

fn sip_settled(exchange: &Exchange, asked: Direction, answered: Direction) -> bool {
    let requests: Vec<Sip<'_>> = sip_messages(exchange, asked)
        .filter(|message| message.scan.is_request())
        .collect();
    let finals: Vec<Sip<'_>> = sip_messages(exchange, answered)
        .filter(|message| message.scan.code().is_some_and(|code| code >= 200))
        .collect();
    requests
        .iter()
        .filter(|request| request.scan.method().as_deref() != Some("ACK"))
        .all(|request| {
            let done = finals
                .iter()
                .any(|response| request.same_transaction(response));
            done && (request.scan.method().as_deref() != Some("INVITE")
                || acknowledged(request, &requests))
        })
}

/// Whether the ACK is there, at whichever chair: that of a 200 passes by a proxy that keeps no route.
fn acknowledged(invite: &Sip<'_>, requests: &[Sip<'_>]) -> bool {
    let number = invite.cseq().map(|(number, _)| number);
    requests.iter().any(|ack| {
        ack.scan.method().as_deref() == Some("ACK")
            && ack.call_id() == invite.call_id()
            && ack.cseq().map(|(number, _)| number) == number
    })
}

fn msrp_settled(exchange: &Exchange, asked: Direction, answered: Direction) -> bool {
    msrp_frames(exchange, asked)
        .filter(|send| matches!(&send.message.kind, wire::msrp::Kind::Request(method) if method == "SEND"))
        .all(|send| {
            // RFC 4975 section 7.2: these two ask for no 200.
            let quiet = matches!(send.message.header("Failure-Report"), Some("no" | "partial"));
            let response = msrp_frames(exchange, answered).find(|response| {
                matches!(response.message.kind, wire::msrp::Kind::Response(..))
                    && response.frame.chair == send.frame.chair
                    && response.message.transaction == send.message.transaction
            });
            let accepted = response.as_ref().is_some_and(|r| matches!(r.message.kind, wire::msrp::Kind::Response(200, _)));
            (quiet || response.is_some()) && (!accepted || reported(exchange, &send, answered))
        })
}

/// Whether the success report that a SEND asks for is there (RFC 4975 section 7.1.2).
fn reported(exchange: &Exchange, send: &Msrp<'_>, answered: Direction) -> bool {
    send.message.header("Success-Report") != Some("yes")
        || msrp_frames(exchange, answered).any(|report| {
            matches!(&report.message.kind, wire::msrp::Kind::Request(method) if method == "REPORT")
                && report.frame.chair == send.frame.chair
                && report.message.header("Message-ID") == send.message.header("Message-ID")
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Frame, Protocol};

    fn exchange(frames: &[(Direction, Protocol, &str)]) -> Exchange {
        let frames = frames
            .iter()
            .enumerate()
            .map(|(index, (direction, protocol, text))| Frame {
                index,
                at_us: 0,
                direction: *direction,
                chair: "alice".to_owned(),
                protocol: *protocol,
                transport: "tcp".to_owned(),
                local: ([127, 0, 0, 1], 1).into(),
                remote: ([127, 0, 0, 1], 2).into(),
                bytes: text.replace('\n', "\r\n").into_bytes(),
            });
        Exchange {
            frames: frames.collect(),
        }
    }

    #[test]
    fn rest_comes_with_the_last_answer() {
        use Direction::{Received, Sent};
        let frames = [
            (
                Sent,
                Protocol::Sip,
                "INVITE sip:a@x SIP/2.0\nCall-ID: 1\nCSeq: 1 INVITE\n\n",
            ),
            (
                Received,
                Protocol::Sip,
                "SIP/2.0 180 Ringing\nCall-ID: 1\nCSeq: 1 INVITE\n\n",
            ),
            (
                Received,
                Protocol::Sip,
                "SIP/2.0 200 OK\nCall-ID: 1\nCSeq: 1 INVITE\n\n",
            ),
            (
                Sent,
                Protocol::Sip,
                "ACK sip:a@x SIP/2.0\nCall-ID: 1\nCSeq: 1 ACK\n\n",
            ),
            (
                Received,
                Protocol::Msrp,
                "MSRP abcd SEND\nTo-Path: msrp://h:1/a;tcp\nFrom-Path: msrp://h:2/b;tcp\n-------abcd$\n",
            ),
            (
                Sent,
                Protocol::Msrp,
                "MSRP abcd 200 OK\nTo-Path: msrp://h:2/b;tcp\nFrom-Path: msrp://h:1/a;tcp\n-------abcd$\n",
            ),
        ];
        let at_rest: Vec<bool> = (0..=frames.len())
            .map(|count| settled(&exchange(&frames[..count])))
            .collect();
        assert_eq!(at_rest, [true, false, false, false, true, false, true]);
    }
}
