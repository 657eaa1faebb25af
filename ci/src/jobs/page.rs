//! Job `page`: report.html in a real Chromium, as its readers use it.

mod checks;
mod doctored;
mod octets;

use super::browser::{self, Browser};
use super::{interop, shall};
use crate::context::Context;
use crate::job::Outcome;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Scenarios of the run file that stands for a large one.
const MANY: usize = 1000;
/// Octets that a page of so many scenarios may have.
const LARGEST: u64 = 20 << 20;

pub(super) fn check(context: &Context) -> Outcome {
    if let Err(why) = interop::ensure(browser::TOOLS) {
        return Outcome::Skipped(why);
    }
    match checked(context) {
        Ok((faults, told)) => Outcome::of(faults, told),
        Err(fault) => Outcome::fault(fault),
    }
}

fn checked(context: &Context) -> Result<(Vec<String>, String), String> {
    let out = context.fresh("page").map_err(|fault| fault.to_string())?;
    let binary = shall::build(context)?;
    let run = out.join("run");
    let ran = shall::run(context, &binary, &run, &["--transport", "udp"])?;
    if let Some(fault) = shall::demand(&ran, 0, "shall run") {
        return Err(fault);
    }
    let records = doctored::records(&run.join("run.jsonl"))?;
    // What the subject did wrong and what it tried stands in the run file; judging it again gives the page.
    let broken = judged(
        context,
        &binary,
        &out,
        "broken",
        &doctored::broken(&records)?,
    )?;
    let large = judged(
        context,
        &binary,
        &out,
        "large",
        &doctored::repeated(&records, MANY),
    )?;
    let browser = Browser::open(&out.join("profile"))?;
    let mut faults = browser::tried(&browser, &checks::ALL, &broken)?;
    checks::pictures(&browser, &broken)?;
    let size = std::fs::metadata(large.page())
        .map_err(|fault| fault.to_string())?
        .len();
    if size > LARGEST {
        faults.push(format!("{MANY} scenarios make a page of {size} octets"));
    }
    let opened = checks::opening(&browser, &large, MANY)?;
    faults.extend(browser.console()?);
    let told = format!(
        "{} checks, pictures in {}; {MANY} scenarios: {:.1} MB, open after {opened:.0} ms",
        checks::ALL.len(),
        context.short(&out),
        size as f64 / 1e6,
    );
    Ok((faults, told))
}

/// A run whose report is looked at.
pub(super) struct Judged {
    folder: PathBuf,
}

impl Judged {
    fn page(&self) -> PathBuf {
        self.folder.join("report.html")
    }

    /// Address of the page with this fragment.
    fn address(&self, fragment: &str) -> String {
        format!("file://{}{fragment}", self.page().display())
    }
}

/// Writes a run file and has it judged, which renders its page.
fn judged(
    context: &Context,
    shall: &Path,
    out: &Path,
    name: &str,
    records: &[serde_json::Value],
) -> Result<Judged, String> {
    let file = out.join(format!("{name}.jsonl"));
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    std::fs::write(&file, lines).map_err(|fault| format!("{}: {fault}", file.display()))?;
    let folder = out.join(name);
    let mut command = std::process::Command::new(shall);
    command.current_dir(&context.root).arg("judge").arg(&file);
    command.arg("--out").arg(&folder);
    let captured = crate::command::capture(&mut command, Duration::from_secs(120))?;
    let judged = Judged { folder };
    match judged.page().is_file() {
        true => Ok(judged),
        false => Err(format!("shall judge wrote no page\n{}", captured.stderr)),
    }
}
