//! Every effect on every verdict.

use super::*;
use crate::change::statements::Keyword;

const OLD: &str = "1. SHALL ring the bell.";

/// What becomes of a verdict on a clause that is left out, moved, worded anew or of another level.
fn turned(
    effect: Effect,
    level: Option<(Level, Level)>,
    new: &str,
    seen: Seen,
) -> Option<(Option<Verdict>, bool)> {
    let (from, to) = level.unwrap_or((Level::Shall, Level::Shall));
    let old = OLD.replace("SHALL", &from.to_string());
    let statement = Statement {
        level: match to {
            Level::Shall => Keyword::Shall,
            Level::Should => Keyword::Should,
            Level::May => Keyword::May,
        },
        paragraph: new.replace("SHALL", &to.to_string()),
        ..Statement::default()
    };
    let print = fingerprint::of(&old);
    let entry = format!(
        "subclause: \"9.9\"\ntitle: Bells\nclauses:\n  - {{ id: 9.9/bells/1, level: {from}, actor: im-client, area: bells, trigger: ringing, requirement: Our words., observable: on-wire-sip, source: {{ change_request: \"900\", change: 1, line: 1 }}, fingerprint: {{ sha256: \"{}\", simhash: \"{}\" }}, status: judged }}\n",
        print.sha256, print.simhash
    );
    let files = [("bells.yaml".to_owned(), entry)].into_iter();
    let catalogue = Catalogue::load(files).expect("the fixture is sound");
    let one = Aligned {
        effect,
        level: level.map(|_| Pair {
            from: from.to_string(),
            to: to.to_string(),
        }),
        clause: None,
        statement: None,
        renumbered: None,
        actor: None,
        old: None,
        old_from: None,
        new: None,
        requirement: None,
        by: String::new(),
    };
    let clause = catalogue.get("9.9/bells/1").expect("the fixture has it");
    flip(&one, Some(&statement), clause, seen).map(|(_, becomes, certain, _)| (becomes, certain))
}

#[test]
fn what_goes_takes_every_verdict_with_it() {
    for effect in [Effect::Removed, Effect::Moved] {
        for verdict in [
            Verdict::Pass,
            Verdict::Fail,
            Verdict::Warning,
            Verdict::Inconclusive,
        ] {
            let found = turned(effect, None, OLD, Seen::Verdict(verdict));
            assert_eq!(found, Some((None, true)), "{verdict:?}");
        }
        assert_eq!(turned(effect, None, OLD, Seen::Nothing), None);
        assert_eq!(turned(effect, None, OLD, Seen::Unused), None);
    }
    for effect in [Effect::Added, Effect::NotRestated, Effect::Unchanged] {
        assert_eq!(
            turned(effect, None, OLD, Seen::Verdict(Verdict::Fail)),
            None
        );
    }
}

#[test]
fn other_words_may_turn_what_was_decided() {
    let new = "1. SHALL ring two bells.";
    let reworded = |seen| turned(Effect::Reworded, None, new, seen);
    assert_eq!(
        reworded(Seen::Verdict(Verdict::Pass)),
        Some((Some(Verdict::Fail), false))
    );
    assert_eq!(
        reworded(Seen::Verdict(Verdict::Fail)),
        Some((Some(Verdict::Pass), false))
    );
    // Nothing was decided that could turn.
    assert_eq!(reworded(Seen::Verdict(Verdict::Inconclusive)), None);
    assert_eq!(reworded(Seen::Nothing), None);
    assert_eq!(reworded(Seen::Unused), None);
}

#[test]
fn another_level_turns_only_what_was_not_kept() {
    use Level::{May, Shall, Should};
    let seen = Seen::Verdict;
    for (from, to, what, becomes) in [
        (Shall, Should, seen(Verdict::Fail), Some(Verdict::Warning)),
        (
            Shall,
            May,
            seen(Verdict::Fail),
            Some(Verdict::NotApplicable),
        ),
        (Should, Shall, seen(Verdict::Warning), Some(Verdict::Fail)),
        (May, Shall, Seen::Unused, Some(Verdict::Fail)),
        (May, Should, Seen::Unused, Some(Verdict::Warning)),
        (Shall, Should, seen(Verdict::Pass), None),
        (Should, Shall, seen(Verdict::Pass), None),
        (Should, Shall, seen(Verdict::Inconclusive), None),
    ] {
        let found = turned(Effect::LevelChanged, Some((from, to)), OLD, what);
        assert_eq!(
            found,
            becomes.map(|becomes| (Some(becomes), true)),
            "{from} to {to}"
        );
    }
    // Other words besides may turn a pass too.
    let new = "1. SHALL ring two bells.";
    let both = turned(
        Effect::LevelChanged,
        Some((Should, Shall)),
        new,
        seen(Verdict::Pass),
    );
    assert_eq!(both, Some((Some(Verdict::Fail), false)));
}
