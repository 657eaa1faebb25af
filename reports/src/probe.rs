//! What a probe saw, beside what the profile claims: schema `shall.probe/1`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use trace::run_file::{Run, Scenario};
use trace::{Exchange, Judgement, Verdict, announced, answered};

use crate::summary::write_json;

/// A key of the profile, and the clauses in which it shows.
#[derive(Clone, Debug)]
pub struct Question {
    pub key: String,
    /// What it says of the subject.
    pub meaning: String,
    /// What the profile says.
    pub claimed: bool,
    pub clauses: Vec<String>,
}

/// What the wire says of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Seen {
    /// The subject did it.
    Yes,
    /// The subject did otherwise.
    No,
    /// Nothing that decides it was seen.
    Unknown,
}

/// Where something was seen.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Title of the scenario; `knock` for the first requests.
    pub scenario: String,
    pub transport: String,
    /// Index of the frame in its exchange.
    pub frame: usize,
    /// The first line of the message.
    pub message: String,
}

/// One claim, compared.
#[derive(Clone, Debug, Serialize)]
pub struct Claim {
    pub key: String,
    pub meaning: String,
    pub profile: bool,
    pub wire: Seen,
    /// What decides it, or why nothing does.
    pub reason: String,
    pub shown: Option<Shown>,
    /// What to write in the profile, where the wire says otherwise or nothing.
    pub suggestion: Option<String>,
}

/// Something that the subject announced or answered.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    /// A header, or `answers` for status codes to requests.
    pub name: String,
    pub value: String,
    pub shown: Shown,
}

/// What a probe saw of a subject.
#[derive(Clone, Debug, Serialize)]
pub struct Probe {
    /// `shall.probe/1`.
    pub schema: &'static str,
    pub subject: String,
    /// Transports over which it was asked for a sign of life, and whether it gave one.
    pub transports: BTreeMap<String, bool>,
    pub claims: Vec<Claim>,
    pub facts: Vec<Fact>,
}

impl Probe {
    /// Compares the answers to `questions` with what `run` holds; `knocks` are exchanges by transport.
    pub fn of(
        subject: &str,
        questions: &[Question],
        knocks: &BTreeMap<String, Exchange>,
        run: &Run,
    ) -> Self {
        let alive =
            |(name, exchange): (&String, &Exchange)| (name.clone(), !answered(exchange).is_empty());
        let exchanges = knocks
            .iter()
            .map(|(name, exchange)| ("knock", name, exchange));
        let scenarios = run.scenarios.iter();
        let exchanges =
            exchanges.chain(scenarios.map(|s| (s.name.as_str(), &s.transport, &s.exchange)));
        let mut facts: Vec<Fact> = Vec::new();
        for (scenario, transport, exchange) in exchanges {
            for (name, value, frame) in said(exchange) {
                let known = |fact: &Fact| fact.name == name && fact.value == value;
                if !facts.iter().any(known) {
                    let shown = shown(scenario, transport, exchange, frame);
                    facts.push(Fact { name, value, shown });
                }
            }
        }
        facts.sort_by(|a, b| a.name.cmp(&b.name));
        Self {
            schema: "shall.probe/1",
            subject: subject.to_owned(),
            transports: knocks.iter().map(alive).collect(),
            claims: questions
                .iter()
                .map(|question| compare(question, run))
                .collect(),
            facts,
        }
    }

    /// Whether the wire says otherwise than the profile.
    #[must_use]
    pub fn is_contradicted(&self) -> bool {
        self.claims.iter().any(Claim::is_contradicted)
    }
}

impl Claim {
    fn is_contradicted(&self) -> bool {
        self.wire != Seen::Unknown && (self.wire == Seen::Yes) != self.profile
    }
}

fn said(exchange: &Exchange) -> Vec<(String, String, usize)> {
    let headers = announced(exchange).into_iter();
    let headers = headers.map(|a| (a.header.to_owned(), a.value, a.frame));
    let answers = answered(exchange).into_iter();
    let answers =
        answers.map(|(method, code, at)| ("answers".to_owned(), format!("{method} {code}"), at));
    headers.chain(answers).collect()
}

fn shown(scenario: &str, transport: &str, exchange: &Exchange, frame: usize) -> Shown {
    let bytes = exchange.frame(frame).map_or(&[][..], |frame| &frame.bytes);
    let line = bytes
        .split(|octet| *octet == b'\r' || *octet == b'\n')
        .next();
    Shown {
        scenario: scenario.to_owned(),
        transport: transport.to_owned(),
        frame,
        message: String::from_utf8_lossy(line.unwrap_or_default())
            .escape_debug()
            .to_string(),
    }
}

