//! Which scenarios are played, over what, and with what sabotage.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clauses::{Catalogue, citations, glob_matches};
use gherkin::{Feature, GherkinEnv};

use crate::{Bundle, Error};

/// What the command line asks for.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    pub clauses: Vec<String>,
    pub exclude: Vec<String>,
    pub tags: Option<String>,
    /// This part of so many, from 1.
    pub shard: Option<(usize, usize)>,
}

impl Selection {
    #[must_use]
    pub fn takes(&self, clause: &str) -> bool {
        let any = |globs: &[String]| globs.iter().any(|g| glob_matches(g, clause));
        (self.clauses.is_empty() || any(&self.clauses)) && !any(&self.exclude)
    }
}

/// One play of a scenario: its transport and, when proving, the name of a mutation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub transport: String,
    pub mutation: Option<String>,
}

const TRANSPORT: &str = "transport=";
const MUTATION: &str = "mutation=";

impl Turn {
    fn tags(&self) -> Vec<String> {
        let mut tags = vec![format!("{TRANSPORT}{}", self.transport)];
        tags.extend(self.mutation.iter().map(|m| format!("{MUTATION}{m}")));
        tags
    }

    /// The turn that a planned scenario's tags hold.
    #[must_use]
    pub fn of(tags: &[String]) -> Self {
        let tag = |prefix| {
            tags.iter()
                .find_map(|t| t.strip_prefix(prefix).map(str::to_owned))
        };
        Self {
            transport: tag(TRANSPORT).unwrap_or_default(),
            mutation: tag(MUTATION),
        }
    }
}

/// Features whose scenarios stand once for each turn.
#[derive(Clone, Debug)]
pub struct Plan {
    pub features: Vec<Feature>,
    /// Clauses that the plan is to judge.
    pub clauses: BTreeSet<String>,
}

/// Clauses that a scenario's Then lines name.
pub(crate) fn cited(scenario: &gherkin::Scenario) -> Vec<String> {
    scenario
        .steps
        .iter()
        .filter(|s| s.ty == gherkin::StepType::Then)
        .filter_map(|s| citations::leading_id(&s.value).map(str::to_owned))
        .collect()
}

impl Plan {
    /// Reads every feature; each cited clause must be in the catalogue.
    pub fn read(bundle: &Bundle, catalogue: &Catalogue) -> Result<Vec<Feature>, Error> {
        let mut features = Vec::new();
        for (path, text) in bundle.below("", ".feature") {
            let file = format!("features/{path}");
            let mut feature = Feature::parse(text, GherkinEnv::default()).map_err(|error| {
                let words = error.to_string();
                let (line, column) = position(&words);
                Error::Feature {
                    file: file.clone(),
                    line,
                    column,
                    problem: words,
                }
            })?;
            feature.path = Some(PathBuf::from(path));
            if let Some(wrong) =
                citations::unknown(catalogue, &citations::in_feature(&file, text)).first()
            {
                let help = catalogue.suggest(&wrong.clause).map_or_else(
                    || "`shall clauses` lists the ids".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                return Err(Error::UnknownClause {
                    file,
                    line: wrong.line,
                    clause: wrong.clause.clone(),
                    help,
                });
            }
            features.push(feature);
        }
        Ok(features)
    }

    /// Plans each selected scenario for each turn that `turns` gives it.
    pub fn make(
        features: &[Feature],
        selection: &Selection,
        turns: impl Fn(&gherkin::Scenario) -> Vec<Turn>,
    ) -> Result<Self, Error> {
        let mut plan = Self {
            features: Vec::new(),
            clauses: BTreeSet::new(),
        };
        let mut number = 0;
        for feature in features {
            let mut planned = feature.clone();
            planned.scenarios.clear();
            for scenario in &feature.scenarios {
                let wanted: Vec<String> = cited(scenario)
                    .into_iter()
                    .filter(|c| selection.takes(c))
                    .collect();
                let tagged = selection.tags.as_ref().is_none_or(|t| {
                    let name = t.trim_start_matches('@');
                    scenario
                        .tags
                        .iter()
                        .chain(&feature.tags)
                        .any(|tag| tag == name)
                });
                if wanted.is_empty() || !tagged {
                    continue;
                }
                number += 1;
                if selection.shard.is_some_and(|(k, n)| number % n != k % n) {
                    continue;
                }
                for turn in turns(scenario) {
                    let mut copy = scenario.clone();
                    copy.tags.extend(turn.tags());
                    planned.scenarios.push(copy);
                }
                plan.clauses.extend(wanted);
            }
            if !planned.scenarios.is_empty() {
                plan.features.push(planned);
            }
        }
        if plan.features.is_empty() {
            return Err(Error::NothingSelected(
                selection
                    .clauses
                    .iter()
                    .chain(&selection.tags)
                    .cloned()
                    .collect::<Vec<_>>()
                    .join("`, `"),
            ));
        }
        Ok(plan)
    }

    /// How many scenarios it holds, turns counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.features.iter().map(|f| f.scenarios.len()).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Line and column that gherkin's error text names as `line:column`.
fn position(words: &str) -> (usize, usize) {
    let numbers = words.split_whitespace().find_map(|word| {
        let (line, column) = word
            .trim_matches(|c: char| !c.is_ascii_digit() && c != ':')
            .split_once(':')?;
        Some((line.parse().ok()?, column.parse().ok()?))
    });
    numbers.unwrap_or((1, 1))
}
