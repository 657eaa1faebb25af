//! Group documents (Group XDM, `urn:oma:xml:poc:list-service`): who belongs to a group and who may do what.

use roxmltree::Node;

use super::Violation;
use crate::sip::Uri;

/// Why a group document was refused.
pub type Error = Violation;

/// One pre-defined group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The group identity.
    pub uri: String,
    /// What people call the group.
    pub display_name: Option<String>,
    /// The members in document order, repetitions kept.
    pub members: Vec<Member>,
    /// Whether the server invites the members when a session of the group begins; absent means no.
    pub invite_members: bool,
    /// How many participants a session may have.
    pub max_participant_count: Option<usize>,
    /// The rules in document order; what several of them allow is allowed.
    pub rules: Vec<Rule>,
}

/// One entry of the group's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// The member's address, surrounding blanks cut off, otherwise verbatim.
    pub uri: String,
    /// What people call the member.
    pub display_name: Option<String>,
}

/// One rule (RFC 4745 section 7): whom it is about, and what it allows.
///
/// Conditions are joined by *and*. A condition that we cannot decide (`validity`, `sphere`, exceptions,
/// extensions) makes the rule match nobody: all of the three fields are then empty or false.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Addresses of `one`; `*@domain` stands for all of a domain (`many`).
    pub identities: Vec<String>,
    /// `is-list-member`: the rule is about members of the group.
    pub list_members: bool,
    /// No condition: the rule is about everybody.
    pub everybody: bool,
    /// What the rule allows.
    pub actions: Actions,
}

/// What somebody may do; what is not said is not allowed (RFC 4745 section 10.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    /// `allow-conference-state`: subscribe to the conference state.
    pub allow_conference_state: bool,
    /// `allow-invite-users-dynamically`: bring in people who are no members.
    pub allow_invite_users_dynamically: bool,
    /// `join-handling`: join a session of the group.
    pub join_handling: bool,
    /// `allow-initiate-conference`: begin a session of the group.
    pub allow_initiate_conference: bool,
    /// `allow-anonymity`: take part without showing the own address.
    pub allow_anonymity: bool,
    /// `is-key-participant`: the session ends without this participant.
    pub is_key_participant: bool,
    /// `allow-private-message`: write to one participant alone.
    pub allow_private_message: bool,
}

impl Group {
    /// What `who` may do: whatever any matching rule allows.
    pub fn actions(&self, who: &Uri) -> Actions {
        let member = self.member(who).is_some();
        self.rules
            .iter()
            .filter(|rule| rule.is_about(who, member))
            .fold(Actions::default(), |all, rule| all.or(rule.actions))
    }

    /// The first entry with the address of `who` (RFC 3261 section 19.1.4).
    pub fn member(&self, who: &Uri) -> Option<&Member> {
        self.members.iter().find(|member| same(&member.uri, who))
    }
}

impl Rule {
    fn is_about(&self, who: &Uri, member: bool) -> bool {
        if self.everybody {
            return true;
        }
        let named = |identity: &String| match identity.strip_prefix("*@") {
            Some(domain) => who.host.eq_ignore_ascii_case(domain),
            None => same(identity, who),
        };
        let listed = !self.list_members || member;
        let known = self.identities.is_empty() || self.identities.iter().any(named);
        (self.list_members || !self.identities.is_empty()) && listed && known
    }
}

impl Actions {
    fn or(self, other: Self) -> Self {
        let mut all = self;
        for action in &ACTIONS {
            if (action.get)(&other) {
                (action.set)(&mut all);
            }
        }
        all
    }
}

fn same(address: &str, who: &Uri) -> bool {
    Uri::parse(address).is_ok_and(|uri| uri.same_as(who))
}

/// Reads a group document: 1 MiB and 10,000 members at most, no document type, unknown elements passed over.
pub fn read(document: &[u8]) -> Result<Group, Error> {
    let text = super::text_within(document, OCTETS)?;
    let tree = match super::tree_within(text, NODES) {
        Err(Violation::TooManyNodes) => return Err(Violation::TooManyEntries { limit: MEMBERS }),
        tree => tree?,
    };
    let root = tree.root_element();
    if !root.has_tag_name((SPACE, "group")) {
        return Err(Violation::Root);
    }
    let mut services = root.children().filter(|node| ours(*node, "list-service"));
    let (Some(service), None) = (services.next(), services.next()) else {
        return Err(Violation::ListService);
    };
    let uri = service
        .attribute("uri")
        .map_or("", |uri| uri.trim_matches(super::BLANKS));
    if uri.is_empty() {
        return Err(Violation::ListService);
    }
    let find = |name| service.children().find(|node| ours(*node, name));
    let max_participant_count = find("max-participant-count")
        .map(|node| {
            super::content(node)
                .parse()
                .map_err(|_| Violation::MaxParticipantCount)
        })
        .transpose()?;
    Ok(Group {
        uri: uri.to_owned(),
        display_name: find("display-name").map(super::content),
        members: members(service)?,
        invite_members: find("invite-members")
            .map_or(Ok(false), |node| boolean(node, "invite-members"))?,
        max_participant_count,
        rules: rules(service)?,
    })
}