fn compare(question: &Question, run: &Run) -> Claim {
    let of = |s| -> Vec<(&Scenario, &Judgement)> { pairs(question, s) };
    // The scenario that shows most of it was chosen for it.
    let all = run.scenarios.iter().map(of);
    let judged = all.max_by_key(Vec::len).unwrap_or_default();
    let with = |verdict| move |pair: &&(&Scenario, &Judgement)| pair.1.verdict == verdict;
    let passed = judged.iter().filter(with(Verdict::Pass)).count();
    let first = |verdict| judged.iter().find(with(verdict));
    let (wire, pair) = match (first(Verdict::Fail), first(Verdict::Pass)) {
        (_, Some(pair)) if 2 * passed > judged.len() => (Seen::Yes, Some(pair)),
        (Some(pair), None) => (Seen::No, Some(pair)),
        _ => (
            Seen::Unknown,
            judged.iter().find(|(_, j)| j.verdict != Verdict::Pass),
        ),
    };
    let evidence = pair.and_then(|(scenario, judgement)| {
        let frame = judgement.finding.evidence.first()?.frame;
        Some(shown(
            &scenario.name,
            &scenario.transport,
            &scenario.exchange,
            frame,
        ))
    });
    let wire = if evidence.is_none() {
        Seen::Unknown
    } else {
        wire
    };
    let reason = pair.map_or_else(
        || "no scenario got as far".to_owned(),
        |(_, j)| match j.reason.as_str() {
            "" => format!("{}: {}", j.clause, j.finding.found),
            reason => format!("{}: {reason}", j.clause),
        },
    );
    let mut claim = Claim {
        key: question.key.clone(),
        meaning: question.meaning.clone(),
        profile: question.claimed,
        wire,
        reason,
        shown: evidence,
        suggestion: None,
    };
    claim.suggestion = suggestion(&claim);
    claim
}

fn pairs<'a>(question: &Question, scenario: &'a Scenario) -> Vec<(&'a Scenario, &'a Judgement)> {
    let all = scenario.judgements.iter();
    let all = all.filter(|judgement| question.clauses.contains(&judgement.clause));
    all.map(|judgement| (scenario, judgement)).collect()
}

fn suggestion(claim: &Claim) -> Option<String> {
    match (claim.key.strip_prefix("claims."), claim.wire, claim.profile) {
        (Some(name), Seen::Yes, false) => Some(format!("under `claims`, take out `{name}: false`")),
        (Some(name), Seen::No | Seen::Unknown, true) => Some(format!(
            "if the subject does not do this, write `{name}: false` under `claims`"
        )),
        (None, Seen::No, _) => Some(format!("give `{}` as the subject is configured", claim.key)),
        _ => None,
    }
}

/// Writes it as JSON.
pub fn render_probe_json(probe: &Probe, out: &mut impl Write) -> io::Result<()> {
    write_json(probe, out)
}

/// Writes it for people.
pub fn render_probe_text(probe: &Probe, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", probe.subject)?;
    for (transport, alive) in &probe.transports {
        let word = if *alive { "answers" } else { "does not answer" };
        writeln!(out, "  {transport:<16} {word}")?;
    }
    let mut names: Vec<&str> = probe.facts.iter().map(|f| f.name.as_str()).collect();
    names.dedup();
    for name in names {
        let values = probe.facts.iter().filter(|f| f.name == name);
        let values: Vec<String> = values.map(|f| f.value.escape_debug().to_string()).collect();
        writeln!(out, "  {name:<16} {}", values.join(", "))?;
    }
    writeln!(
        out,
        "\n{:<42} {:<8} {:<8} seen in",
        "claim", "profile", "wire"
    )?;
    for claim in &probe.claims {
        let wire = match claim.wire {
            Seen::Yes => "yes",
            Seen::No => "no",
            Seen::Unknown => "?",
        };
        let shown = match (&claim.shown, claim.wire) {
            (Some(at), Seen::Yes | Seen::No) => format!(
                "{}, {}, frame {}: {}",
                at.scenario, at.transport, at.frame, at.message
            ),
            _ => format!("not seen; {}", claim.reason.escape_debug()),
        };
        let profile = if claim.profile { "yes" } else { "no" };
        let mark = if claim.is_contradicted() { "!" } else { " " };
        writeln!(
            out,
            "{mark} {:<40} {profile:<8} {wire:<8} {shown}",
            claim.key
        )?;
    }
    for claim in probe.claims.iter().filter(|c| c.suggestion.is_some()) {
        let said = claim.suggestion.as_deref().unwrap_or_default();
        writeln!(
            out,
            "\n{}: {}\n  help: {said}",
            claim.key,
            claim.reason.escape_debug()
        )?;
    }
    let wrong = probe.claims.iter().filter(|c| c.is_contradicted()).count();
    writeln!(
        out,
        "\n{} claims, {wrong} contradicted by the wire",
        probe.claims.len()
    )
}
