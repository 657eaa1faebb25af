//! Findings that an editor has decided to live with, each with a reason.

use serde::Deserialize;

use super::lint::{Finding, rules};

/// One exception.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    pub rule: String,
    /// Words that the quotation must hold; every finding of the rule without it.
    pub quote: Option<String>,
    pub reason: String,
}

/// Reads exceptions; an unknown rule or a missing reason is a fault, told with its remedy.
pub fn silences(name: &str, text: &str) -> Result<Vec<Silence>, String> {
    let all: Vec<Silence> = serde_yaml::from_str(text).map_err(|error| {
        format!("{name}: {error}\n  help: an entry is `- {{ rule: obsolete-rfc, quote: RFC 2327, reason: … }}`")
    })?;
    for one in &all {
        if !rules().iter().any(|rule| rule.rule == one.rule) {
            return Err(format!(
                "{name}: no rule is called `{}`\n  help: `shall change --rules` lists them",
                one.rule
            ));
        }
        if one.reason.trim().is_empty() {
            return Err(format!(
                "{name}: `{}` is silenced without a reason\n  help: say why under `reason`",
                one.rule
            ));
        }
    }
    Ok(all)
}

/// Marks what is silenced; returns the exceptions that silence nothing.
pub(super) fn apply<'a>(findings: &mut [Finding], silences: &'a [Silence]) -> Vec<&'a Silence> {
    let mut idle: Vec<&Silence> = silences.iter().collect();
    for finding in findings {
        let fits = |one: &&Silence| {
            one.rule == finding.rule
                && one
                    .quote
                    .as_ref()
                    .is_none_or(|quote| finding.quote.contains(quote.as_str()))
        };
        if let Some(one) = silences.iter().find(fits) {
            finding.silenced = Some(one.reason.clone());
            idle.retain(|other| !std::ptr::eq(*other, one));
        }
    }
    idle
}
