//! `shall change`: what a change request does to the catalogue, what is wrong with it, whom it touches.

mod surroundings;

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::Path;

use reports::change::{
    Analysis, Document, Rule, Silence, render_change_html, render_change_json,
    render_change_markdown, render_change_text, rules, silences,
};

use crate::cli::{ChangeOptions, Format};
use crate::scaffold::scaffold;
use crate::terminal::told;
use crate::{Bundle, Error};
use surroundings::surroundings;

/// One octet more than the largest file that is analysed, so that a larger one is noticed.
const LARGEST: u64 = (32 << 20) + 1;

pub(crate) fn change(options: &ChangeOptions) -> Result<u8, Error> {
    let Some(file) = &options.file else {
        return explain(options.explain.as_deref());
    };
    let bundle = Bundle::open(options.features.as_deref())?;
    let catalogue = crate::edition::catalogue(&bundle, options.edition.as_deref())?;
    let silences = silenced(options.silence.as_deref())?;
    let document = open(file)?;
    let mut around = surroundings(options, &bundle, &catalogue)?;
    let earlier = options.against.iter().map(|path| open(path));
    around.earlier = earlier.collect::<Result<_, _>>()?;
    let mut analysis = Analysis::of(document, &catalogue, &around)?;
    for idle in analysis.silence(&silences) {
        let file = options.silence.as_deref().unwrap_or(Path::new(""));
        let quote = match &idle.quote {
            Some(quote) => format!(" with the quote `{quote}`"),
            None => String::new(),
        };
        let _ = writeln!(
            io::stderr(),
            "{}: the exception for `{}`{quote} silences nothing\n  help: take it out, or quote words of the finding",
            file.display(),
            idle.rule
        );
    }
    if let Some(folder) = &options.out {
        write(folder, &analysis)?;
    }
    if let Some(folder) = &options.scaffold {
        scaffold(folder, &analysis, &catalogue)?;
    }
    print(&analysis, options.format)?;
    if let (Some(folder), Format::Human) = (&options.out, options.format) {
        let at = |name: &str| folder.join(name).display().to_string();
        let (page, others) = (at(PAGE), [MARKDOWN, DATA].map(at).join(", "));
        told(writeln!(
            io::stdout(),
            "\nto look:  {page}\nthe same: {others}"
        ))?;
    }
    Ok(u8::from(analysis.has_errors()))
}

const PAGE: &str = "change.html";
const MARKDOWN: &str = "change.md";
const DATA: &str = "change.json";

fn print(analysis: &Analysis, format: Format) -> Result<(), Error> {
    let out = &mut io::stdout().lock();
    let written = match format {
        Format::Human => render_change_text(analysis, out),
        Format::Json => render_change_json(analysis, out),
    };
    told(written)
}

/// Page, Markdown and JSON.
fn write(folder: &Path, analysis: &Analysis) -> Result<(), Error> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Write { path, source }
    };
    crate::files::folder(folder)?;
    for name in [PAGE, MARKDOWN, DATA] {
        let path = folder.join(name);
        let mut out = BufWriter::new(File::create(&path).map_err(failed(&path))?);
        let written = match name {
            PAGE => render_change_html(analysis, &mut out),
            MARKDOWN => render_change_markdown(analysis, &mut out),
            _ => render_change_json(analysis, &mut out),
        };
        written.and_then(|()| out.flush()).map_err(failed(&path))?;
    }
    Ok(())
}

fn explain(rule: Option<&str>) -> Result<u8, Error> {
    let shown: Vec<&Rule> = match rule {
        None => rules().iter().collect(),
        Some(name) => rules().iter().filter(|known| known.rule == name).collect(),
    };
    if shown.is_empty() {
        let name = rule.unwrap_or_default();
        let known = rules().iter().map(|known| known.rule.as_str());
        let meant = clauses::nearest::nearest(name, known);
        let help = meant.map_or("`shall change --rules` lists them".to_owned(), |meant| {
            format!("did you mean `{meant}`?")
        });
        return Err(Error::Usage(format!(
            "no rule is called `{name}`\n  help: {help}"
        )));
    }
    let out = &mut io::stdout().lock();
    for one in shown {
        let written = match rule {
            None => writeln!(out, "{:<24} {:<8} {}", one.rule, one.class.word(), one.says),
            Some(_) => writeln!(
                out,
                "{} ({})\n  {}\n  {}\n  {}",
                one.rule,
                one.class.word(),
                one.says,
                one.because,
                one.instead
            ),
        };
        if written.is_err() {
            break;
        }
    }
    Ok(0)
}

fn open(path: &Path) -> Result<Document, Error> {
    let octets = read(
        path,
        "give the file of a change request, as text or as .docx",
    )?;
    let name = path.file_name().unwrap_or(path.as_os_str());
    Ok(Document::read(&name.to_string_lossy(), &octets)?)
}

fn read(path: &Path, help: &'static str) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::File {
        path: path.to_owned(),
        source,
        help,
    };
    let mut octets = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(LARGEST)
        .read_to_end(&mut octets)
        .map_err(failed)?;
    Ok(octets)
}

fn silenced(path: Option<&Path>) -> Result<Vec<Silence>, Error> {
    let Some(path) = path else {
        return Ok(Vec::new());
    };
    let octets = read(path, "give a YAML file of exceptions: rule, quote, reason")?;
    silences(
        &path.display().to_string(),
        &String::from_utf8_lossy(&octets),
    )
    .map_err(Error::Usage)
}
