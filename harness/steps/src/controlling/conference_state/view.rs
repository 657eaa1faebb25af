//! The conference as a subscriber sees it, rebuilt from the documents that it was sent (RFC 4575 4.6).

use std::collections::BTreeMap;

use wire::xml::conference_info::{ConferenceInfo, User};

/// Who is in the conference, by entity, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct View {
    users: BTreeMap<String, String>,
    /// The conference is gone.
    pub(super) deleted: bool,
}

impl View {
    /// Takes over what a document says, in the order of the versions.
    pub(super) fn apply(&mut self, info: &ConferenceInfo) {
        self.deleted = info.state == "deleted";
        let whole = info.users_state.as_deref().unwrap_or("full") == "full";
        // A partial document without a list says nothing of users.
        let replaces = info.state != "partial" || (whole && !info.users.is_empty());
        if replaces {
            self.users.clear();
        }
        if self.deleted {
            return;
        }
        for user in &info.users {
            self.take(user);
        }
    }

    fn take(&mut self, user: &User) {
        if user.state.as_deref() == Some("deleted") {
            self.users.remove(&user.entity);
            return;
        }
        let statuses: Vec<&str> = user
            .endpoints
            .iter()
            .filter_map(|one| one.status.as_deref())
            .collect();
        // Connected at one place is connected.
        let connected = statuses.iter().find(|one| **one == "connected");
        match connected.or(statuses.first()) {
            Some(status) => {
                self.users.insert(user.entity.clone(), (*status).to_owned());
            }
            None => {
                self.users.entry(user.entity.clone()).or_default();
            }
        }
    }

    /// The status of a user, empty when none was told; `None` when it is not there.
    pub(super) fn status(&self, entity: &str) -> Option<&str> {
        self.users.get(entity).map(String::as_str)
    }

    pub(super) fn users(&self) -> impl Iterator<Item = &String> {
        self.users.keys()
    }

    /// The user at this address, compared as addresses are.
    pub(super) fn connected(&self, address: &str) -> bool {
        self.users
            .iter()
            .any(|(entity, status)| status == "connected" && crate::look::same_uri(entity, address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(state: &str, users: &[(&str, Option<&str>, &str)]) -> ConferenceInfo {
        let text: String = users
            .iter()
            .map(|(name, state, status)| {
                let state = state.map_or_else(String::new, |s| format!(" state=\"{s}\""));
                format!("<user entity=\"{name}\"{state}><endpoint><status>{status}</status></endpoint></user>")
            })
            .collect();
        let text = format!(
            "<conference-info xmlns=\"urn:ietf:params:xml:ns:conference-info\" entity=\"c\" version=\"1\" state=\"{state}\"><users state=\"{state}\">{text}</users></conference-info>"
        );
        ConferenceInfo::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn documents_add_up() {
        let mut view = View::default();
        view.apply(&info(
            "full",
            &[
                ("sip:a@x", None, "connected"),
                ("sip:b@x", None, "alerting"),
            ],
        ));
        view.apply(&info(
            "partial",
            &[
                ("sip:a@x", Some("deleted"), ""),
                ("sip:b@x", Some("partial"), "connected"),
            ],
        ));
        assert_eq!(view.status("sip:a@x"), None);
        assert!(view.connected("sip:b@X"));
        view.apply(&info("full", &[("sip:c@x", None, "connected")]));
        assert_eq!(view.users().collect::<Vec<_>>(), ["sip:c@x"]);
        view.apply(&info("deleted", &[]));
        assert!(view.deleted && view.users().next().is_none());
    }
}
