//! Credentials that a message gives away.

use wire::scan::Scan;

use crate::{Frame, Protocol};

/// Whether the frame carries credentials that anybody can use who reads it, such as those of Basic and Bearer; those of
/// Digest hold a hash only.
#[must_use]
pub fn has_open_credentials(frame: &Frame) -> bool {
    if matches!(frame.protocol, Protocol::Msrp | Protocol::User) {
        return false;
    }
    let message = Scan::sip(&frame.bytes);
    let open = |value: &str| {
        let scheme = value.split_whitespace().next().unwrap_or_default();
        !scheme.eq_ignore_ascii_case("Digest")
    };
    ["Authorization", "Proxy-Authorization"]
        .into_iter()
        .flat_map(|name| message.fields(name))
        .any(|field| open(&field.value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Direction;

    fn frame(header: &str) -> Frame {
        let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 5060));
        Frame {
            index: 0,
            at_us: 0,
            direction: Direction::Sent,
            chair: "alice".to_owned(),
            protocol: Protocol::Sip,
            transport: "udp".to_owned(),
            local: nowhere,
            remote: nowhere,
            bytes: format!("REGISTER sip:a SIP/2.0\r\n{header}\r\n\r\n").into_bytes(),
        }
    }

    #[test]
    fn only_hashes_may_be_shown() {
        for (header, open) in [
            ("Authorization: Basic YTpi", true),
            ("proxy-authorization:\tBearer x", true),
            (
                "Authorization: digest username=\"a\", response=\"0\"",
                false,
            ),
            ("Via: SIP/2.0/UDP a", false),
        ] {
            assert_eq!(has_open_credentials(&frame(header)), open, "{header}");
        }
    }
}
