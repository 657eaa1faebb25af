//! Each rule of the pairing, kept and broken.

use super::*;

const CATALOGUE: &str = "
subclause: 7.2.1.2
title: Ad-hoc
clauses:
  - { id: rfc3261:8.2/a, level: SHALL, actor: server, area: a, trigger: t, requirement: r, observable: on-wire-sip, status: judged, supporting: true }
  - { id: rfc3261:8.2/b, level: SHALL, actor: server, area: a, trigger: t, requirement: r, observable: internal, status: excluded, reason: unseen, supporting: true }
";

const FEATURE: &str = "Feature: set-up
  Scenario Outline: answers
    Given bob is ready
    When alice sends <method>
    Then [rfc3261:8.2/a] the answer to <method> is 200
    Examples:
      | method |
      | INVITE |
      | BYE    |
";

const STEPS: &str = r#"
#[given(expr = "{actor} is/are ready")]
#[when(expr = "alice send(s) {method}")]
#[then(expr = "[{clause}] the answer to {method} is {int}")]
"#;

fn catalogue() -> Catalogue {
    catalogue_of(CATALOGUE)
}

/// The catalogue with a clause `c` of that status, which stands for `a`.
fn succeeding(status: &str) -> Catalogue {
    beside(CATALOGUE, status)
}

fn beside(catalogue: &str, status: &str) -> Catalogue {
    catalogue_of(&format!(
        "{catalogue}  - {{ id: rfc3261:8.2/c, level: SHALL, actor: server, area: a, trigger: t, requirement: r, \
         observable: on-wire-sip, status: {status}, supersedes: rfc3261:8.2/a, supporting: true }}\n"
    ))
}

fn catalogue_of(text: &str) -> Catalogue {
    let file = ("a.yaml".to_owned(), text.to_owned());
    Catalogue::load(std::iter::once(file)).expect("a sound catalogue")
}

fn steps(feature: &str) -> Vec<Step> {
    scenarios::of("a.feature", feature).expect("a sound feature")
}

fn phrases(source: &str) -> Vec<Phrase> {
    phrases::of("a.rs", source)
        .into_iter()
        .map(|phrase| phrase.expect("a sound phrase"))
        .collect()
}

fn mutations(text: &str) -> Vec<Mutation> {
    mutations::of("m.yaml", text).expect("sound mutations")
}

#[test]
fn a_pair_that_fits_has_no_fault() {
    assert_eq!(judged(&catalogue(), &steps(FEATURE)), [""; 0]);
    assert_eq!(worded(&phrases(STEPS), &steps(FEATURE)), [""; 0]);
    assert_eq!(
        killed(
            &catalogue(),
            &mutations("- {clause: rfc3261:8.2/a, name: x}")
        ),
        [""; 0]
    );
}

#[test]
fn outlines_are_expanded() {
    let texts: Vec<String> = steps(FEATURE).into_iter().map(|step| step.text).collect();
    assert!(
        texts.contains(&"[rfc3261:8.2/a] the answer to BYE is 200".to_owned()),
        "{texts:?}"
    );
}

#[test]
fn an_unknown_clause_is_named_with_its_neighbour() {
    let faults = judged(&catalogue(), &steps(&FEATURE.replace("8.2/a", "8.3/a")));
    assert!(
        faults[0].contains("did you mean `rfc3261:8.2/a`"),
        "{faults:?}"
    );
    assert!(
        faults
            .last()
            .is_some_and(|fault| fault.contains("judged by no scenario"))
    );
}

#[test]
fn an_excluded_clause_is_not_judged() {
    let faults = judged(&catalogue(), &steps(&FEATURE.replace("8.2/a", "8.2/b")));
    assert!(faults[0].contains("is excluded"), "{faults:?}");
}

#[test]
fn a_pending_clause_is_named_and_its_scenario_neither_judges_nor_needs_words() {
    let feature = FEATURE
        .replace("Feature: set-up", "@pending\nFeature: set-up")
        .replace("8.2/a", "8.2/c")
        .replace("bob is ready", "…");
    let mut steps = steps(&feature);
    steps.extend(scenarios::of("b.feature", FEATURE).expect("a sound feature"));
    let catalogue = succeeding("pending");
    assert_eq!(judged(&catalogue, &steps), [""; 0]);
    assert_eq!(worded(&phrases(STEPS), &steps), [""; 0]);
    assert_eq!(pending::succeeded(&catalogue), [""; 0]);
    let named = pending::named(&catalogue, &steps);
    assert!(
        named[0].ends_with("`rfc3261:8.2/c` at a.yaml:1, its scenario at a.feature:6"),
        "{named:?}"
    );
    let faults = judged(&succeeding("judged"), &steps);
    assert!(
        faults[0].contains("take the tag @pending from the one at a.feature:6"),
        "{faults:?}"
    );
}

#[test]
fn a_pending_clause_is_not_judged() {
    let faults = judged(
        &succeeding("pending"),
        &steps(&FEATURE.replace("8.2/a", "8.2/c")),
    );
    assert!(
        faults[0].contains("is pending") && faults[0].contains("set the entry to `judged`"),
        "{faults:?}"
    );
}

#[test]
fn a_clause_gives_way_once_the_one_that_stands_for_it_is_judged() {
    let faults = pending::succeeded(&succeeding("judged"));
    assert_eq!(faults.len(), 1);
    assert!(
        faults[0]
            .contains("`rfc3261:8.2/a` is judged, yet `rfc3261:8.2/c` (a.yaml:1) stands for it"),
        "{faults:?}"
    );
    let text = CATALOGUE.replacen("status: judged", "status: superseded, by: rfc3261:8.2/c", 1);
    let gives_way = |status: &str| beside(&text, status);
    assert_eq!(pending::succeeded(&gives_way("judged")), [""; 0]);
    let early = pending::succeeded(&gives_way("pending"));
    assert!(early[0].contains("neither is judged"), "{early:?}");
}

#[test]
fn a_then_without_clause_is_refused() {
    let faults = judged(
        &catalogue(),
        &steps(&FEATURE.replace("[rfc3261:8.2/a] ", "")),
    );
    assert!(faults[0].contains("names the clause"), "{faults:?}");
}

#[test]
fn a_judged_clause_without_mutation_is_named() {
    assert_eq!(killed(&catalogue(), &[]).len(), 1);
    let stray = mutations("- {clause: rfc3261:8.2/b, name: x}\n- {clause: rfc3261:9/z, name: x}");
    assert_eq!(killed(&catalogue(), &stray).len(), 4);
}

#[test]
fn a_phrase_said_by_nobody_is_refused() {
    let more = format!("{STEPS}\n#[then(\"[{{clause}}] carol is asleep\")]");
    assert_eq!(worded(&phrases(&more), &steps(FEATURE)).len(), 1);
}

#[test]
fn a_phrase_defined_twice_is_refused() {
    let more = format!("{STEPS}\n#[given(expr = \"{{who}} is/are ready\")]");
    assert!(worded(&phrases(&more), &steps(FEATURE))[0].contains("exists already"));
}

#[test]
fn a_step_without_phrase_is_refused() {
    let faults = worded(
        &phrases(STEPS),
        &steps(&FEATURE.replace("bob is ready", "bob sleeps")),
    );
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("no step is defined")),
        "{faults:?}"
    );
}

#[test]
fn a_regex_is_refused() {
    assert!(phrases::of("a.rs", "#[then(regex = \"^a$\")]")[0].is_err());
}
