//! The application usages: what a document of each must be.

use wire::sip::Uri;
use wire::xml::{group, history, resource_lists, ruleset};

use super::Response;
use super::conflict::Conflict;
use super::path::identity;
use crate::GROUPS_AUID;

/// One application usage (RFC 4825 section 5).
pub(super) struct Usage {
    auid: &'static str,
    pub(super) content_type: &'static str,
    /// Namespace of names without prefix in node selectors.
    pub(super) namespace: &'static str,
}

impl Usage {
    pub(super) fn is_groups(&self) -> bool {
        self.namespace == GROUP
    }
}

/// The usage of this name.
pub(super) fn of(auid: &str) -> Option<&'static Usage> {
    USAGES.iter().find(|usage| usage.auid == auid)
}

/// Checks a whole document; gives the identity of the group that it describes, if it describes one.
pub(super) fn check(usage: &Usage, document: &[u8]) -> Result<Option<String>, Conflict> {
    let violated = |violation| Conflict::of_document(&violation);
    match usage.namespace {
        GROUP => group_of(&group::read(document).map_err(violated)?).map(Some),
        HISTORY => {
            let list = history::parse(document).map_err(violated)?;
            match unique(list.iter().map(|one| one.reference.as_str())) {
                true => Ok(None),
                false => Err(Conflict::Uniqueness(
                    "history-list/history/@history-reference",
                )),
            }
        }
        RULES => ruleset::check(document).map_err(violated).map(|()| None),
        _ => {
            let lists = resource_lists::lists(document).map_err(violated)?;
            match lists
                .iter()
                .all(|list| unique(list.iter().map(String::as_str)))
            {
                true => Ok(None),
                false => Err(Conflict::Uniqueness("resource-lists/list/entry/@uri")),
            }
        }
    }
}

fn group_of(group: &group::Group) -> Result<String, Conflict> {
    let sip = Uri::parse(&group.uri)
        .is_ok_and(|uri| matches!(uri.scheme.as_str(), "sip" | "sips") && uri.user.is_some());
    if !sip {
        return Err(Conflict::Constraint(format!(
            "{} is no SIP URI of a group",
            group.uri
        )));
    }
    match unique(group.members.iter().map(|member| member.uri.as_str())) {
        true => Ok(identity(&group.uri)),
        false => Err(Conflict::Uniqueness("group/list-service/list/entry/@uri")),
    }
}

fn unique<'a>(addresses: impl Iterator<Item = &'a str>) -> bool {
    let mut seen = std::collections::HashSet::new();
    addresses.into_iter().all(|address| seen.insert(address))
}

/// What this server can do (RFC 4825 section 12).
pub(super) fn capabilities() -> Response {
    let list = |name: &str, values: &[&str]| -> String {
        values
            .iter()
            .map(|value| format!("    <{name}>{value}</{name}>\r\n"))
            .collect()
    };
    let auids: Vec<&str> = std::iter::once("xcap-caps")
        .chain(USAGES.iter().map(|usage| usage.auid))
        .collect();
    let mut namespaces = vec![
        "urn:ietf:params:xml:ns:xcap-caps",
        "urn:ietf:params:xml:ns:xcap-error",
    ];
    namespaces.extend([GROUP, RULES, LISTS, HISTORY]);
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<xcap-caps xmlns=\"urn:ietf:params:xml:ns:xcap-caps\">\r\n  <auids>\r\n{}  </auids>\r\n  <extensions/>\r\n  <namespaces>\r\n{}  </namespaces>\r\n</xcap-caps>\r\n",
        list("auid", &auids),
        list("namespace", &namespaces)
    );
    Response::new(200).carrying("application/xcap-caps+xml", body)
}

const GROUP: &str = "urn:oma:xml:poc:list-service";
const RULES: &str = "urn:ietf:params:xml:ns:common-policy";
const LISTS: &str = "urn:ietf:params:xml:ns:resource-lists";

const HISTORY: &str = history::SPACE;
const USAGES: [Usage; 6] = [
    Usage {
        auid: GROUPS_AUID,
        content_type: "application/vnd.oma.poc.groups+xml",
        namespace: GROUP,
    },
    Usage {
        auid: "org.openmobilealliance.poc-groups",
        content_type: "application/vnd.oma.poc.groups+xml",
        namespace: GROUP,
    },
    Usage {
        auid: ACCESS_AUID,
        content_type: "application/auth-policy+xml",
        namespace: RULES,
    },
    Usage {
        auid: "resource-lists",
        content_type: "application/resource-lists+xml",
        namespace: LISTS,
    },
    Usage {
        auid: HISTORY_AUID,
        content_type: HISTORY_TYPE,
        namespace: HISTORY,
    },
    Usage {
        auid: DEFERRED_AUID,
        content_type: DEFERRED_TYPE,
        namespace: HISTORY,
    },
];

/// The application usage of user access policy, and the name of its document.
pub(crate) const ACCESS_AUID: &str = "org.openmobilealliance.access-rules";
pub(crate) const ACCESS_DOCUMENT: &str = "access-rules";

/// The application usage of what was recorded of sessions, its document and its type (OMA IM XDM 5.1).
pub(crate) const HISTORY_AUID: &str = "org.openmobilealliance.conv-history";
pub(crate) const HISTORY_DOCUMENT: &str = "conv-history";
pub(crate) const HISTORY_TYPE: &str = "application/vnd.oma.im.history-list+xml";

/// The application usage of the list of deferred messages, and its type (OMA IM XDM 5.2).
pub(super) const DEFERRED_AUID: &str = "org.openmobilealliance.deferred-list";
pub(super) const DEFERRED_TYPE: &str = "application/vnd.oma.im.deferred-list+xml";
