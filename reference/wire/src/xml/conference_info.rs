//! Conference state (RFC 4575), the parts of it that a roster needs.

use roxmltree::Node;

use super::Violation;

/// A conference and who is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConferenceInfo {
    /// The conference address.
    pub entity: String,
    /// `full`, `partial` or `deleted`; a document that does not say is `full`.
    pub state: String,
    /// Rises by one with every notification (RFC 4575 section 4.6).
    pub version: u32,
    /// The users in document order.
    pub users: Vec<User>,
    /// `state` of `users`; written as `partial` in a partial document that does not say.
    pub users_state: Option<String>,
    /// `conference-state/user-count`.
    pub user_count: Option<u32>,
    /// `conference-state/active`.
    pub active: Option<bool>,
}

/// One user of a conference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The user's address, compared octet by octet (RFC 4575 section 4.5); empty when absent.
    pub entity: String,
    /// `display-text`, surrounding blanks cut off.
    pub display_text: Option<String>,
    /// `full`, `partial` or `deleted`.
    pub state: Option<String>,
    /// The user's devices in document order.
    pub endpoints: Vec<Endpoint>,
}

/// One device of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// The device's address; empty when absent.
    pub entity: String,
    /// `connected`, `disconnected`, ... (RFC 4575 section 5.7.3).
    pub status: Option<String>,
    /// `full`, `partial` or `deleted`.
    pub state: Option<String>,
}

impl ConferenceInfo {
    /// Reads a document; elements other than the ones above are passed over.
    pub fn parse(document: &[u8]) -> Result<Self, Violation> {
        let text = super::text(document)?;
        let tree = super::tree(text)?;
        let root = tree.root_element();
        if !root.has_tag_name((SPACE, "conference-info")) {
            return Err(Violation::Root);
        }
        let entity = root
            .attribute("entity")
            .filter(|entity| !entity.is_empty())
            .ok_or(Violation::Entity)?;
        let version = root
            .attribute("version")
            .and_then(number)
            .ok_or(Violation::Version)?;
        let (mut users, mut users_state) = (Vec::new(), None);
        if let Some(list) = super::child(root, SPACE, "users") {
            users_state = state(list)?;
            for node in list
                .children()
                .filter(|node| node.has_tag_name((SPACE, "user")))
            {
                if users.len() == super::ENTRIES {
                    return Err(Violation::TooManyEntries {
                        limit: super::ENTRIES,
                    });
                }
                users.push(user(node)?);
            }
        }
        let condition = super::child(root, SPACE, "conference-state");
        let of = |name| condition.and_then(|node| super::child(node, SPACE, name));
        let count =
            of("user-count").map(|node| number(&super::content(node)).ok_or(Violation::UserCount));
        let active = of("active").map(|node| match super::content(node).as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(Violation::Active),
        });
        Ok(Self {
            entity: entity.to_owned(),
            state: state(root)?.unwrap_or_else(|| "full".to_owned()),
            version,
            users,
            users_state,
            user_count: count.transpose()?,
            active: active.transpose()?,
        })
    }

    /// Writes the document in the schema's order (RFC 4575 section 5.1).
    ///
    /// A partial document marks `users` as partial too: the default, full, would tell the reader
    /// to forget everybody not listed (RFC 4575 section 4.4).
    pub fn write(&self) -> Vec<u8> {
        let mut text = format!(
            "{}<conference-info xmlns=\"{SPACE}\" entity=\"{}\" state=\"{}\" version=\"{}\">\r\n",
            super::DECLARATION,
            super::escape(&self.entity),
            super::escape(&self.state),
            self.version
        );
        if self.user_count.is_some() || self.active.is_some() {
            text += "  <conference-state>";
            if let Some(count) = self.user_count {
                text += &format!("<user-count>{count}</user-count>");
            }
            if let Some(active) = self.active {
                text += &format!("<active>{active}</active>");
            }
            text += "</conference-state>\r\n";
        }
        if !self.users.is_empty() {
            let unsaid = (self.state == "partial").then_some("partial");
            let state = attributes("", self.users_state.as_deref().or(unsaid));
            text += &format!("  <users{state}>\r\n");
            for user in &self.users {
                user.write(&mut text);
            }
            text += "  </users>\r\n";
        }
        text += "</conference-info>\r\n";
        text.into_bytes()
    }
}

impl User {
    fn write(&self, text: &mut String) {
        *text += &format!(
            "    <user{}>\r\n",
            attributes(&self.entity, self.state.as_deref())
        );
        if let Some(name) = &self.display_text {
            *text += &format!(
                "      <display-text>{}</display-text>\r\n",
                super::escape(name)
            );
        }
        for endpoint in &self.endpoints {
            *text += &format!(
                "      <endpoint{}>",
                attributes(&endpoint.entity, endpoint.state.as_deref())
            );
            if let Some(status) = &endpoint.status {
                *text += &format!("<status>{}</status>", super::escape(status));
            }
            *text += "</endpoint>\r\n";
        }
        *text += "    </user>\r\n";
    }
}

fn user(node: Node<'_, '_>) -> Result<User, Violation> {
    let endpoints = node
        .children()
        .filter(|child| child.has_tag_name((SPACE, "endpoint")));
    Ok(User {
        entity: node.attribute("entity").unwrap_or_default().to_owned(),
        display_text: super::child(node, SPACE, "display-text").map(super::content),
        state: state(node)?,
        endpoints: endpoints.map(endpoint).collect::<Result<_, _>>()?,
    })
}

fn endpoint(node: Node<'_, '_>) -> Result<Endpoint, Violation> {
    Ok(Endpoint {
        entity: node.attribute("entity").unwrap_or_default().to_owned(),
        status: super::child(node, SPACE, "status").map(super::content),
        state: state(node)?,
    })
}

fn state(node: Node<'_, '_>) -> Result<Option<String>, Violation> {
    match node.attribute("state") {
        None => Ok(None),
        Some(word @ ("full" | "partial" | "deleted")) => Ok(Some(word.to_owned())),
        Some(_) => Err(Violation::State),
    }
}

fn number(text: &str) -> Option<u32> {
    let digits = text.trim_matches(super::BLANKS);
    digits
        .bytes()
        .all(|octet| octet.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

fn attributes(entity: &str, state: Option<&str>) -> String {
    let mut text = String::new();
    if !entity.is_empty() {
        text += &format!(" entity=\"{}\"", super::escape(entity));
    }
    if let Some(state) = state {
        text += &format!(" state=\"{}\"", super::escape(state));
    }
    text
}

const SPACE: &str = "urn:ietf:params:xml:ns:conference-info";
