//! Rule sets of common policy (RFC 4745): the user access policy, who may reach a user and with what.

use roxmltree::Node;

use super::Violation;
use super::group::boolean;
use crate::sip::Uri;

/// The rules of one user; what several of them allow is allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ruleset {
    rules: Vec<Rule>,
}

/// What somebody may do; what no rule says is not allowed (RFC 4745 section 10.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    /// `allow-session`: invite the user to a session.
    pub allow_session: bool,
    /// `allow-pager-mode-message`: send the user a message without a session.
    pub allow_pager_mode_message: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Rule {
    /// All of them have to hold; without any the rule is about everybody.
    conditions: Vec<Condition>,
    actions: Actions,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    /// `identity`: one of these.
    Identity(Vec<Choice>),
    /// `other-identity` (OMA XDM): whom no `identity` of the document is about.
    Other,
    /// One that we cannot decide, such as a time or a sphere: it never holds (RFC 4745 section 10.1).
    Unknown,
}

/// `one`, or `many` without those excepted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Choice {
    who: Who,
    except: Vec<Who>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Who {
    All,
    Domain(String),
    One(String),
}

impl Ruleset {
    /// What `who` may do; nobody in particular is somebody whose identity nobody has asserted.
    pub fn actions(&self, who: Option<&Uri>) -> Actions {
        let named = |rule: &Rule| rule.conditions.iter().any(|one| one.names(who));
        let known = self.rules.iter().any(named);
        let holds = |condition: &Condition| match condition {
            Condition::Identity(_) => condition.names(who),
            Condition::Other => who.is_some() && !known,
            Condition::Unknown => false,
        };
        self.rules
            .iter()
            .filter(|rule| rule.conditions.iter().all(holds))
            .fold(Actions::default(), |all, rule| Actions {
                allow_session: all.allow_session || rule.actions.allow_session,
                allow_pager_mode_message: all.allow_pager_mode_message
                    || rule.actions.allow_pager_mode_message,
            })
    }
}

impl Condition {
    // RFC 4745 section 7.1: only an identity that is known can be that of a rule.
    fn names(&self, who: Option<&Uri>) -> bool {
        match (self, who) {
            (Condition::Identity(choices), Some(who)) => {
                let excepted = |one: &Choice| one.except.iter().any(|other| other.is(who));
                choices.iter().any(|one| one.who.is(who) && !excepted(one))
            }
            _ => false,
        }
    }
}

impl Who {
    fn is(&self, who: &Uri) -> bool {
        match self {
            Who::All => true,
            Who::Domain(domain) => who.host.eq_ignore_ascii_case(domain),
            Who::One(address) => Uri::parse(address).is_ok_and(|uri| uri.same_as(who)),
        }
    }

    /// Of `one` or `except`: an address or a domain.
    fn of(node: Node<'_, '_>) -> Option<Who> {
        let attribute = |name| {
            node.attribute(name)
                .map(|value| value.trim_matches(super::BLANKS))
        };
        let one = attribute("id").map(|id| Who::One(id.to_owned()));
        one.or_else(|| attribute("domain").map(|domain| Who::Domain(domain.to_owned())))
    }
}

/// Whether the document is a rule set whose rules can be told apart.
pub fn check(document: &[u8]) -> Result<(), Violation> {
    read(document).map(drop)
}

/// Reads a rule set: 64 KiB and 1024 rules at most.
pub fn read(document: &[u8]) -> Result<Ruleset, Violation> {
    let tree = super::tree(super::text(document)?)?;
    let root = tree.root_element();
    if !root.has_tag_name((SPACE, "ruleset")) {
        return Err(Violation::Root);
    }
    let mut ids = std::collections::HashSet::new();
    let mut rules = Vec::new();
    for node in root
        .children()
        .filter(|node| node.has_tag_name((SPACE, "rule")))
    {
        match node.attribute("id") {
            Some(id) if !id.is_empty() && ids.insert(id) => {}
            _ => return Err(Violation::RuleId),
        }
        let limit = super::ENTRIES;
        if rules.len() == limit {
            return Err(Violation::TooManyEntries { limit });
        }
        rules.push(rule(node)?);
    }
    Ok(Ruleset { rules })
}

fn rule(node: Node<'_, '_>) -> Result<Rule, Violation> {
    let conditions = super::child(node, SPACE, "conditions");
    let conditions = conditions.into_iter().flat_map(|node| node.children());
    let mut rule = Rule {
        conditions: conditions.filter(Node::is_element).map(condition).collect(),
        actions: Actions::default(),
    };
    let actions = super::child(node, SPACE, "actions");
    // The namespace of the two is that of a document which is not public: any other than this one counts.
    let actions = actions.into_iter().flat_map(|node| node.children());
    for action in actions.filter(|node| node.tag_name().namespace() != Some(SPACE)) {
        match action.tag_name().name() {
            "allow-session" => rule.actions.allow_session = boolean(action, "allow-session")?,
            "allow-pager-mode-message" => {
                rule.actions.allow_pager_mode_message =
                    boolean(action, "allow-pager-mode-message")?;
            }
            _ => {}
        }
    }
    Ok(rule)
}

fn condition(node: Node<'_, '_>) -> Condition {
    if node.has_tag_name((OMA, "other-identity")) {
        return Condition::Other;
    }
    if !node.has_tag_name((SPACE, "identity")) {
        return Condition::Unknown;
    }
    let choices = node.children().filter(Node::is_element).map(choice);
    // One that cannot be read could be an exception.
    let choices: Option<Vec<Choice>> = choices.collect();
    choices.map_or(Condition::Unknown, Condition::Identity)
}

