//! The little SIP that the network of this job speaks; it shares nothing with the server's.

use std::net::SocketAddr;

/// A message that arrived.
pub(super) struct Heard {
    text: String,
}

impl Heard {
    pub(super) fn of(bytes: &[u8]) -> Heard {
        Heard {
            text: String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    /// The status code of a response.
    pub(super) fn code(&self) -> Option<u16> {
        let rest = self.text.strip_prefix("SIP/2.0 ")?;
        rest.get(..3)?.parse().ok()
    }

    /// The method of a request.
    pub(super) fn method(&self) -> &str {
        self.text.split(' ').next().unwrap_or_default()
    }

    /// The number of the user in the Request-URI.
    pub(super) fn user(&self) -> u64 {
        let uri = self.text.split(' ').nth(1).unwrap_or_default();
        let user = uri.trim_start_matches("sip:u").split('@').next();
        user.and_then(|user| user.parse().ok()).unwrap_or(u64::MAX)
    }

    /// The first value of a header.
    pub(super) fn header(&self, name: &str) -> &str {
        let head = self.text.split("\r\n\r\n").next().unwrap_or_default();
        let mut lines = head.lines().skip(1);
        lines
            .find_map(|line| {
                let (found, value) = line.split_once(':')?;
                found.eq_ignore_ascii_case(name).then(|| value.trim())
            })
            .unwrap_or_default()
    }

    pub(super) fn body(&self) -> &str {
        let parts = self.text.split_once("\r\n\r\n");
        parts.map_or("", |(_, body)| body)
    }

    /// The branch of the topmost Via.
    pub(super) fn branch(&self) -> &str {
        let via = self.header("Via");
        let branch = via.split("branch=").nth(1).unwrap_or_default();
        branch.split([';', ',']).next().unwrap_or_default()
    }

    /// What a client knows a message by: Call-ID, CSeq and tag of From.
    pub(super) fn identity(&self) -> String {
        let tag = self.header("From").split("tag=").nth(1).unwrap_or_default();
        format!("{} {} {tag}", self.header("Call-ID"), self.header("CSeq"))
    }

    pub(super) fn response(&self, code: u16, reason: &str) -> String {
        let head = self.text.split("\r\n\r\n").next().unwrap_or_default();
        let mut response = format!("SIP/2.0 {code} {reason}\r\n");
        for line in head.lines().skip(1) {
            let name = line.split(':').next().unwrap_or_default();
            let tag = if name == "To" && !line.contains("tag=") {
                ";tag=there"
            } else {
                ""
            };
            if ["Via", "From", "To", "Call-ID", "CSeq"].contains(&name) {
                response += &format!("{line}{tag}\r\n");
            }
        }
        response + "Content-Length: 0\r\n\r\n"
    }
}

/// The MESSAGE of this number, as the core passes it on.
pub(super) fn message(number: u64, user: u64, own: SocketAddr, server: SocketAddr) -> String {
    let body = format!("message {number}");
    format!(
        "MESSAGE sip:u{user}@example.com SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK-m{number}\r\n\
         Max-Forwards: 69\r\nRoute: <sip:{server};lr>, <sip:{own};lr>\r\n\
         From: <sip:alice@example.com>;tag=t{number}\r\nTo: <sip:u{user}@example.com>\r\n\
         Call-ID: m{number}@example.com\r\nCSeq: 1 MESSAGE\r\nP-Asserted-Identity: <sip:alice@example.com>\r\n\
         Accept-Contact: *;+g.oma.sip-im\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The third-party REGISTER that says the user is there.
pub(super) fn register(number: u64, user: u64, own: SocketAddr, server: SocketAddr) -> String {
    format!(
        "REGISTER sip:{server} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK-r{number}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:{own}>;tag=r{number}\r\nTo: <sip:u{user}@example.com>\r\n\
         Call-ID: r{number}@example.com\r\nCSeq: 1 REGISTER\r\nContact: <sip:{own}>\r\nExpires: 3600\r\n\
         Content-Length: 0\r\n\r\n"
    )
}
