//! Which scenarios are played, over what, and with what sabotage.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clauses::{Catalogue, Status, citations, glob_matches};
use gherkin::{Feature, GherkinEnv};

use world::Kind;

use crate::{Bundle, Error, Tags};

/// What the command line asks for.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    pub clauses: Vec<String>,
    pub exclude: Vec<String>,
    pub tags: Option<Tags>,
    /// This part of so many, from 1.
    pub shard: Option<(usize, usize)>,
    /// The one kind of subject that is there; features of another are not played.
    pub kind: Option<Kind>,
}

impl Selection {
    /// Whether it leaves nothing out.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.clauses.is_empty()
            && self.exclude.is_empty()
            && self.tags.is_none()
            && self.shard.is_none()
    }

    /// What all shards together take.
    pub(crate) fn unshared(&self) -> Self {
        Self {
            shard: None,
            ..self.clone()
        }
    }

    /// What it was asked by, for people.
    fn words(&self) -> String {
        let tags = self.tags.iter().map(|_| "--tags".to_owned());
        let words: Vec<String> = self.clauses.iter().cloned().chain(tags).collect();
        words.join("`, `")
    }

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
    pub(crate) fn tags(&self) -> Vec<String> {
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
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub features: Vec<Feature>,
    /// Clauses that the plan is to judge, and those asked for that are pending.
    pub clauses: BTreeSet<String>,
    /// The same of all shards together, and how many scenarios those have, turns counted.
    pub whole: (BTreeSet<String>, usize),
}

/// What a feature's subject is.
pub(crate) fn kind_of(feature: &Feature) -> Kind {
    let tagged = |kind: &Kind| feature.tags.iter().any(|tag| tag == kind.tag());
    Kind::ALL.into_iter().find(tagged).unwrap_or_default()
}

