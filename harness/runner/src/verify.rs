//! `shall verify`: whether a bundle is what was certified, and its messages bear its verdicts out.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;

use serde_json::{Value, json};
use trace::run_file::{self, Bounds};

use crate::certificate::{Certificate, Fault, Refusal, key};
use crate::certify::{FEATURES, PROFILES, RUN, SUMMARY, content, profiles};
use crate::cli::{Format, VerifyOptions};
use crate::judge::{self, Derived, changed};
use crate::terminal::told;
use crate::{Bundle, Error};

pub(crate) async fn verify(options: VerifyOptions) -> Result<u8, Error> {
    let demanded = options.key.as_deref().map(key::verifying).transpose()?;
    let bytes = content(&options.bundle)?;
    let checked = match check(&bytes, demanded.as_ref()) {
        Ok(read) => derive(&options.bundle, read).await?,
        Err(refusal) => Err(refusal),
    };
    if options.format == Format::Json {
        let said = match &checked {
            Ok(verified) => verified.json(),
            Err(refusal) => json!({ "schema": SCHEMA, "verified": false, "refusal": {
                "entry": refusal.entry, "reason": refusal.fault.to_string() } }),
        };
        told(writeln!(io::stdout(), "{said:#}"))?;
    }
    let verified = checked.map_err(|refusal| Error::Refused {
        path: options.bundle.clone(),
        refusal,
    })?;
    if options.format == Format::Human {
        told(verified.show(demanded.is_some()))?;
    }
    Ok(0)
}

/// Name of the form that `--format json` has.
const SCHEMA: &str = "shall.verification/1";

/// What a bundle shows once it is found sound.
struct Verified {
    certificate: Certificate,
    frames: usize,
    verdicts: usize,
    summary: reports::Summary,
}

fn check(
    bytes: &[u8],
    demanded: Option<&ed25519_dalek::VerifyingKey>,
) -> Result<Certificate, Refusal> {
    let read = Certificate::open(bytes)?;
    let by = read.signer.as_ref().map(key::fingerprint);
    if demanded.is_some() && read.signer.as_ref() != demanded {
        let by = by.unwrap_or_else(|| "nobody".to_owned());
        return Err(Fault::Signer { by }.of("signer.pem"));
    }
    Ok(read)
}

/// Judges the messages of a bundle by what it holds of features and catalogue.
async fn derive(path: &Path, certificate: Certificate) -> Result<Result<Verified, Refusal>, Error> {
    let entries = &certificate.entries;
    let Some(run) = entries.get(RUN) else {
        return Ok(Err(Fault::Missing.of(RUN)));
    };
    let file = match run_file::read(run.as_slice(), &Bounds::default()) {
        Ok(file) => file,
        Err(error) => {
            let reason = error.to_string();
            return Ok(Err(Fault::Run { reason }.of(RUN)));
        }
    };
    if entries.get(PROFILES) != Some(&profiles(&file)) {
        let said = "it is not the profile in run.jsonl".to_owned();
        return Ok(Err(Fault::Verdict { said }.of(PROFILES)));
    }
    let text = |(name, bytes): (&String, &Vec<u8>)| {
        let name = name.strip_prefix(FEATURES)?.to_owned();
        Some((name, String::from_utf8_lossy(bytes).into_owned()))
    };
    let features = Bundle::of(entries.iter().filter_map(text).collect());
    let summary = entries.get(SUMMARY).map(Vec::as_slice);
    let summary = borne_out(&features, path, &file, summary).await?;
    let all = file.scenarios.iter();
    Ok(summary.map(|summary| Verified {
        frames: all.clone().map(|s| s.exchange.frames.len()).sum(),
        verdicts: all.map(|s| s.judgements.len()).sum(),
        summary,
        certificate,
    }))
}

