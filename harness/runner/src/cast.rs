//! The subjects of a run: that of `--profile`, or the embedded server and the embedded client, each with its part.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use clauses::Catalogue;
use gherkin::Feature;
use sabotage::Mutation;
use world::{Kind, Lab, Profile, Transport};

use crate::perform::live;
use crate::plan::kind_of;
use crate::terminal::Progress;
use crate::{Bundle, Error, Plan, Played, perform};

/// The subject of `path`, or the embedded ones that the features speak of; claims must be of the catalogue.
pub(crate) fn profiles(
    bundle: &Bundle,
    catalogue: &Catalogue,
    features: &[Feature],
    path: Option<&Path>,
) -> Result<Vec<Profile>, Error> {
    if let Some(path) = path {
        let text = fs::read_to_string(path).map_err(|source| Error::File {
            path: path.to_owned(),
            source,
            help: "name an existing profile; `shall init` writes one, with every key explained",
        })?;
        return Ok(vec![checked(catalogue, &path.to_string_lossy(), &text)?]);
    }
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let path = match kind {
            Kind::Server => "profiles/reference.yaml".to_owned(),
            _ if !features.iter().any(|f| kind_of(f) == kind) => continue,
            _ => format!("profiles/reference-{}.yaml", kind.tag()),
        };
        let text = bundle.text(&path).ok_or_else(|| Error::File {
            path: bundle.shown(&path).into(),
            source: io::ErrorKind::NotFound.into(),
            help: "give the folder that holds clauses/, profiles/ and the *.feature files",
        })?;
        all.push(checked(catalogue, &bundle.shown(&path), text)?);
    }
    Ok(all)
}

fn checked(catalogue: &Catalogue, file: &str, text: &str) -> Result<Profile, Error> {
    let profile = Profile::parse(file, text)?;
    let claims: BTreeSet<&str> = catalogue
        .iter()
        .filter_map(|c| c.claim.as_deref())
        .collect();
    let claims: Vec<&str> = claims.into_iter().collect();
    profile.check_claims(file, text, &claims)?;
    Ok(profile)
}

/// The names of the subjects, as reports show them; words that all begin with are said once.
pub(crate) fn named(profiles: &[Profile]) -> String {
    let names: Vec<Vec<&str>> = profiles
        .iter()
        .map(|profile| profile.subject.split(' ').collect())
        .collect();
    let Some((first, others)) = names.split_first() else {
        return String::new();
    };
    let shared = |at: &usize| others.iter().all(|name| name.get(*at) == first.get(*at));
    let shared = (0..first.len().saturating_sub(1))
        .take_while(shared)
        .count();
    let mut said = first.join(" ");
    for (at, name) in others.iter().enumerate() {
        said += if at + 1 == others.len() {
            " and "
        } else {
            ", "
        };
        said += &name[shared..].join(" ");
    }
    said
}

/// Subjects that are there, each with the part of the plan that is for it.
pub(crate) struct Cast(Vec<(Arc<Lab>, Plan)>);

impl Cast {
    /// Opens a lab for each subject that the plan needs.
    pub(crate) async fn open(
        profiles: &[Profile],
        plan: &Plan,
        transports: &[Transport],
    ) -> Result<Self, Error> {
        let mut parts = Vec::new();
        for profile in profiles {
            let part = plan.of_kind(profile.kind);
            if !part.is_empty() {
                parts.push((Lab::open(profile.clone(), transports).await?, part));
            }
        }
        Ok(Self(parts))
    }

    /// Asks each subject for a sign of life.
    pub(crate) async fn reach(&self) -> Result<(), Error> {
        for (lab, _) in &self.0 {
            lab.reach().await?;
        }
        Ok(())
    }

    /// Plays every part; the subjects share the `jobs` by what each has to play.
    pub(crate) async fn perform(
        &self,
        mutations: &[Mutation],
        jobs: usize,
        done: &Arc<Mutex<Vec<Played>>>,
    ) {
        let total: usize = self.0.iter().map(|(_, part)| part.len()).sum();
        let progress = Arc::new(Progress::new(total));
        let play = |(lab, part): &(Arc<Lab>, Plan), jobs: usize| {
            let (lab, done, progress) = (Arc::clone(lab), Arc::clone(done), Arc::clone(&progress));
            let part = part.clone();
            let jobs = if lab.concurrent() { jobs } else { 1 };
            let seat = live(lab, mutations);
            async move { perform(&part, seat, jobs, progress, done).await }
        };
        if jobs == 1 {
            for part in &self.0 {
                play(part, jobs).await;
            }
            return;
        }
        // Waiting costs nothing, so that even a small part plays a few at once.
        let share = |part: &Plan| (jobs * part.len()).div_ceil(total.max(1)).max(jobs.min(4));
        let all = self.0.iter().map(|part| play(part, share(&part.1)));
        futures::future::join_all(all).await;
    }

    /// Stops every subject that this run started.
    pub(crate) async fn close(&self) {
        for (lab, _) in &self.0 {
            lab.close().await;
        }
    }
}