/// An element of the list-service schema; deployed documents also put lists into the namespace of RFC 4826.
fn ours(node: Node<'_, '_>, name: &str) -> bool {
    node.has_tag_name((SPACE, name)) || node.has_tag_name((LISTS, name))
}

fn members(service: Node<'_, '_>) -> Result<Vec<Member>, Error> {
    let mut members = Vec::new();
    for list in service.children().filter(|node| ours(*node, "list")) {
        for entry in list.descendants().filter(|node| ours(*node, "entry")) {
            if members.len() == MEMBERS {
                return Err(Violation::TooManyEntries { limit: MEMBERS });
            }
            let uri = entry
                .attribute("uri")
                .map_or("", |uri| uri.trim_matches(super::BLANKS));
            if uri.is_empty() {
                return Err(Violation::EntryWithoutUri);
            }
            let name = entry.children().find(|node| ours(*node, "display-name"));
            members.push(Member {
                uri: uri.to_owned(),
                display_name: name.map(super::content),
            });
        }
    }
    Ok(members)
}

fn rules(service: Node<'_, '_>) -> Result<Vec<Rule>, Error> {
    let mut rules = Vec::new();
    let sets = service
        .children()
        .filter(|node| node.has_tag_name((POLICY, "ruleset")));
    for node in sets
        .flat_map(|set| set.children())
        .filter(|node| node.has_tag_name((POLICY, "rule")))
    {
        if rules.len() == RULES {
            return Err(Violation::TooManyEntries { limit: RULES });
        }
        rules.push(rule(node)?);
    }
    Ok(rules)
}

fn rule(node: Node<'_, '_>) -> Result<Rule, Error> {
    let mut rule = Rule::default();
    let conditions = super::child(node, POLICY, "conditions");
    let mut conditions = conditions
        .into_iter()
        .flat_map(|node| node.children())
        .filter(Node::is_element)
        .peekable();
    rule.everybody = conditions.peek().is_none();
    let mut decided = true;
    for condition in conditions {
        decided &= add_condition(condition, &mut rule)?;
    }
    if !decided {
        rule = Rule::default();
    }
    let actions = super::child(node, POLICY, "actions");
    for child in actions.into_iter().flat_map(|node| node.children()) {
        let known = ACTIONS
            .iter()
            .find(|action| child.is_element() && child.tag_name().name() == action.name);
        if let Some(action) = known
            && matches!(child.tag_name().namespace(), Some(SPACE | EXTENSIONS))
            && allowed(child, action.name)?
        {
            (action.set)(&mut rule.actions);
        }
    }
    Ok(rule)
}

/// Takes one condition into the rule; false when we cannot decide it.
fn add_condition(condition: Node<'_, '_>, rule: &mut Rule) -> Result<bool, Error> {
    if condition.has_tag_name((SPACE, "is-list-member")) {
        // Empty since 2005-11, a boolean before.
        rule.list_members =
            super::content(condition).is_empty() || boolean(condition, "is-list-member")?;
        return Ok(rule.list_members);
    }
    if !condition.has_tag_name((POLICY, "identity")) {
        return Ok(false);
    }
    for choice in condition.children().filter(Node::is_element) {
        let exceptions = choice.children().any(|node| node.is_element());
        let domain = choice
            .attribute("domain")
            .map(|domain| domain.trim_matches(super::BLANKS));
        let one = choice
            .attribute("id")
            .map(|id| id.trim_matches(super::BLANKS));
        match (choice.tag_name().name(), domain, one) {
            (_, _, _) if exceptions || choice.tag_name().namespace() != Some(POLICY) => {
                return Ok(false);
            }
            ("one", _, Some(id)) => rule.identities.push(id.to_owned()),
            ("many", Some(domain), _) => rule.identities.push(format!("*@{domain}")),
            ("many", None, _) => rule.everybody = true,
            _ => return Ok(false),
        }
    }
    // An `identity` without content names nobody (RFC 4745 section 7.1).
    Ok(rule.everybody || !rule.identities.is_empty())
}