/// The outcome of a run whose every verdict follows from its messages; else what does not.
pub(crate) async fn borne_out(
    features: &Bundle,
    path: &Path,
    file: &run_file::Run,
    told: Option<&[u8]>,
) -> Result<Result<reports::Summary, Refusal>, Error> {
    let catalogue = features.catalogue()?;
    let Derived { run, lost } = judge::derive(features, &catalogue, path, file).await?;
    let lines = lost.into_iter().chain(changed(file, &run));
    let said = lines.chain(other_proof(file, &run)).next();
    if let Some(said) = said {
        return Ok(Err(Fault::Verdict { said }.of(RUN)));
    }
    let summary = reports::summarise(&catalogue, &reports::Run::of_file(&run));
    Ok(match told.and_then(|told| other_outcome(told, &summary)) {
        Some(said) => Err(Fault::Verdict { said }.of(SUMMARY)),
        None => Ok(summary),
    })
}

/// What else of a run is another than its messages give, such as the evidence of a verdict.
fn other_proof(file: &run_file::Run, again: &run_file::Run) -> Option<String> {
    if file.wall_seconds.is_none() {
        return Some("the run was cut off".to_owned());
    }
    let mut pairs = file.scenarios.iter().zip(&again.scenarios);
    let other = pairs.find(|(told, derived)| told != derived);
    match other {
        Some((told, _)) => {
            let (name, transport) = (&told.name, &told.transport);
            Some(format!("the evidence is another ({name}, {transport})"))
        }
        None => (file.subject != again.subject).then(|| "the subject is another".to_owned()),
    }
}

/// A clause whose verdict in `summary.json` is another.
fn other_outcome(told: &[u8], summary: &reports::Summary) -> Option<String> {
    let Ok(told) = serde_json::from_slice::<Value>(told) else {
        return Some("it is no JSON".to_owned());
    };
    let clauses = ["clauses", "supporting"].into_iter();
    let all = clauses.filter_map(|list| told[list].as_array()).flatten();
    let told: BTreeMap<&str, &Value> = all
        .filter_map(|clause| Some((clause["id"].as_str()?, &clause["verdict"])))
        .collect();
    let other = summary.all().find(|clause| {
        let verdict = json!(clause.verdict);
        told.get(clause.id.as_str()) != Some(&&verdict)
    });
    match other {
        Some(clause) => Some(format!("{}: the verdict is another", clause.id)),
        None if told.len() != summary.all().count() => Some("it has other clauses".to_owned()),
        None => None,
    }
}

impl Verified {
    fn signer(&self) -> Option<String> {
        self.certificate.signer.as_ref().map(key::fingerprint)
    }

    fn json(&self) -> Value {
        let manifest = &self.certificate.manifest;
        json!({
            "schema": SCHEMA,
            "verified": true,
            "subject": manifest.subject,
            "edition": manifest.edition,
            "tool": manifest.tool,
            "signer": self.signer(),
            "entries": manifest.entries.len(),
            "frames": self.frames,
            "verdicts": self.verdicts,
            "totals": self.summary.totals,
            "supporting_totals": self.summary.supporting_totals,
            "exit_code": reports::exit_code(&self.summary),
            "asked": self.summary.all().count(),
            "known": self.summary.known.len(),
            "interrupted": self.summary.interrupted,
        })
    }

    fn show(&self, demanded: bool) -> io::Result<()> {
        let manifest = &self.certificate.manifest;
        let out = &mut io::stdout().lock();
        let signer = match (self.signer(), demanded) {
            (Some(by), true) => format!("by {by}, the key that was asked for"),
            (Some(by), false) => format!("by {by}; --key FILE demands that it is one you know"),
            (None, _) => "nobody signed; whoever had the bundle may have made it anew".to_owned(),
        };
        writeln!(out, "verified:  {}", manifest.subject)?;
        writeln!(
            out,
            "edition:   {}, packed by {}",
            manifest.edition, manifest.tool
        )?;
        writeln!(
            out,
            "octets:    {} entries as in the manifest",
            manifest.entries.len()
        )?;
        writeln!(out, "signature: {signer}")?;
        writeln!(
            out,
            "verdicts:  {} derived again from {} messages, all the same",
            self.verdicts, self.frames
        )?;
        let totals =
            |totals: &reports::Totals| crate::terminal::totals(("clause", "clauses"), totals);
        writeln!(out, "outcome:   {}", totals(&self.summary.totals))?;
        for bound in crate::terminal::bounds(&self.summary) {
            writeln!(out, "           {bound}")?;
        }
        Ok(())
    }
}