/// Clauses that a run against these kinds of subject has to bring a verdict for, or a reason: those that their features
/// judge, and those of their actors that no feature judges.
pub(crate) fn within(catalogue: &Catalogue, features: &[Feature], kind: Kind) -> BTreeSet<String> {
    let judges = |own: bool| -> BTreeSet<String> {
        let of = features.iter().filter(|f| (kind_of(f) == kind) == own);
        of.flat_map(|f| f.scenarios.iter().flat_map(|s| judged(catalogue, s)))
            .collect()
    };
    let (own, others) = (judges(true), judges(false));
    let belongs = |clause: &clauses::Clause| {
        let acts = Kind::of_actor(&clause.actor) == kind;
        own.contains(&clause.id) || (acts && !others.contains(&clause.id))
    };
    let all = catalogue.iter().filter(|clause| belongs(clause));
    all.map(|clause| clause.id.clone()).collect()
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

/// Clauses of an edition that a scenario judges.
pub(crate) fn judged(catalogue: &Catalogue, scenario: &gherkin::Scenario) -> Vec<String> {
    let cited = cited(scenario);
    let all = cited.iter().flat_map(|id| catalogue.judged_by(id));
    all.map(str::to_owned).collect()
}

impl Plan {
    /// Reads every feature, without the scenarios that are tagged pending; each clause that the others cite must be
    /// in the catalogue, and not pending there.
    pub fn read(bundle: &Bundle, catalogue: &Catalogue) -> Result<Vec<Feature>, Error> {
        let mut features = Vec::new();
        for (path, text) in bundle.below("", ".feature") {
            let file = bundle.shown(path);
            let wrong = |(line, column), problem: String| Error::Feature {
                file: file.clone(),
                line,
                column,
                problem,
            };
            let mut feature = Feature::parse(text, GherkinEnv::default())
                .map_err(|_| wrong(stray(text), "this line is no Gherkin".to_owned()))?;
            let judges = |s: &gherkin::Scenario| {
                let mut steps = s.steps.iter();
                steps.any(|step| step.ty == gherkin::StepType::Then)
            };
            if let Some(idle) = feature.scenarios.iter().find(|s| !judges(s)) {
                let at = (idle.position.line, idle.position.col);
                return Err(wrong(at, "the scenario has no Then line".to_owned()));
            }
            if feature.scenarios.is_empty() && feature.rules.is_empty() {
                let at = (feature.position.line, feature.position.col);
                return Err(wrong(at, "the feature has no scenario".to_owned()));
            }
            known(catalogue, &file, text)?;
            feature.path = Some(PathBuf::from(path));
            written(&mut feature);
            if !feature.scenarios.is_empty() {
                features.push(feature);
            }
        }
        Ok(features)
    }

    /// Plans each scenario that judges a selected clause of the catalogue, for each turn that `turns` gives it.
    pub fn make(
        catalogue: &Catalogue,
        features: &[Feature],
        selection: &Selection,
        turns: impl Fn(&gherkin::Scenario) -> Vec<Turn>,
    ) -> Result<Self, Error> {
        let mut plan = Self::default();
        let mut number = 0;
        let there = |f: &&Feature| selection.kind.is_none_or(|kind| kind == kind_of(f));
        for feature in features.iter().filter(there) {
            let mut planned = feature.clone();
            planned.scenarios.clear();
            for scenario in &feature.scenarios {
                let wanted: Vec<String> = judged(catalogue, scenario)
                    .into_iter()
                    .filter(|c| selection.takes(c))
                    .collect();
                let own: Vec<&String> = scenario.tags.iter().chain(&feature.tags).collect();
                let tagged = selection.tags.as_ref().is_none_or(|t| t.take(&own));
                if wanted.is_empty() || !tagged {
                    continue;
                }
                number += 1;
                let turns = turns(scenario);
                plan.whole.0.extend(wanted.iter().cloned());
                plan.whole.1 += turns.len();
                if selection.shard.is_some_and(|(k, n)| number % n != k % n) {
                    continue;
                }
                for turn in turns {
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
        let waiting = waiting(catalogue, selection);
        let unjudged = unjudged(catalogue, features, selection);
        for clause in waiting.iter().chain(&unjudged) {
            plan.clauses.insert(clause.clone());
            plan.whole.0.insert(clause.clone());
        }
        match selection.shard {
            _ if !plan.features.is_empty() => Ok(plan),
            _ if !waiting.is_empty() => Err(Error::OnlyPending(waiting.join("`, `"))),
            Some((part, of)) if number > 0 => Err(Error::Usage(format!(
                "`--shard {part}/{of}`: there are {number} scenarios to share out\n  help: ask for no more parts than that"
            ))),
            _ => Err(Error::NothingSelected(selection.words())),
        }
    }

    /// The part of it that is for one kind of subject.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> Self {
        let features = self.features.iter().filter(|f| kind_of(f) == kind);
        Self {
            features: features.cloned().collect(),
            ..self.clone()
        }
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

/// Clauses that are asked for by name and judged by scenarios, of which the tags take none.
pub(crate) fn left_by_tags(
    catalogue: &Catalogue,
    features: &[Feature],
    selection: &Selection,
    plan: &Plan,
) -> Vec<String> {
    if selection.tags.is_none() || selection.clauses.is_empty() {
        return Vec::new();
    }
    let own = features
        .iter()
        .filter(|f| selection.kind.is_none_or(|kind| kind_of(f) == kind));
    let all: BTreeSet<String> = own
        .flat_map(|feature| &feature.scenarios)
        .flat_map(|scenario| judged(catalogue, scenario))
        .collect();
    let asked = |clause: &String| selection.takes(clause) && !plan.whole.0.contains(clause);
    all.into_iter().filter(asked).collect()
}

/// Clauses that are asked for by name, and that nobody judges until their scenarios are written.
fn waiting(catalogue: &Catalogue, selection: &Selection) -> Vec<String> {
    let pending = |clause: &&clauses::Clause| matches!(clause.status, Status::Pending { .. });
    let asked = catalogue.iter().filter(pending);
    let asked = asked.filter(|clause| !selection.clauses.is_empty() && selection.takes(&clause.id));
    asked.map(|clause| clause.id.clone()).collect()
}

/// Clauses that are asked for by name, and that no scenario judges though the catalogue says so: never a success.
fn unjudged(catalogue: &Catalogue, features: &[Feature], selection: &Selection) -> Vec<String> {
    let scenarios = features.iter().flat_map(|feature| &feature.scenarios);
    let judged: BTreeSet<String> = scenarios.flat_map(|s| judged(catalogue, s)).collect();
    let asked = |clause: &&clauses::Clause| {
        let kind = Kind::of_actor(&clause.actor);
        clause.is_judged()
            && !selection.clauses.is_empty()
            && selection.takes(&clause.id)
            && selection.kind.is_none_or(|own| own == kind)
            && !judged.contains(&clause.id)
    };
    let all = catalogue.iter().filter(asked);
    all.map(|clause| clause.id.clone()).collect()
}

/// Refuses citations of clauses that are not there, or that nobody is to judge yet.
fn known(catalogue: &Catalogue, file: &str, text: &str) -> Result<(), Error> {
    for cited in citations::in_feature(file, text) {
        let (file, line, clause) = (cited.file, cited.line, cited.clause);
        let Some(entry) = catalogue.get(&clause) else {
            let help = catalogue.suggest(&clause).map_or_else(
                || "`shall clauses` lists the ids".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Error::UnknownClause {
                file,
                line,
                clause,
                help,
            });
        };
        if matches!(entry.status, Status::Pending { .. }) {
            return Err(Error::PendingClause {
                file,
                line,
                clause,
                entry: format!("{}:{}", entry.file, entry.line),
            });
        }
    }
    Ok(())
}

/// Takes out what is tagged pending.
fn written(feature: &mut Feature) {
    let pending = |tags: &[String]| tags.iter().any(|tag| tag == citations::PENDING);
    if pending(&feature.tags) {
        feature.scenarios.clear();
    }
    feature
        .scenarios
        .retain(|scenario| !pending(&scenario.tags));
}

/// Line and column of the first line that no Gherkin line can be, in a text that does not parse.
/// (The positions in gherkin's own errors lie behind it.)
fn stray(text: &str) -> (usize, usize) {
    const STEPS: [&str; 6] = ["Given ", "When ", "Then ", "And ", "But ", "* "];
    const HEADS: [&str; 6] = [
        "Feature:",
        "Background:",
        "Scenario",
        "Rule:",
        "Example",
        "|",
    ];
    let (mut prose, mut quoted) = (false, false);
    for (number, line) in text.lines().enumerate() {
        let bare = line.trim_start();
        let starts = |words: &[&str]| words.iter().any(|w| bare.starts_with(w));
        if bare.starts_with("\"\"\"") {
            quoted = !quoted;
        } else if quoted || bare.is_empty() || starts(&["#", "@"]) {
        } else if starts(&HEADS) {
            // Free text may follow a heading, up to its first step.
            prose = !bare.starts_with('|');
        } else if starts(&STEPS) {
            prose = false;
        } else if !prose {
            return (number + 1, line.len() - bare.len() + 1);
        }
    }
    (1, 1)
}
