//! Rule sets of common policy (RFC 4745): user access policy, checked but not interpreted.

use super::Violation;

/// Whether the document is a rule set whose rules can be told apart.
pub fn check(document: &[u8]) -> Result<(), Violation> {
    let tree = super::tree(super::text(document)?)?;
    let root = tree.root_element();
    if !root.has_tag_name((SPACE, "ruleset")) {
        return Err(Violation::Root);
    }
    let rules = root.children().filter(|node| node.is_element());
    let mut ids = std::collections::HashSet::new();
    for rule in rules.filter(|node| node.has_tag_name((SPACE, "rule"))) {
        match rule.attribute("id") {
            Some(id) if !id.is_empty() && ids.insert(id) => {}
            _ => return Err(Violation::RuleId),
        }
    }
    Ok(())
}

const SPACE: &str = "urn:ietf:params:xml:ns:common-policy";

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
}
