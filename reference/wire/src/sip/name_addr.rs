//! `name-addr` and `addr-spec` with header parameters: From, To, Contact, Route, Refer-To and kin.

use std::fmt;

use super::{Params, Uri, Violation, lexis};

/// An address as headers print it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAddr {
    /// The name a person sees, quotes and escapes removed.
    pub display: Option<String>,
    /// The address; a lone `*` (RFC 3261 section 10.2.2) has scheme `*` and nothing else.
    pub uri: Uri,
    /// Header parameters (after the `>`).
    pub params: Params,
}

impl NameAddr {
    /// Reads one element (no comma list).
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let text = text.trim_ascii();
        if text == "*" {
            let uri = Uri::opaque("*", "");
            return Ok(Self::of(uri));
        }
        let (display, rest) = display_name(text)?;
        let Some(rest) = rest else {
            return addr_spec(text);
        };
        let (uri, params) = rest.split_once('>').ok_or(Violation::NameAddr)?;
        Ok(Self {
            display,
            uri: Uri::parse(uri)?,
            params: lexis::params(params)?,
        })
    }

    /// An address without display name and parameters.
    pub fn of(uri: Uri) -> Self {
        Self {
            display: None,
            uri,
            params: Params::default(),
        }
    }

    /// The `tag` parameter.
    pub fn tag(&self) -> Option<&str> {
        self.params.value("tag")
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.uri.scheme == "*" {
            return f.write_str("*");
        }
        if let Some(display) = &self.display {
            write!(f, "{} ", lexis::quote(display))?;
        }
        write!(f, "<{}>{}", self.uri, self.params)
    }
}

/// The display name, and what follows the `<` (`None`: there is no `<`, so it is an addr-spec).
fn display_name(text: &str) -> Result<(Option<String>, Option<&str>), Violation> {
    if text.starts_with('"') {
        let (quoted, rest) = lexis::take_quoted(text)?;
        let rest = rest.trim_ascii_start().strip_prefix('<');
        let rest = rest.ok_or(Violation::NameAddr)?;
        return Ok((Some(lexis::unquote(quoted)), Some(rest)));
    }
    let Some(at) = text
        .find(['<', '"'])
        .filter(|at| text[*at..].starts_with('<'))
    else {
        return Ok((None, None));
    };
    let name = text[..at].trim_ascii_end();
    let word = |byte: u8| lexis::token_octet(byte) || byte == b' ' || byte == b'\t';
    if !name.bytes().all(word) {
        return Err(Violation::NameAddr);
    }
    let display = (!name.is_empty()).then(|| name.to_owned());
    Ok((display, Some(&text[at + 1..])))
}

/// Parameters after a bare URI belong to the header (RFC 3261 section 20).
fn addr_spec(text: &str) -> Result<NameAddr, Violation> {
    let end = text.find(';').unwrap_or(text.len());
    let (uri, params) = text.split_at(end);
    if uri.contains(['?', ',']) {
        return Err(Violation::NameAddrBrackets);
    }
    let uri = Uri::parse(uri.trim_ascii_end())?;
    let params = lexis::params(params)?;
    Ok(NameAddr {
        params,
        ..NameAddr::of(uri)
    })
}
