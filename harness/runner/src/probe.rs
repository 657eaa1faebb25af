//! `shall probe`: knocks, plays a few scenarios, and compares what was seen with what the profile claims.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use gherkin::{Feature, Scenario};
use reports::{Probe, Question, render_probe_json, render_probe_text};
use trace::{Exchange, answered};
use world::{GROUPS, Kind, Lab, LabError, Profile, Transport};

use crate::cast::profiles;
use crate::cli::{Format, ProbeOptions};
use crate::edition::Edition;
use crate::perform::live;
use crate::plan::{cited, kind_of};
use crate::run::archive;
use crate::terminal::Progress;
use crate::terminal::told;
use crate::{Bundle, Error, Plan, Turn, init, perform};

/// Keys of a server's profile, and the clause by which one shows.
const KEYS: [(&str, &str); 5] = [
    ("conference_factory", "7.2.1.1/server-sends-200/4a"),
    ("session_only_factory", "8.3.1.1.1/on-message/1"),
    ("unallocated_factory", "7.2.1.2/on-invite/1.2"),
    ("barred_user", "7.2.1.2/on-invite/2.2"),
    ("max_participants", "7.2.1.2/on-invite/5.2"),
];
/// Scenarios played at once, where their users are kept apart.
const AT_ONCE: usize = 8;

pub(crate) async fn probe(options: &ProbeOptions) -> Result<u8, Error> {
    let bundle = Bundle::open(None)?;
    let edition = Edition::of(&bundle.catalogue()?, None)?;
    let catalogue = &edition.catalogue;
    let mut features = Plan::read(&bundle, catalogue)?;
    let profile = profiles(&bundle, catalogue, &features, Some(&options.profile))?;
    let Some(profile) = profile.into_iter().next() else {
        return Ok(2);
    };
    features.retain(|feature| kind_of(feature) == profile.kind);
    let mut questions = keys(&profile);
    for (claim, meaning) in init::claims(&bundle)? {
        let of = catalogue.iter();
        let of = of.filter(|c| c.claim.as_ref() == Some(&claim) && c.is_judged());
        questions.push(Question {
            claimed: profile.claims.get(&claim).copied().unwrap_or(true),
            clauses: of.map(|c| c.id.clone()).collect(),
            key: format!("claims.{claim}"),
            meaning,
        });
    }
    // What is denied is looked for too.
    let mut asked = profile.clone();
    asked.claims.remove(GROUPS);
    let lab = Lab::open(asked.clone(), &[Transport::Udp, Transport::Tcp]).await?;
    let (run, knocks) = look(&lab, &features, &mut questions).await;
    lab.close().await;
    asked.claims.clear();
    let run = archive(&edition, &[asked], run);
    let heard = |exchange: &Exchange| !answered(exchange).is_empty();
    let heard = knocks
        .values()
        .chain(run.scenarios.iter().map(|s| &s.exchange))
        .any(heard);
    if !heard && !profile.kind.is_told() {
        let nothing = "it sent nothing back to OPTIONS and INVITE".to_owned();
        let sip = profile.sip.unwrap_or(profile.core);
        return Err(LabError::Unreachable(sip, nothing, profile.core).into());
    }
    let probe = Probe::of(&profile.subject, &questions, &knocks, &run);
    let out = &mut io::stdout().lock();
    let written = match options.format {
        Format::Json => render_probe_json(&probe, out),
        Format::Human => render_probe_text(&probe, out),
    };
    told(written).map(|()| u8::from(probe.is_contradicted()))
}

fn keys(profile: &Profile) -> Vec<Question> {
    let there = |key: &&(&str, &str)| {
        let bare = key.0 == "session_only_factory" && profile.session_only_factory.is_none();
        profile.kind == Kind::Server && !bare
    };
    let question = |(key, clause): &(&str, &str)| Question {
        key: (*key).to_owned(),
        meaning: "as the profile has it".to_owned(),
        claimed: true,
        clauses: vec![(*clause).to_owned()],
    };
    KEYS.iter().filter(there).map(question).collect()
}

/// Knocks over each transport, and plays over the first that answers; questions keep the clauses that are played.
async fn look(
    lab: &Arc<Lab>,
    features: &[Feature],
    questions: &mut Vec<Question>,
) -> (Vec<crate::Played>, BTreeMap<String, Exchange>) {
    let mut knocks = BTreeMap::new();
    let mut over = None;
    for (name, transport) in [("udp", Transport::Udp), ("tcp", Transport::Tcp)] {
        if lab.profile.kind.is_told() {
            over = over.or(Some(name));
            continue;
        }
        let exchange = lab.knock(transport).await;
        if !answered(&exchange).is_empty() {
            over = over.or(Some(name));
        }
        knocks.insert(name.to_owned(), exchange);
    }
    let Some(over) = over else {
        return (Vec::new(), knocks);
    };
    let plan = planned(features, questions, over);
    let done = Arc::new(Mutex::new(Vec::new()));
    let progress = Arc::new(Progress::new(plan.len()));
    let jobs = if lab.concurrent() { AT_ONCE } else { 1 };
    let seat = live(Arc::clone(lab), &[]);
    perform(&plan, seat, jobs, progress, Arc::clone(&done)).await;
    let mut played = std::mem::take(&mut *done.lock().unwrap_or_else(PoisonError::into_inner));
    played.sort_by(|a: &crate::Played, b| a.place().cmp(&b.place()));
    (played, knocks)
}

/// Which of a feature's scenarios shows most of these clauses, and how many.
fn best<'a>(feature: &'a Feature, clauses: &[String]) -> Option<(usize, &'a Scenario)> {
    let quick = |s: &&Scenario| !s.tags.iter().any(|t| t == "long-wait" || t == "violates");
    let count = |s: &'a Scenario| {
        let own: BTreeSet<String> = cited(s).into_iter().collect();
        (clauses.iter().filter(|c| own.contains(*c)).count(), s)
    };
    let all = feature.scenarios.iter().filter(quick).map(count);
    // The first of equals is the plainest.
    all.rev().max_by_key(|(count, _)| *count)
}

/// The first scenario of each feature, and for each question the one that shows most of it.
fn planned(features: &[Feature], questions: &mut Vec<Question>, transport: &str) -> Plan {
    let mut chosen: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (at, feature) in features.iter().enumerate() {
        if let Some((_, plain)) = best(feature, &[]) {
            chosen.insert((at, plain.position.line));
        }
    }
    questions.retain_mut(|question| {
        let all = features.iter().enumerate();
        let all = all.filter_map(|(at, f)| Some((at, best(f, &question.clauses)?)));
        let most = all.rev().max_by_key(|(_, (count, _))| *count);
        let Some((at, (1.., scenario))) = most else {
            return false;
        };
        let own = cited(scenario);
        question.clauses.retain(|clause| own.contains(clause));
        chosen.insert((at, scenario.position.line));
        true
    });
    let turn = Turn {
        transport: transport.to_owned(),
        mutation: None,
    };
    let mut plan = Plan::default();
    for (at, feature) in features.iter().enumerate() {
        let mut copy = feature.clone();
        copy.scenarios
            .retain(|s| chosen.contains(&(at, s.position.line)));
        for scenario in &mut copy.scenarios {
            scenario.tags.extend(turn.tags());
        }
        if !copy.scenarios.is_empty() {
            plan.features.push(copy);
        }
    }
    plan
}
