//! `shall report`: the files of a run again, of all its parts as one, or several subjects side by side.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clauses::Catalogue;
use reports::{Ladder, Matrix};
use trace::run_file;

use crate::cli::{Format, LadderFormat, ReportOptions};
use crate::edition::Edition;
use crate::files::{Told, failed, prepare, scenario_name, sink};
use crate::judge::archived;
use crate::run::{expected, tell};
use crate::terminal::told;
use crate::{Bundle, Error};

pub(crate) fn report(options: &ReportOptions) -> Result<u8, Error> {
    let bundle = Bundle::open(options.features.as_deref())?;
    let whole = bundle.catalogue()?;
    let mut runs = Vec::new();
    for path in &options.runs {
        let (file, run) = archived(path)?;
        apart(&file, &options.out)?;
        runs.push((path.display().to_string(), run));
    }
    let is_part = |(_, run): &(String, run_file::Run)| run.shard.is_some();
    match (runs.iter().any(is_part), runs.as_slice()) {
        (true, _) => again(&whole, &run_file::merge(runs)?, options),
        (false, [(_, run)]) => again(&whole, run, options),
        (false, _) => side_by_side(&Matrix::of(&whole, &runs), options),
    }
}

/// What is read must not be written over.
fn apart(file: &Path, out: &Path) -> Result<(), Error> {
    let folder = file.parent().unwrap_or(file);
    match (folder.canonicalize(), out.canonicalize()) {
        (Ok(folder), Ok(out)) if folder == out => Err(Error::Usage(format!(
            "{} holds the run that is read\n  help: give another folder with --out",
            out.display()
        ))),
        _ => Ok(()),
    }
}

/// All files of one run.
fn again(whole: &Catalogue, file: &run_file::Run, options: &ReportOptions) -> Result<u8, Error> {
    let expectations = expected(options.expect.as_deref(), whole)?;
    let first = options.runs.first().map_or(Path::new(""), PathBuf::as_path);
    let edition = Edition::of_run(whole, first, file)?;
    prepare(&options.out)?;
    if let Some(format) = options.ladder {
        ladders(&options.out.join("ladders"), file, format)?;
    }
    let told = Told::of(&edition.catalogue, file, expectations.as_ref(), first);
    tell(&told, &options.out, None, options.format)
}

fn ladders(folder: &Path, run: &run_file::Run, format: LadderFormat) -> Result<(), Error> {
    for scenario in &run.scenarios {
        let folder = folder.join(&scenario.transport);
        crate::files::folder(&folder)?;
        let (name, ladder) = (scenario_name(scenario), Ladder::of(scenario));
        match format {
            LadderFormat::Svg => {
                let path = folder.join(format!("{name}.svg"));
                write(&path, |out| reports::render_ladder_svg(&ladder, out))?;
            }
            LadderFormat::Mermaid => {
                let path = folder.join(format!("{name}.mmd"));
                write(&path, |out| reports::render_ladder_mermaid(&ladder, out))?;
            }
        }
    }
    Ok(())
}

/// The matrix, to `report.md`, `report.json` and standard output.
fn side_by_side(matrix: &Matrix, options: &ReportOptions) -> Result<u8, Error> {
    if options.expect.is_some() || options.ladder.is_some() {
        return Err(Error::Usage(
            "--expect and --ladder are for one run\n  help: leave them out, or give one run"
                .to_owned(),
        ));
    }
    crate::files::folder(&options.out)?;
    let path = options.out.join("report.md");
    write(&path, |out| reports::render_matrix_markdown(matrix, out))?;
    let path = options.out.join("report.json");
    write(&path, |out| reports::render_matrix_json(matrix, out))?;
    let out = &mut io::stdout().lock();
    let written = match options.format {
        Format::Json => reports::render_matrix_json(matrix, out),
        Format::Human => reports::render_matrix_text(matrix, out),
    };
    told(written)?;
    if options.format == Format::Human {
        let paths = ["report.md", "report.json"].map(|name| options.out.join(name));
        let [text, data] = paths.each_ref().map(|path| path.display());
        told(writeln!(out, "\nthe same: {text}, {data}"))?;
    }
    Ok(0)
}

fn write(
    path: &Path,
    render: impl FnOnce(&mut io::BufWriter<fs::File>) -> io::Result<()>,
) -> Result<(), Error> {
    sink(path, render).map_err(failed(path))
}