/// `join-handling` was `allow` or `block` until 2005-03 and is a boolean since 2006-01.
fn allowed(node: Node<'_, '_>, name: &'static str) -> Result<bool, Error> {
    match super::content(node).as_str() {
        "allow" if name == "join-handling" => Ok(true),
        "block" if name == "join-handling" => Ok(false),
        _ => boolean(node, name),
    }
}

pub(super) fn boolean(node: Node<'_, '_>, element: &'static str) -> Result<bool, Error> {
    match super::content(node).as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Violation::Boolean { element }),
    }
}

/// Writes a group document; what it says is what [`read`] gives.
pub fn write(group: &Group) -> Vec<u8> {
    let escape = super::escape;
    let mut text = format!(
        "{}<group xmlns=\"{SPACE}\" xmlns:rl=\"{LISTS}\" xmlns:cp=\"{POLICY}\" xmlns:ext=\"{EXTENSIONS}\">\r\n  <list-service uri=\"{}\">\r\n",
        super::DECLARATION,
        escape(&group.uri)
    );
    if let Some(name) = &group.display_name {
        text += &format!("    <display-name>{}</display-name>\r\n", escape(name));
    }
    text += "    <list>\r\n";
    for member in &group.members {
        text += &format!("      <entry uri=\"{}\"", escape(&member.uri));
        text += &match &member.display_name {
            Some(name) => format!(
                "><rl:display-name>{}</rl:display-name></entry>\r\n",
                escape(name)
            ),
            None => "/>\r\n".to_owned(),
        };
    }
    text += &format!(
        "    </list>\r\n    <invite-members>{}</invite-members>\r\n",
        group.invite_members
    );
    if let Some(count) = group.max_participant_count {
        text += &format!("    <max-participant-count>{count}</max-participant-count>\r\n");
    }
    text += "    <cp:ruleset>\r\n";
    for (number, rule) in group.rules.iter().enumerate() {
        write_rule(number, rule, &mut text);
    }
    text += "    </cp:ruleset>\r\n  </list-service>\r\n</group>\r\n";
    text.into_bytes()
}

fn write_rule(number: usize, rule: &Rule, text: &mut String) {
    *text += &format!("      <cp:rule id=\"r{number}\">\r\n        <cp:conditions>\r\n");
    if !rule.everybody {
        if !rule.identities.is_empty() || !rule.list_members {
            *text += "          <cp:identity>\r\n";
            for identity in &rule.identities {
                *text += &match identity.strip_prefix("*@") {
                    Some(domain) => format!(
                        "            <cp:many domain=\"{}\"/>\r\n",
                        super::escape(domain)
                    ),
                    None => format!(
                        "            <cp:one id=\"{}\"/>\r\n",
                        super::escape(identity)
                    ),
                };
            }
            *text += "          </cp:identity>\r\n";
        }
        if rule.list_members {
            *text += "          <is-list-member/>\r\n";
        }
    }
    *text += "        </cp:conditions>\r\n        <cp:actions>\r\n";
    for action in &ACTIONS {
        let name = action.name;
        let prefix = if name == "allow-private-message" {
            "ext:"
        } else {
            ""
        };
        if (action.get)(&rule.actions) {
            *text += &format!("          <{prefix}{name}>true</{prefix}{name}>\r\n");
        }
    }
    *text += "        </cp:actions>\r\n      </cp:rule>\r\n";
}

/// An action's element, and how to read and set it.
struct Action {
    name: &'static str,
    get: fn(&Actions) -> bool,
    set: fn(&mut Actions),
}

macro_rules! action {
    ($name:literal, $field:ident) => {
        Action {
            name: $name,
            get: |actions| actions.$field,
            set: |actions| actions.$field = true,
        }
    };
}

const ACTIONS: [Action; 7] = [
    action!("allow-conference-state", allow_conference_state),
    action!(
        "allow-invite-users-dynamically",
        allow_invite_users_dynamically
    ),
    action!("join-handling", join_handling),
    action!("allow-initiate-conference", allow_initiate_conference),
    action!("allow-anonymity", allow_anonymity),
    action!("is-key-participant", is_key_participant),
    action!("allow-private-message", allow_private_message),
];

const SPACE: &str = "urn:oma:xml:poc:list-service";
const LISTS: &str = "urn:ietf:params:xml:ns:resource-lists";
const POLICY: &str = "urn:ietf:params:xml:ns:common-policy";
const EXTENSIONS: &str = "urn:oma:xml:xdm:extensions";
const OCTETS: usize = 1 << 20;
const NODES: u32 = 100_000;
const MEMBERS: usize = 10_000;
const RULES: usize = 1_000;

#[cfg(test)]
mod tests;
