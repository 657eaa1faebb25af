//! `shall certify`: a run, what judged it and what it says, in one file that others can check.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use trace::{has_open_credentials, run_file};

use crate::certificate::{Certificate, LARGEST, key};
use crate::cli::CertifyOptions;
use crate::judge::archived;
use crate::run::SECRET;
use crate::terminal::told;
use crate::verify::borne_out;
use crate::{Bundle, Error, files};

/// The run file and the profiles in it.
pub(crate) const RUN: &str = "run.jsonl";
pub(crate) const PROFILES: &str = "profiles.json";
/// Where catalogue and features stand in a bundle.
pub(crate) const FEATURES: &str = "features/";

pub(crate) async fn certify(options: CertifyOptions) -> Result<u8, Error> {
    let features = Bundle::open(options.features.as_deref())?;
    let (path, file) = archived(&options.run)?;
    let unfit = |problem, help| Error::Uncertifiable {
        path: path.clone(),
        problem,
        help,
    };
    if let Some(secret) = secret(&file) {
        let help = "judge the run again, which leaves passwords of profiles out; a message that carries one cannot be shown to others";
        return Err(unfit(secret, help));
    }
    let entries = entries(&path, &features, &file)?;
    let summary = entries.get(SUMMARY).map(Vec::as_slice);
    let derived = borne_out(&features, &path, &file, summary).await?;
    if let Err(refusal) = derived {
        let help = "judge the run again with `shall judge`, and certify what that writes; or name what judged it with --features";
        return Err(unfit(refusal.to_string(), help));
    }
    let key = match (&options.key, &options.new_key) {
        (Some(path), _) => Some(key::signing(path)?),
        (None, Some(path)) => Some(key::make(path)?),
        (None, None) => None,
    };
    let named = (file.edition.as_str(), file.subject.as_str());
    let packed = Certificate::pack(entries, named, key.as_ref());
    // What cannot be read back would be refused by everybody.
    let bundle = packed.and_then(|bytes| Certificate::open(&bytes).map(|read| (bytes, read)));
    let (bytes, read) =
        bundle.map_err(|refusal| unfit(refusal.to_string(), "certify a run of fewer scenarios"))?;
    fs::write(&options.out, bytes).map_err(|source| Error::Write {
        path: options.out.clone(),
        source,
    })?;
    let signer = read.signer.as_ref().map(key::fingerprint);
    let signer = signer.unwrap_or_else(|| "nobody; --key or --new-key signs it".to_owned());
    let mut said = format!(
        "bundle:    {}\nsigned by: {signer}\n",
        options.out.display()
    );
    if let Some(path) = &options.new_key {
        let (own, public) = (path.display(), key::public(path));
        let _ = writeln!(
            said,
            "keys:      {own} (keep it), {} (hand it out)",
            public.display()
        );
    }
    told(io::stdout().write_all(said.as_bytes())).map(|()| 0)
}

/// The clause by clause outcome, where the run's folder has it.
pub(crate) const SUMMARY: &str = "summary.json";

/// What the bundle holds, by name.
fn entries(
    path: &Path,
    features: &Bundle,
    file: &run_file::Run,
) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut entries = BTreeMap::new();
    let catalogue = features.below("clauses/", ".yaml");
    for (name, text) in catalogue.chain(features.below("", ".feature")) {
        entries.insert(format!("{FEATURES}{name}"), text.clone().into_bytes());
    }
    entries.insert(PROFILES.to_owned(), profiles(file));
    entries.insert(RUN.to_owned(), content(path)?);
    let folder = path.parent().unwrap_or(Path::new("."));
    let reports = files::names().map(|name| (name, folder.join(name)));
    for (name, path) in reports.filter(|(name, _)| *name != RUN) {
        if path.is_file() {
            entries.insert(name.to_owned(), content(&path)?);
        }
    }
    Ok(entries)
}

/// The profiles of a run, as the bundle shows them.
pub(crate) fn profiles(file: &run_file::Run) -> Vec<u8> {
    let text = serde_json::to_string_pretty(&file.profiles);
    (text.unwrap_or_default() + "\n").into_bytes()
}

/// A file of the run, within the bounds of a bundle.
pub(crate) fn content(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::File {
        path: path.to_owned(),
        source,
        help: "name a file that can be read and has less than 256 MiB",
    };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    let length = file.take(LARGEST + 1).read_to_end(&mut bytes);
    if length.map_err(failed)? as u64 > LARGEST {
        return Err(failed(io::ErrorKind::FileTooLarge.into()));
    }
    Ok(bytes)
}

/// Something that is nobody else's to know, if the run holds it.
fn secret(file: &run_file::Run) -> Option<String> {
    let profile = file.profiles.iter().filter_map(|p| p.as_object());
    let mut keys = profile.flat_map(|keys| keys.keys());
    if let Some(key) = keys.find(|key| SECRET.contains(&key.as_str())) {
        return Some(format!("its profile holds `{key}`"));
    }
    file.scenarios.iter().find_map(|scenario| {
        let frames = &scenario.exchange.frames;
        let frame = frames.iter().find(|frame| has_open_credentials(frame))?;
        let (index, name) = (frame.index, &scenario.name);
        Some(format!(
            "frame {index} of the scenario {name:?} carries a password that is not hashed"
        ))
    })
}
