//! Tag expressions of the command line, as Cucumber writes them: `not @long-wait`, `@a and (@b or @c)`.

use std::collections::BTreeSet;

use gherkin::{Feature, tagexpr::TagOperation};

use crate::Error;

/// A tag expression that names only tags that some scenario has.
#[derive(Clone, Debug)]
pub struct Tags(TagOperation);

impl Tags {
    /// Reads `text`; tags that `features` do not have are refused.
    pub(crate) fn read(text: &str, features: &[Feature]) -> Result<Self, Error> {
        let known: BTreeSet<&str> = features
            .iter()
            .flat_map(|f| {
                let tags = f.scenarios.iter().flat_map(|s| &s.tags);
                f.tags.iter().chain(tags).map(String::as_str)
            })
            .collect();
        let listed: Vec<String> = known.iter().map(|tag| format!("@{tag}")).collect();
        let wrong = |problem: String| {
            Error::Usage(format!(
                "--tags \"{text}\": {problem}\n  help: write e.g. \"@a\", \"not @a\", \"@a and not (@b or @c)\"; the features have {}",
                if listed.is_empty() {
                    "no tags".to_owned()
                } else {
                    listed.join(", ")
                }
            ))
        };
        let tree = text.trim().parse::<TagOperation>().map_err(|error| {
            let skipped = text.len() - text.trim_start().len();
            let column = error.location.column + skipped;
            wrong(format!(
                "column {column} is not what a tag expression may have there"
            ))
        })?;
        let mut named = Vec::new();
        names(&tree, &mut named);
        match named.iter().find(|tag| !known.contains(tag.as_str())) {
            Some(tag) => Err(Error::NoTag {
                tag: (*tag).clone(),
                known: listed.join(", "),
            }),
            None => Ok(Self(tree)),
        }
    }

    /// Whether a scenario with these tags is meant.
    pub(crate) fn take(&self, tags: &[&String]) -> bool {
        holds(&self.0, tags)
    }
}

fn names<'a>(tree: &'a TagOperation, all: &mut Vec<&'a String>) {
    match tree {
        TagOperation::And(a, b) | TagOperation::Or(a, b) => {
            names(a, all);
            names(b, all);
        }
        TagOperation::Not(a) => names(a, all),
        TagOperation::Tag(tag) => all.push(tag),
    }
}

fn holds(tree: &TagOperation, tags: &[&String]) -> bool {
    match tree {
        TagOperation::And(a, b) => holds(a, tags) && holds(b, tags),
        TagOperation::Or(a, b) => holds(a, tags) || holds(b, tags),
        TagOperation::Not(a) => !holds(a, tags),
        TagOperation::Tag(tag) => tags.contains(&tag),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    const FEATURE: &str =
        "@f\nFeature: x\n  @a @b\n  Scenario: y\n    Then z\n  @c\n  Scenario: w\n    Then z\n";

    fn read(text: &str) -> Result<Tags, Error> {
        let feature = Feature::parse(FEATURE, gherkin::GherkinEnv::default()).unwrap();
        Tags::read(text, &[feature])
    }

    #[test]
    fn expressions_choose_as_cucumber_does() {
        let own = ["a".to_owned(), "f".to_owned()];
        let own: Vec<&String> = own.iter().collect();
        for (text, taken) in [
            ("@a", true),
            ("not @a", false),
            ("@a and not @b", true),
            ("@b or @f", true),
            ("@a and (@b or @c)", false),
            (" not (@b or @c) ", true),
        ] {
            assert_eq!(read(text).unwrap().take(&own), taken, "{text}");
        }
    }

    #[test]
    fn wrong_expressions_are_usage_errors_with_their_place() {
        for (text, words) in [
            ("a", "column 1 "),
            ("@a and", "column 7 "),
            ("@a not @b", "column 4 "),
            ("(@a", "column 4 "),
            ("", "column 1 "),
        ] {
            let error = read(text).unwrap_err();
            assert_eq!(error.code(), 2);
            let error = error.to_string();
            assert!(error.contains(words), "{error}");
            assert!(error.contains("@a, @b, @c, @f"), "{error}");
        }
    }

    #[test]
    fn a_tag_that_nobody_has_finds_nothing() {
        let error = read("not @d").unwrap_err();
        assert_eq!(error.code(), 3);
        let error = error.to_string();
        assert!(error.starts_with("no scenario has the tag @d"), "{error}");
        assert!(error.contains("@a, @b, @c, @f"), "{error}");
    }
}
