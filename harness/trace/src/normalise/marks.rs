//! Where the volatile values of one message stand, found by the structure around them.

use std::ops::Range;

use super::insert;
use super::kind::Kind;
use super::text::{find_all, is_word, named_value, token_end, words};
use crate::{Frame, Protocol, visible};

/// A volatile value and its place in the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
}

/// Addresses that the links of the exchange have.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    pub(super) hosts: Vec<String>,
    pub(super) ports: Vec<u16>,
}

/// Octet after the blank line that ends the headers, or the end of the message.
pub(super) fn body_start(frame: &Frame) -> usize {
    let blank = |line: &Range<usize>| matches!(&frame.bytes[line.clone()], b"\r\n" | b"\n");
    visible::lines(&frame.bytes)
        .iter()
        .find(|line| blank(line))
        .map_or(frame.bytes.len(), |line| line.end)
}

/// Everything volatile that structure tells, sorted by place, without overlap.
pub(super) fn find(frame: &Frame, places: &Places) -> Vec<Mark> {
    let bytes = &frame.bytes;
    let body = body_start(frame);
    let mut marks = Vec::new();
    for (number, line) in visible::lines(bytes).into_iter().enumerate() {
        let mut finder = Finder {
            bytes,
            line: line.clone(),
            marks: &mut marks,
        };
        match frame.protocol {
            Protocol::Msrp if number == 0 || bytes[line.clone()].starts_with(b"-------") => {
                finder.msrp_identifier()
            }
            _ if number == 0 || frame.protocol == Protocol::User => finder.transport_parameter(),
            _ if line.start < body => finder.header(frame.protocol),
            _ => finder.content(),
        }
        finder.replaces();
        finder.msrp_uris();
        finder.addresses(places);
    }
    marks
}

/// Looks at one line.
struct Finder<'a> {
    bytes: &'a [u8],
    line: Range<usize>,
    marks: &'a mut Vec<Mark>,
}

