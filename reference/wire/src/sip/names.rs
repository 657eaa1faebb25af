//! Header names: compact forms (RFC 3261 section 7.3.3 and later registrations), no regard to case.

/// Compact letter and full name.
const COMPACT: [(&str, &str); 20] = [
    ("a", "Accept-Contact"),
    ("b", "Referred-By"),
    ("c", "Content-Type"),
    ("d", "Request-Disposition"),
    ("e", "Content-Encoding"),
    ("f", "From"),
    ("i", "Call-ID"),
    ("j", "Reject-Contact"),
    ("k", "Supported"),
    ("l", "Content-Length"),
    ("m", "Contact"),
    ("n", "Identity-Info"),
    ("o", "Event"),
    ("r", "Refer-To"),
    ("s", "Subject"),
    ("t", "To"),
    ("u", "Allow-Events"),
    ("v", "Via"),
    ("x", "Session-Expires"),
    ("y", "Identity"),
];

/// The full name of a compact one; any other name as it is.
pub fn full(name: &str) -> &str {
    if name.len() != 1 {
        return name;
    }
    COMPACT
        .iter()
        .find(|(short, _)| short.eq_ignore_ascii_case(name))
        .map_or(name, |(_, long)| long)
}

/// The compact form, if one is registered.
pub fn compact(name: &str) -> Option<&'static str> {
    COMPACT
        .iter()
        .find(|(_, long)| long.eq_ignore_ascii_case(name))
        .map(|(short, _)| *short)
}

/// Whether two names mean the same header.
pub fn same_name(one: &str, other: &str) -> bool {
    full(one).eq_ignore_ascii_case(full(other))
}

/// Whether commas separate elements in that header (RFC 3261 sections 7.3.1 and 20).
pub fn is_list(name: &str) -> bool {
    const WHOLE: [&str; 17] = [
        "Authentication-Info",
        "Authorization",
        "Call-ID",
        "Content-Type",
        "CSeq",
        "Date",
        "From",
        "Identity",
        "Organization",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "Retry-After",
        "Server",
        "Subject",
        "To",
        "User-Agent",
        "WWW-Authenticate",
    ];
    let name = full(name);
    !WHOLE.iter().any(|whole| whole.eq_ignore_ascii_case(name))
}
