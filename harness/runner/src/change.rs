//! `shall change`: reads a change request and tells what it does to the catalogue.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use reports::change::{Analysis, Document, render_change_json};

use crate::cli::{ChangeOptions, Format};
use crate::{Bundle, Error};

/// One octet more than the largest file that is analysed, so that a larger one is noticed.
const LARGEST: u64 = (32 << 20) + 1;

pub(crate) fn change(options: &ChangeOptions) -> Result<u8, Error> {
    let catalogue = Bundle::open(options.features.as_deref())?.catalogue()?;
    let analysis = Analysis::of(open(&options.file)?, &catalogue)?;
    let out = &mut io::stdout().lock();
    let written = match options.format {
        Format::Json | Format::Human => render_change_json(&analysis, out),
    };
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Output(error)),
        _ => Ok(0),
    }
}

fn open(path: &Path) -> Result<Document, Error> {
    let failed = |source| Error::File {
        path: path.to_owned(),
        source,
        help: "give the file of a change request, as text or as .docx",
    };
    let mut octets = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(LARGEST)
        .read_to_end(&mut octets)
        .map_err(failed)?;
    let name = path.file_name().unwrap_or(path.as_os_str());
    Ok(Document::read(&name.to_string_lossy(), &octets)?)
}
