//! The MSRP frames that the switch makes itself: responses, reports, and the first SEND of a connection.

use machines::port::{LinkId, Output};
use wire::msrp::{Flag, Frame, Kind};

use super::leg::Leg;
use crate::identifiers::Identifiers;

/// The session part of an MSRP URI, which alone tells legs apart (RFC 4975 6).
pub(crate) fn session_of(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    path.split_once(';').map_or(path, |(session, _)| session)
}

// RFC 4975 7.2: to the first From-Path URI only, same transaction, always complete; as Failure-Report allows.
pub(crate) fn answer(link: LinkId, frame: &Frame, code: u16, out: &mut Vec<Output>) {
    let wish = frame.header("Failure-Report").unwrap_or("yes");
    if wish.eq_ignore_ascii_case("no") || (wish.eq_ignore_ascii_case("partial") && code == 200) {
        return;
    }
    let response = Frame {
        transaction: frame.transaction.clone(),
        kind: Kind::Response(code, comment(code).into()),
        to_path: frame.from_path.iter().take(1).cloned().collect(),
        from_path: frame.to_path.iter().take(1).cloned().collect(),
        headers: Vec::new(),
        body: None,
        flag: Flag::Complete,
    };
    out.push(Output::Msrp {
        link,
        bytes: response.to_bytes(),
    });
}

// RFC 4975 7.1.3: the whole message is here, and its sender wants to know.
pub(super) fn report(
    link: LinkId,
    frame: &Frame,
    message: &str,
    total: u64,
    ids: &mut Identifiers,
    out: &mut Vec<Output>,
) {
    if !frame
        .header("Success-Report")
        .is_some_and(|wish| wish.eq_ignore_ascii_case("yes"))
    {
        return;
    }
    let report = Frame {
        transaction: ids.msrp_transaction(),
        kind: Kind::Request("REPORT".into()),
        to_path: frame.from_path.clone(),
        from_path: frame.to_path.clone(),
        headers: vec![
            ("Message-ID".into(), message.into()),
            (
                "Byte-Range".into(),
                if total == 0 {
                    "1-0/0".into()
                } else {
                    format!("1-{total}/{total}")
                },
            ),
            ("Status".into(), "000 200 OK".into()),
        ],
        body: None,
        flag: Flag::Complete,
    };
    out.push(Output::Msrp {
        link,
        bytes: report.to_bytes(),
    });
}

/// A REPORT of a failure to a leg, about a message that came from there (RFC 4975 7.1.2).
pub(super) fn report_status(
    leg: &Leg,
    message: &str,
    range: &str,
    code: u16,
    ids: &mut Identifiers,
) -> Frame {
    let status = format!("000 {code} {}", comment(code));
    Frame {
        transaction: ids.msrp_transaction(),
        kind: Kind::Request("REPORT".into()),
        to_path: leg.terms.path.clone(),
        from_path: vec![leg.own.clone()],
        headers: vec![
            ("Message-ID".into(), message.into()),
            ("Byte-Range".into(), range.into()),
            ("Status".into(), status),
        ],
        body: None,
        flag: Flag::Complete,
    }
}

// RFC 4975 5.4: the side that connects sends at once, so that the other can bind the connection.
pub(super) fn greeting(leg: &Leg, ids: &mut Identifiers) -> Frame {
    Frame {
        transaction: ids.msrp_transaction(),
        kind: Kind::Request("SEND".into()),
        to_path: leg.terms.path.clone(),
        from_path: vec![leg.own.clone()],
        headers: vec![("Message-ID".into(), ids.msrp_message())],
        body: None,
        flag: Flag::Complete,
    }
}

fn comment(code: u16) -> &'static str {
    match code {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Timeout",
        413 => "Stop Sending",
        415 => "Unsupported Media Type",
        424 => "Malformed Nickname",
        425 => "Nickname Reserved or Already in Use",
        428 => "Private Messages Not Supported",
        481 => "No Such Session",
        501 => "Unknown Method",
        506 => "Session Bound Elsewhere",
        _ => "Failure",
    }
}
