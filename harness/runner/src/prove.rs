//! `shall prove`: breaks one clause at a time and demands that exactly this clause is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use clauses::Catalogue;
use reports::{Kill, Kills};
use sabotage::Mutation;
use sabotage::proxy::{Proxy, Side};
use trace::Held;
use world::Transport;

use crate::cast::{Cast, profiles};
use crate::cli::{Format, ProveOptions, ProxyOptions};
use crate::edition::Edition;
use crate::files::prepare;
use crate::interrupt::Interrupt;
use crate::plan::cited;
use crate::run::selection;
use crate::terminal::told;
use crate::{Bundle, Error, Plan, Played, Turn};

pub(crate) async fn prove(options: ProveOptions) -> Result<u8, Error> {
    let bundle = Bundle::open(options.choice.features.as_deref())?;
    let whole = bundle.catalogue()?;
    let edition = Edition::of(&whole, options.edition.as_deref())?;
    let catalogue = &edition.catalogue;
    let mutations = Mutation::load()?;
    let selection = selection(&options.choice)?;
    // Each scenario is played once untouched and once under every mutation of its clauses.
    let turns = |scenario: &gherkin::Scenario| {
        let cited = cited(scenario);
        let asked = |m: &&Mutation| catalogue.judged_by(&m.clause).any(|id| selection.takes(id));
        let broken = mutations
            .iter()
            .filter(|m| cited.contains(&m.clause) && asked(m))
            .map(|m| Some(m.name.clone()));
        std::iter::once(None)
            .chain(broken)
            .map(|mutation| Turn {
                transport: "udp".to_owned(),
                mutation,
            })
            .collect()
    };
    let features = Plan::read(&bundle, &whole)?;
    let plan = Plan::make(catalogue, &features, &selection, turns)?;
    prepare(&options.out)?;
    let profiles = profiles(&bundle, &whole, &features, None)?;
    let cast = Cast::open(&profiles, &plan, &[Transport::Udp]).await?;
    let done = Arc::new(Mutex::new(Vec::new()));
    let jobs = usize::from(options.choice.jobs);
    cast.perform(&mutations, jobs, &done).await;
    cast.close().await;
    let played = std::mem::take(&mut *done.lock().unwrap_or_else(PoisonError::into_inner));

    let judged: BTreeSet<&str> = catalogue
        .iter()
        .filter(|c| c.is_judged() && selection.takes(&c.id))
        .map(|c| c.id.as_str())
        .collect();
    let kills = mutations
        .iter()
        .flat_map(|m| catalogue.judged_by(&m.clause).map(move |id| (m, id)))
        .filter(|(_, clause)| selection.takes(clause))
        .map(|(m, clause)| kill(catalogue, m, clause, &played))
        .collect();
    let table = Kills::of(judged.iter().copied(), kills);
    show(&options, &table)?;
    let good = table.totals.unproven == 0 && table.totals.survived == 0 && table.totals.judged > 0;
    Ok(u8::from(!good))
}

/// Writes the kill table to `kills.json` and to standard output.
fn show(options: &ProveOptions, table: &Kills) -> Result<(), Error> {
    let path = options.out.join("kills.json");
    let written = |path: PathBuf| move |source| Error::Write { path, source };
    let mut file = fs::File::create(&path).map_err(written(path.clone()))?;
    reports::render_kills_json(table, &mut file).map_err(written(path))?;
    let out = &mut io::stdout().lock();
    told(match options.format {
        Format::Json => reports::render_kills_json(table, out),
        Format::Human => reports::render_kills_text(table, out),
    })
}

/// Clauses that a play shows to be kept: every check of them held.
fn kept<'a>(catalogue: &'a Catalogue, played: &Played) -> BTreeMap<&'a str, bool> {
    let mut kept = BTreeMap::new();
    for check in &played.checked {
        for clause in catalogue.judged_by(&check.clause) {
            *kept.entry(clause).or_insert(true) &=
                check.finding.held == Held::Yes && check.finding.has_evidence();
        }
    }
    kept
}

/// Whether the mutation costs the clause its pass, and which others.
fn kill(catalogue: &Catalogue, mutation: &Mutation, of: &str, played: &[Played]) -> Kill {
    let mut killed = false;
    let mut also_lost = BTreeSet::new();
    for broken in played
        .iter()
        .filter(|p| p.turn.mutation.as_deref() == Some(mutation.name.as_str()))
    {
        let sound = played.iter().find(|p| {
            p.turn.mutation.is_none() && p.feature == broken.feature && p.line == broken.line
        });
        let Some(sound) = sound else {
            continue;
        };
        let (sound, broken) = (kept(catalogue, sound), kept(catalogue, broken));
        // Lost is what holds untouched and does not under the mutation.
        for clause in sound.iter().filter(|(_, kept)| **kept).map(|(c, _)| *c) {
            if broken.get(clause) == Some(&false) {
                if clause == of {
                    killed = true;
                } else {
                    also_lost.insert(clause.to_owned());
                }
            }
        }
    }
    Kill {
        clause: of.to_owned(),
        mutation: mutation.name.clone(),
        killed,
        also_lost: also_lost.into_iter().collect(),
    }
}

pub(crate) async fn proxy(options: &ProxyOptions) -> Result<u8, Error> {
    let mutations = Mutation::load()?;
    let unknown = || {
        let names = mutations.iter().map(|m| m.name.as_str());
        let help = clauses::nearest::nearest(&options.mutation, names).map_or_else(
            || "`shall prove` prints them; they stand in harness/sabotage/mutations".to_owned(),
            |near| format!("did you mean \"{near}\"?"),
        );
        Error::Usage(format!(
            "there is no mutation \"{}\"\n  help: {help}",
            options.mutation
        ))
    };
    let found = mutations.iter().find(|m| m.name == options.mutation);
    let mutation = found.ok_or_else(unknown)?.clone();
    let side = Side {
        listen: options.listen,
        target: options.subject,
    };
    let proxy = Proxy::start(side, None, mutation)
        .await
        .map_err(Error::Proxy)?;
    // Whoever starts it waits for this line.
    writeln!(
        io::stdout(),
        "ready: sip={} subject={} mutation=\"{}\"",
        proxy.tester_side,
        options.subject,
        options.mutation
    )
    .map_err(Error::Output)?;
    let mut interrupt = Interrupt::listen().map_err(Error::Signals)?;
    tokio::select! {
        ended = proxy.wait() => ended.map_err(Error::Proxy)?,
        () = interrupt.wait() => {}
    }
    Ok(0)
}
