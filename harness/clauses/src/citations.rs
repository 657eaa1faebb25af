//! Finds where clauses are cited: in the judging steps of features and in comments of sources.

use crate::Catalogue;

/// One mention of a clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The id as written; it need not exist.
    pub clause: String,
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// Name of the feature; empty in sources.
    pub feature: String,
    /// Name of the scenario; empty in sources and backgrounds.
    pub scenario: String,
}

/// Tag of features and scenarios that somebody has yet to write; runs leave them out.
pub const PENDING: &str = "pending";

/// Citations `[clause-id]` that open a Then, or an And or But that continues one. What is tagged [`PENDING`] cites
/// nothing. `file` is only copied into the citations. Reads the keywords, not the whole grammar.
pub fn in_feature(file: &str, text: &str) -> Vec<Citation> {
    let mut found = Vec::new();
    let (mut feature, mut scenario) = (String::new(), String::new());
    let (mut judging, mut quote) = (false, None);
    let (mut tagged, mut unwritten, mut idle) = (false, false, false);
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(mark) = quote {
            if line.starts_with(mark) {
                quote = None;
            }
            continue;
        }
        quote = ["\"\"\"", "```"]
            .into_iter()
            .find(|mark| line.starts_with(mark));
        if line.starts_with('@') {
            let mut tags = line.split(['@', ' ', '\t']);
            tagged |= tags.any(|tag| tag == PENDING);
        } else if let Some(name) = line.strip_prefix("Feature:") {
            feature = name.trim().to_owned();
            unwritten = std::mem::take(&mut tagged);
        } else if let Some(name) = scenario_name(line) {
            scenario = name.to_owned();
            idle = unwritten | std::mem::take(&mut tagged);
            judging = false;
        } else if let Some((keyword, step)) = step_of(line) {
            judging = keyword == "Then" || (judging && !matches!(keyword, "Given" | "When"));
            if judging
                && !idle
                && let Some(clause) = leading_id(step)
            {
                found.push(Citation {
                    clause: clause.to_owned(),
                    file: file.to_owned(),
                    line: index + 1,
                    feature: feature.clone(),
                    scenario: scenario.clone(),
                });
            }
        }
    }
    found
}

/// Mentions of clauses of the catalogue after `//` or `#` in a source file.
pub fn in_source(catalogue: &Catalogue, file: &str, text: &str) -> Vec<Citation> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some(at) = line.find("//").or_else(|| line.find('#')) else {
            continue;
        };
        for word in line[at..].split(|c: char| !is_id_character(c)) {
            let word = word
                .trim_end_matches(['.', ':', '/', '-'])
                .trim_start_matches(['/', ':']);
            if word.contains('/') && catalogue.get(word).is_some() {
                found.push(Citation {
                    clause: word.to_owned(),
                    file: file.to_owned(),
                    line: index + 1,
                    feature: String::new(),
                    scenario: String::new(),
                });
            }
        }
    }
    found
}

/// The id between the brackets that open a step text, such as `[7.2.1.1/on-200/3] the 200 ...`.
pub fn leading_id(step: &str) -> Option<&str> {
    let (id, _) = step.trim_start().strip_prefix('[')?.split_once(']')?;
    let id = id.trim();
    (!id.is_empty() && id.contains('/') && id.chars().all(is_id_character)).then_some(id)
}

fn scenario_name(line: &str) -> Option<&str> {
    let openers = [
        "Scenario:",
        "Scenario Outline:",
        "Scenario Template:",
        "Example:",
        "Background:",
    ];
    let (opener, name) = openers
        .iter()
        .find_map(|opener| Some((*opener, line.strip_prefix(opener)?)))?;
    Some(if opener == "Background:" {
        ""
    } else {
        name.trim()
    })
}

fn step_of(line: &str) -> Option<(&str, &str)> {
    let (keyword, step) = line.split_once(char::is_whitespace)?;
    matches!(keyword, "Given" | "When" | "Then" | "And" | "But" | "*").then_some((keyword, step))
}

fn is_id_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | ':' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEATURE: &str = r#"Feature: Ad-hoc set-up
  Scenario: two guests
    Given alice has a list
    And [7.2.1.2/general/u1] is not judged here
    When alice invites
    Then [7.2.1.2/on-invite/6] both guests are invited
    And [7.2.1.2/on-180/1] alice hears ringing
      """
      Then [7.2.1.2/on-180/2] only text
      """
    But [7.2.1.2/on-200/1.2] nothing more
    And nobody minds
    When [7.2.1.2/on-200/1] is not a check
    And [7.2.1.2/on-200/2] neither
"#;

    #[test]
    fn only_judging_steps_cite() {
        let found: Vec<(String, usize)> = in_feature("a.feature", FEATURE)
            .into_iter()
            .map(|c| (c.clause, c.line))
            .collect();
        let expected = [
            ("7.2.1.2/on-invite/6", 6),
            ("7.2.1.2/on-180/1", 7),
            ("7.2.1.2/on-200/1.2", 11),
        ];
        assert_eq!(found, expected.map(|(id, line)| (id.to_owned(), line)));
    }

    #[test]
    fn a_citation_knows_its_scenario() {
        let first = in_feature("a.feature", FEATURE).remove(0);
        assert_eq!(
            (first.feature.as_str(), first.scenario.as_str()),
            ("Ad-hoc set-up", "two guests")
        );
    }

    #[test]
    fn what_is_pending_cites_nothing() {
        let whole = format!("# new\n@pending @client\n{FEATURE}");
        assert_eq!(in_feature("a.feature", &whole), []);
        let more = format!(
            "{FEATURE}\n  @slow @pending\n  Scenario: later\n    Then [7.2.1.2/on-180/9] rings\n  \
             @slow\n  Scenario: now\n    Then [7.2.1.2/on-180/8] rings\n"
        );
        let cited = in_feature("a.feature", &more);
        let last = cited.last().map(|citation| citation.clause.as_str());
        assert_eq!((cited.len(), last), (4, Some("7.2.1.2/on-180/8")));
    }

    #[test]
    fn only_ids_open_a_citation() {
        assert_eq!(
            leading_id("[rfc4028:9/require-timer] yes"),
            Some("rfc4028:9/require-timer")
        );
        assert_eq!(leading_id("[see below] no"), None);
        assert_eq!(leading_id("the [7.2.1.1/on-invite/1] no"), None);
    }
}
