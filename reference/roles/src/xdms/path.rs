//! XCAP addresses: root, application usage, tree, document, node selector and the namespaces of the query.

use wire::sip::Uri;

use super::store::Key;
use super::usage;

/// What an address means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) tree: Tree,
    /// Node selector, percent-decoded.
    pub(super) node: Option<String>,
    /// Prefixes and namespaces of the query (RFC 4825 section 6.4).
    pub(super) bindings: Vec<(String, String)>,
}

/// Where the document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    /// A document of a user.
    User(Key),
    /// The document that describes a group, by the group's identity.
    Group(String),
    /// The server's capabilities.
    Capabilities,
}

/// The address of a group's document at an XDMS (Group XDM, global tree `byGroupID`).
pub fn group_address(root: &str, auid: &str, group: &str) -> String {
    format!(
        "{}/{auid}/global/byGroupID/{}",
        root.trim_end_matches('/'),
        encoded(group)
    )
}

/// The address of a document of a user.
pub(crate) fn user_address(root: &str, auid: &str, user: &str, document: &str) -> String {
    let root = root.trim_end_matches('/');
    format!("{root}/{auid}/users/{}/{document}", encoded(user))
}

/// Percent-encodes all but the unreserved characters (RFC 3986 section 2.3).
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, octet| {
        if octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(octet));
        } else {
            out += &format!("%{octet:02X}");
        }
        out
    })
}

/// Takes a request target apart; the error is the status to answer.
pub(super) fn read(root: &str, target: &str) -> Result<Place, u16> {
    if target.len() > TARGET {
        return Err(414);
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = path.strip_prefix(root).ok_or(404_u16)?;
    let (document, node) = match path.split_once("/~~/") {
        Some((document, node)) => (document, Some(decoded(node).ok_or(400_u16)?)),
        None => (path, None),
    };
    let segments: Option<Vec<String>> = document.split('/').skip(1).map(decoded).collect();
    let segments = segments.ok_or(400_u16)?;
    if segments.len() > SEGMENTS
        || segments
            .iter()
            .any(|one| matches!(one.as_str(), "" | "." | ".."))
    {
        return Err(404);
    }
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let tree = match segments[..] {
        ["xcap-caps", "global", "index"] => Tree::Capabilities,
        [auid, "global", "byGroupID", group]
            if usage::of(auid).is_some_and(usage::Usage::is_groups) =>
        {
            Tree::Group(group.to_owned())
        }
        [auid, "users", user, ref name @ ..] if usage::of(auid).is_some() && !name.is_empty() => {
            Tree::User(Key {
                auid: auid.to_owned(),
                user: identity(user),
                name: name.join("/"),
            })
        }
        _ => return Err(404),
    };
    Ok(Place {
        tree,
        node,
        bindings: bindings(&decoded(query).ok_or(400_u16)?).ok_or(400_u16)?,
    })
}

/// Whether two addresses are of the same user.
pub(super) fn same_user(one: &str, other: &str) -> bool {
    match (Uri::parse(one), Uri::parse(other)) {
        (Ok(one), Ok(other)) => one.same_as(&other),
        _ => one == other,
    }
}

/// How a group is known: user and host of its SIP URI, case of the host and parameters aside.
pub(super) fn identity(uri: &str) -> String {
    match Uri::parse(uri) {
        Ok(Uri {
            scheme,
            user: Some(user),
            host,
            ..
        }) => {
            format!(
                "{}:{user}@{}",
                scheme.to_ascii_lowercase(),
                host.to_ascii_lowercase()
            )
        }
        _ => uri.to_owned(),
    }
}

/// `xmlns(prefix=namespace)`, one after the other; `^` escapes as XPointer has it.
fn bindings(query: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut rest = query.trim();
    while !rest.is_empty() {
        let inner = rest.strip_prefix("xmlns(")?;
        let mut value = String::new();
        let mut letters = inner.char_indices();
        let end = loop {
            match letters.next()? {
                (_, '^') => value.push(letters.next()?.1),
                (at, ')') => break at,
                (_, letter) => value.push(letter),
            }
        };
        let (prefix, space) = value.split_once('=')?;
        found.push((prefix.trim().to_owned(), space.trim().to_owned()));
        rest = inner[end + 1..].trim_start();
        if found.len() > BINDINGS {
            return None;
        }
    }
    Some(found)
}

fn decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut octets = text.bytes();
    while let Some(octet) = octets.next() {
        match octet {
            b'%' => {
                let pair = [octets.next()?, octets.next()?];
                let pair = std::str::from_utf8(&pair).ok()?;
                out.push(u8::from_str_radix(pair, 16).ok()?);
            }
            other => out.push(other),
        }
    }
    let text = String::from_utf8(out).ok()?;
    (!text.contains('\0')).then_some(text)
}

const TARGET: usize = 8192;
const SEGMENTS: usize = 12;
const BINDINGS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_found_where_we_ask_for_it() {
        let address = group_address(
            "http://h:1/services/",
            "org.openmobilealliance.groups",
            "sip:a b@x;y=z",
        );
        assert_eq!(
            address,
            "http://h:1/services/org.openmobilealliance.groups/global/byGroupID/sip%3Aa%20b%40x%3By%3Dz"
        );
        let place = read("/services", &address["http://h:1".len()..]).unwrap();
        assert_eq!(place.tree, Tree::Group("sip:a b@x;y=z".into()));
    }

    #[test]
    fn documents_nodes_and_namespaces_are_told_apart() {
        let place = read(
            "",
            "/resource-lists/users/sip:a@x/dir/index/~~/q:list%5b1%5d/@name?xmlns(q=urn:a)xmlns(r=b^)c)",
        )
        .unwrap();
        let key = Key {
            auid: "resource-lists".into(),
            user: "sip:a@x".into(),
            name: "dir/index".into(),
        };
        assert_eq!(place.tree, Tree::User(key));
        assert_eq!(place.node.as_deref(), Some("q:list[1]/@name"));
        let bound = |prefix: &str, space: &str| (prefix.to_owned(), space.to_owned());
        assert_eq!(place.bindings, [bound("q", "urn:a"), bound("r", "b)c")]);
    }

    #[test]
    fn what_is_no_address_has_its_status() {
        let long = format!("/resource-lists/users/a/{}", "b".repeat(9000));
        for (target, status) in [
            ("/other/resource-lists/users/a/b", 404),
            ("/resource-lists/users/a", 404),
            ("/resource-lists/users/a/", 404),
            ("/resource-lists/users/a/../b/c", 404),
            ("/resource-lists/users/a/%2e%2e/c", 404),
            ("/unknown/users/a/b", 404),
            ("/resource-lists/global/byGroupID/sip:a@x", 404),
            ("/resource-lists/users/a/%zz", 400),
            ("/resource-lists/users/a/%", 400),
            ("/resource-lists/users/a/b?xmlns(a", 400),
            ("/resource-lists/users/a/%00", 400),
            (long.as_str(), 414),
        ] {
            assert_eq!(read("", target), Err(status), "{target}");
        }
    }
}