impl Finder<'_> {
    fn text(&self) -> &[u8] {
        &self.bytes[self.line.clone()]
    }

    /// Marks octets counted from the start of the line.
    fn mark(&mut self, span: Range<usize>, kind: Kind) {
        let span = self.line.start + span.start..self.line.start + span.end;
        insert(self.marks, Mark { span, kind });
    }

    fn header(&mut self, protocol: Protocol) {
        let Some((name, value)) = named_value(self.text()) else {
            return;
        };
        match (protocol, name.as_str()) {
            (Protocol::Sip, "call-id" | "i") => self.mark(value, Kind::CallId),
            (Protocol::Sip, "via" | "v") => self.via(),
            (Protocol::Sip, "from" | "f" | "to" | "t") => self.parameter(b";tag=", Kind::Tag),
            (Protocol::Sip, "sip-etag" | "sip-if-match") => self.mark(value, Kind::Tag),
            (Protocol::Sip, "replaces" | "target-dialog") => self.dialog(value.start),
            (Protocol::Sip, "contact" | "m") => self.session_identity(),
            (Protocol::Sip, "route") => self.route_users(),
            (Protocol::Sip, "p-charging-vector") => self.parameter(b"icid-value=", Kind::Session),
            (
                Protocol::Sip,
                "www-authenticate" | "proxy-authenticate" | "authorization" | "proxy-authorization",
            ) => {
                self.parameter(b"nonce=", Kind::Nonce);
                self.parameter(b"response=", Kind::Digest);
            }
            (_, "content-length" | "l") => self.mark(value, Kind::Length),
            (_, "content-type" | "c") => self.parameter(b"boundary=", Kind::Boundary),
            (Protocol::Sip, "retry-after") => self.mark(value, Kind::Seconds),
            (Protocol::Sip, "subscription-state") => self.parameter(b";expires=", Kind::Seconds),
            (Protocol::Http, "etag" | "if-match") => self.mark(value, Kind::Tag),
            (_, "date") => self.mark(value, Kind::Date),
            (Protocol::Msrp, "message-id") => self.mark(value, Kind::MessageId),
            (Protocol::Msrp, "byte-range") => self.byte_range(value),
            _ => {}
        }
        if protocol == Protocol::Sip {
            self.transport_parameter();
        }
    }

    /// Call-ID and tags of a dialog (RFC 3891 6.1), plain or with the escapes of a URI's header.
    fn dialog(&mut self, from: usize) {
        let text = self.text();
        let end = from
            + text[from..]
                .iter()
                .take_while(|byte| !b" >\"&,\r\n".contains(byte))
                .count();
        let stops = |at: usize| {
            text[at] == b';' || text[at..].starts_with(b"%3B") || text[at..].starts_with(b"%3b")
        };
        let until = |start: usize| (start..end).find(|at| stops(*at)).unwrap_or(end);
        let mut found = vec![(from..until(from), Kind::CallId)];
        for prefix in [&b"to-tag="[..], b"from-tag=", b"to-tag%3D", b"from-tag%3D"] {
            for start in find_all(&text[from..end], prefix) {
                let start = from + start + prefix.len();
                found.push((start..until(start), Kind::Tag));
            }
        }
        for (span, kind) in found {
            self.mark(span, kind);
        }
    }

    /// The dialog that a URI with a header Replaces names (RFC 3891 section 4, RFC 3261 19.1.1).
    fn replaces(&mut self) {
        for start in find_all(self.text(), b"?Replaces=") {
            self.dialog(start + b"?Replaces=".len());
        }
    }

    /// A URI may say its transport or leave it to the default, so that the whole parameter goes.
    fn transport_parameter(&mut self) {
        for start in find_all(self.text(), b";transport=") {
            let end = token_end(self.text(), start + b";transport=".len());
            self.mark(start..end, Kind::TransportParameter);
        }
    }

    fn via(&mut self) {
        for start in find_all(self.text(), b"SIP/2.0/") {
            let from = start + b"SIP/2.0/".len();
            let end = token_end(self.text(), from);
            self.mark(from..end, Kind::Transport);
        }
        self.parameter(b"branch=", Kind::Branch);
        self.parameter(b"rport=", Kind::Rport);
        self.parameter(b"received=", Kind::Received);
    }

    /// The user part of a conference's Contact (RFC 4579 section 5: the one with `isfocus`).
    fn session_identity(&mut self) {
        let text = self.text();
        let focus = !find_all(text, b"isfocus").is_empty();
        let user = find_all(text, b"sip:").first().map(|start| start + 4);
        let at = text.iter().position(|byte| *byte == b'@');
        if let (true, Some(user), Some(at)) = (focus, user, at)
            && user < at
        {
            self.mark(user..at, Kind::Session);
        }
    }

    /// The user part of a Route, by which whoever wrote it knows a request again.
    fn route_users(&mut self) {
        for start in find_all(self.text(), b"sip:") {
            let from = start + b"sip:".len();
            let user = self.text()[from..]
                .iter()
                .position(|byte| b"@>;, \r\n".contains(byte));
            let user = user.filter(|length| self.text()[from + length] == b'@');
            if let Some(length) = user {
                self.mark(from..from + length, Kind::Session);
            }
        }
    }

    /// Marks the value of a parameter wherever `prefix` stands, whatever its case.
    fn parameter(&mut self, prefix: &[u8], kind: Kind) {
        for start in find_all(self.text(), prefix) {
            let mut from = start + prefix.len();
            let quoted = self.text().get(from) == Some(&b'"');
            from += usize::from(quoted);
            let end = match self.text()[from..].iter().position(|byte| *byte == b'"') {
                Some(length) if quoted => from + length,
                _ => token_end(self.text(), from),
            };
            self.mark(from..end, kind);
        }
    }

    /// The end and total of a range, and a start that is not the first octet.
    fn byte_range(&mut self, value: Range<usize>) {
        let text = self.text()[value.clone()].to_vec();
        let mut from = 0;
        for part in text.split_inclusive(|byte| !byte.is_ascii_digit()) {
            let digits = part.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if from > 0 || &part[..digits] != b"1" {
                self.mark(
                    value.start + from..value.start + from + digits,
                    Kind::Length,
                );
            }
            from += part.len();
        }
    }

    fn msrp_identifier(&mut self) {
        let text = self.text();
        let from = if text.starts_with(b"MSRP ") { 5 } else { 7 };
        let end = text[from.min(text.len())..]
            .iter()
            .position(|byte| matches!(byte, b' ' | b'$' | b'+' | b'#' | b'\r'));
        if let Some(length) = end {
            self.mark(from..from + length, Kind::MsrpTransaction);
        }
    }

    /// SDP, CPIM and MIME lines inside a body.
    fn content(&mut self) {
        self.transport_parameter();
        self.parameter(b"history-reference=", Kind::Recording);
        self.parameter(b"<size>", Kind::Length);
        let text = self.text();
        if text.starts_with(b"o=") {
            let mut words = words(text).into_iter().skip(1);
            if let (Some(id), Some(version)) = (words.next(), words.next()) {
                self.mark(id, Kind::SdpId);
                self.mark(version, Kind::SdpVersion);
            }
        } else if text.starts_with(b"m=message ") {
            let end = token_end(text, 10);
            if !matches!(&text[10..end], b"0" | b"9") {
                self.mark(10..end, Kind::MsrpPort);
            }
        } else if let Some((name, value)) = named_value(text) {
            match name.as_str() {
                "datetime" | "date" => self.mark(value, Kind::Date),
                "imdn.message-id" => self.mark(value, Kind::MessageId),
                "content-length" => self.mark(value, Kind::Length),
                "content-type" => self.parameter(b"boundary=", Kind::Boundary),
                _ => {}
            }
        }
    }

    /// Port and session of every MSRP URI (RFC 4975 section 6).
    fn msrp_uris(&mut self) {
        for scheme in [&b"msrp://"[..], b"msrps://"] {
            for start in find_all(self.text(), scheme) {
                let text = self.text();
                let host = start + scheme.len();
                let end = host
                    + text[host..]
                        .iter()
                        .take_while(|byte| !b" ;\r\n,".contains(byte))
                        .count();
                let slash = text[host..end]
                    .iter()
                    .position(|byte| *byte == b'/')
                    .map_or(end, |at| host + at);
                let colon = text[host..slash]
                    .iter()
                    .rposition(|byte| *byte == b':')
                    .map(|at| host + at + 1);
                let port = colon.filter(|from| text[*from..slash].iter().all(u8::is_ascii_digit));
                let port = port.filter(|from| !matches!(&text[*from..slash], b"0" | b"9"));
                if let Some(from) = port {
                    self.mark(from..slash, Kind::MsrpPort);
                }
                self.mark((slash + 1).min(end)..end, Kind::MsrpSession);
            }
        }
    }

    /// Addresses of the links, and SIP ports behind any host.
    fn addresses(&mut self, places: &Places) {
        for host in &places.hosts {
            for start in find_all(self.text(), host.as_bytes()) {
                let end = start + host.len();
                let beside =
                    |byte: Option<&u8>| byte.is_some_and(|byte| is_word(*byte) || *byte == b'.');
                let before = start
                    .checked_sub(1)
                    .and_then(|at| self.text().get(at))
                    .copied();
                // A dot behind may end a sentence; a dot and a digit continues a number.
                let after = self.text().get(end).is_some_and(|byte| is_word(*byte));
                if !beside(before.as_ref()) && !after {
                    self.mark(start..end, Kind::Host);
                }
            }
        }
        for start in find_all(self.text(), b":") {
            let text = self.text();
            let from = start + 1;
            let end = from
                + text[from..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit())
                    .count();
            let host_before = start > 0 && (is_word(text[start - 1]) || text[start - 1] == b']');
            let number = std::str::from_utf8(&text[from..end])
                .ok()
                .and_then(|digits| digits.parse::<u16>().ok());
            if host_before && number.is_some_and(|port| places.ports.contains(&port)) {
                self.mark(from..end, Kind::Port);
            }
        }
    }
}