fn choice(node: Node<'_, '_>) -> Option<Choice> {
    let inner = node.children().filter(Node::is_element);
    if node.has_tag_name((SPACE, "one")) && inner.clone().next().is_none() {
        let who = Who::of(node)?;
        return matches!(who, Who::One(_)).then_some(Choice {
            who,
            except: Vec::new(),
        });
    }
    let mut inner = inner.peekable();
    if !node.has_tag_name((SPACE, "many"))
        || inner
            .peek()
            .is_some_and(|one| !one.has_tag_name((SPACE, "except")))
    {
        return None;
    }
    let except: Option<Vec<Who>> = inner.map(Who::of).collect();
    Some(Choice {
        who: match node.attribute("domain") {
            Some(_) => Who::of(node)?,
            None => Who::All,
        },
        except: except?,
    })
}

const SPACE: &str = "urn:ietf:params:xml:ns:common-policy";
const OMA: &str = "urn:oma:xml:xdm:common-policy";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_has_an_id_of_its_own() {
        let check = |inner: &str| {
            check(format!("<r:ruleset xmlns:r='{SPACE}'>{inner}</r:ruleset>").as_bytes())
        };
        assert_eq!(
            check("<r:rule id='a'/><r:rule id='b'><x xmlns='u'/></r:rule>"),
            Ok(())
        );
        assert_eq!(check("<r:rule/>"), Err(Violation::RuleId));
        assert_eq!(
            check("<r:rule id='a'/><r:rule id='a'/>"),
            Err(Violation::RuleId)
        );
        assert_eq!(super::check(b"<ruleset/>"), Err(Violation::Root));
    }

    fn allowed(inner: &str, who: &str) -> (bool, bool) {
        let text =
            format!("<r:ruleset xmlns:r='{SPACE}' xmlns:o='{OMA}' xmlns='u'>{inner}</r:ruleset>");
        let who = Uri::parse(who).ok();
        let actions = read(text.as_bytes()).unwrap().actions(who.as_ref());
        (actions.allow_session, actions.allow_pager_mode_message)
    }

    fn rule(id: &str, conditions: &str, action: &str) -> String {
        format!(
            "<r:rule id='{id}'><r:conditions>{conditions}</r:conditions><r:actions><{action}>true</{action}></r:actions></r:rule>"
        )
    }

    #[test]
    fn what_no_rule_allows_is_not_allowed_and_what_several_allow_adds_up() {
        let alice = "<r:identity><r:one id='sip:alice@x'/></r:identity>";
        let both =
            rule("a", alice, "allow-session") + &rule("b", alice, "allow-pager-mode-message");
        assert_eq!(allowed("", "sip:alice@x"), (false, false));
        assert_eq!(
            allowed(&rule("a", alice, "allow-session"), "sip:alice@x"),
            (true, false)
        );
        assert_eq!(allowed(&both, "sip:alice@X"), (true, true));
        assert_eq!(allowed(&both, "sip:bob@x"), (false, false));
        assert_eq!(allowed(&both, "nobody"), (false, false));
        assert_eq!(
            allowed(&rule("a", "", "allow-session"), "nobody"),
            (true, false)
        );
    }

    #[test]
    fn many_are_all_or_a_domain_without_those_excepted() {
        let of = |identity: &str, who: &str| {
            let identity = format!("<r:identity>{identity}</r:identity>");
            allowed(&rule("a", &identity, "allow-session"), who).0
        };
        assert!(of("<r:many/>", "sip:a@x") && !of("<r:many/>", "nobody"));
        let most = "<r:many domain='x'><r:except id='sip:m@x'/></r:many>";
        assert!(of(most, "sip:a@x") && !of(most, "sip:m@x") && !of(most, "sip:a@y"));
        let else_where = "<r:many><r:except domain='x'/></r:many>";
        assert!(!of(else_where, "sip:a@x") && of(else_where, "sip:a@y"));
        // What is not understood allows nothing.
        for strange in [
            "<r:one/>",
            "<r:few/>",
            "<r:many><x/></r:many>",
            "<r:many/><r:one/>",
            "",
        ] {
            assert!(!of(strange, "sip:a@x"), "{strange}");
        }
    }

    #[test]
    fn all_conditions_have_to_hold_and_an_unknown_one_never_does() {
        let alice = "<r:identity><r:one id='sip:alice@x'/></r:identity>";
        for unknown in [
            "<r:sphere value='work'/>",
            "<r:validity/>",
            "<o:anonymous-request/>",
        ] {
            let text = rule("a", &format!("{alice}{unknown}"), "allow-session");
            assert_eq!(allowed(&text, "sip:alice@x"), (false, false), "{unknown}");
        }
        let others = rule("a", "<o:other-identity/>", "allow-session") + &rule("b", alice, "none");
        assert!(!allowed(&others, "sip:alice@x").0 && allowed(&others, "sip:bob@x").0);
        assert!(!allowed(&others, "nobody").0);
    }

    #[test]
    fn an_action_is_a_boolean() {
        let text = rule("a", "", "allow-session").replace("true", "perhaps");
        let text = format!("<r:ruleset xmlns:r='{SPACE}' xmlns='u'>{text}</r:ruleset>");
        assert_eq!(
            read(text.as_bytes()),
            Err(Violation::Boolean {
                element: "allow-session"
            })
        );
    }
}
