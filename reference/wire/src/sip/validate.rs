//! Whether the header values of a message follow their grammar.

use super::{
    AcceptContact, CSeq, ContentType, Disposition, Event, Message, NameAddr, SessionExpires,
    SubscriptionState, Uri, Via, Violation, Warning, full, is_list, lexis, split_commas,
};

/// Every message carries these (RFC 3261 sections 8.1.1 and 8.2.6.2).
const MANDATORY: [&str; 5] = ["Via", "From", "To", "Call-ID", "CSeq"];

/// These stand at most once.
const SINGLE: [&str; 18] = [
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Max-Forwards",
    "Content-Length",
    "Content-Type",
    "Content-Disposition",
    "Date",
    "Event",
    "Expires",
    "Min-Expires",
    "Min-SE",
    "MIME-Version",
    "Refer-To",
    "Session-Expires",
    "Subject",
    "Subscription-State",
];

impl Message {
    /// Judges what `parse` leaves open: mandatory headers, single headers, typed values, Request-URI.
    /// `Max-Forwards` may be absent: RFC 3261 section 16.3 lets such requests pass.
    pub fn validate(&self) -> Result<(), Violation> {
        if let Some(uri) = self.uri() {
            request_uri(uri)?;
        }
        for name in MANDATORY {
            if self.header(name).is_none() {
                return Err(Violation::Missing(name));
            }
        }
        for name in SINGLE {
            if self.headers(name).nth(1).is_some() {
                return Err(Violation::Repeated(name));
            }
        }
        for header in &self.headers {
            value(full(&header.name), &header.value)?;
        }
        let cseq = CSeq::parse(self.header("CSeq").unwrap_or_default())?;
        match self.method() {
            Some(method) if method != cseq.method => Err(Violation::CSeqMethod),
            _ => Ok(()),
        }
    }
}

/// A Request-URI carries no header components (RFC 3261 section 19.1.1, table 1).
fn request_uri(text: &str) -> Result<(), Violation> {
    match Uri::parse(text) {
        Ok(uri) if uri.headers.is_empty() => Ok(()),
        Ok(_) | Err(_) => Err(Violation::RequestUri),
    }
}

/// Judges one header line by its name; names we do not know pass.
fn value(name: &str, value: &str) -> Result<(), Violation> {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "via" => each(&name, value, |text| Via::parse(text).map(drop)),
        "from"
        | "to"
        | "contact"
        | "route"
        | "record-route"
        | "refer-to"
        | "referred-by"
        | "reply-to"
        | "p-asserted-identity"
        | "p-preferred-identity"
        | "path"
        | "service-route" => each(&name, value, address),
        "cseq" => CSeq::parse(value).map(drop),
        "call-id" => call_id(value),
        "content-type" => ContentType::parse(value).map(drop),
        "content-disposition" => Disposition::parse(value).map(drop),
        "event" => Event::parse(value).map(drop),
        "subscription-state" => SubscriptionState::parse(value).map(drop),
        "session-expires" => SessionExpires::parse(value).map(drop),
        "min-se" => SessionExpires::parse(value).map(drop),
        "accept-contact" => each(&name, value, |text| AcceptContact::parse(text).map(drop)),
        "warning" => each(&name, value, |text| Warning::parse(text).map(drop)),
        "max-forwards" => number::<u8>("Max-Forwards", value),
        "expires" => number::<u32>("Expires", value),
        "min-expires" => number::<u32>("Min-Expires", value),
        "retry-after" => retry_after(value),
        "date" => super::date::check(value),
        "allow" | "require" | "proxy-require" | "supported" | "unsupported" | "allow-events" => {
            tokens(&name, value)
        }
        _ => Ok(()),
    }
}

fn each(
    name: &str,
    value: &str,
    check: impl Fn(&str) -> Result<(), Violation>,
) -> Result<(), Violation> {
    if !is_list(name) {
        return check(value);
    }
    for span in split_commas(value.as_bytes()) {
        if span.is_empty() {
            return Err(Violation::EmptyElement);
        }
        check(&value[span])?;
    }
    Ok(())
}

/// Times to live of a contact are numbers too (RFC 3261 section 20.10).
fn address(text: &str) -> Result<(), Violation> {
    let address = NameAddr::parse(text)?;
    match address.params.value("expires") {
        Some(expires) => number::<u32>("expires", expires),
        None => Ok(()),
    }
}

fn call_id(value: &str) -> Result<(), Violation> {
    let blank = value.is_empty() || value.contains([' ', '\t']);
    if blank {
        Err(Violation::CallId)
    } else {
        Ok(())
    }
}

fn number<N: std::str::FromStr>(name: &'static str, value: &str) -> Result<(), Violation> {
    let read = lexis::number::<N>(value);
    read.map(drop).ok_or(Violation::Number(name))
}

/// Seconds, then a comment or parameters.
fn retry_after(value: &str) -> Result<(), Violation> {
    let end = value.find([' ', '(', ';']).unwrap_or(value.len());
    number::<u32>("Retry-After", &value[..end])
}

/// Option tags and methods; the list may be empty for Allow and Supported.
fn tokens(name: &str, value: &str) -> Result<(), Violation> {
    if value.is_empty() {
        return Ok(());
    }
    each(name, value, |text| match lexis::is_token(text.as_bytes()) {
        true => Ok(()),
        false => Err(Violation::Token),
    })
}
