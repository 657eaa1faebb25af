//! `shall change --scaffold`: files for what a change request adds, none of them over another.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use clauses::Catalogue;
use reports::change::{Analysis, scaffold_of};
use world::Kind;

use crate::Error;

/// Writes pending entries and scenarios below a folder, or nothing where one of the files exists.
pub(crate) fn scaffold(
    folder: &Path,
    analysis: &Analysis,
    catalogue: &Catalogue,
) -> Result<(), Error> {
    let files = scaffold_of(analysis, catalogue, |actor| Kind::of_actor(actor).tag());
    let files: Vec<_> = files
        .into_iter()
        .map(|(name, text)| (folder.join(name), text))
        .collect();
    let refused = |path: &Path, source| Error::File {
        path: path.to_owned(),
        source,
        help: "a scaffold overwrites nothing, and wrote nothing; remove the file, or name another folder",
    };
    if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(refused(path, ErrorKind::AlreadyExists.into()));
    }
    for (path, text) in &files {
        let failed = |source| Error::Write {
            path: path.clone(),
            source,
        };
        fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(failed)?;
        let mut file = File::create_new(path).map_err(|source| refused(path, source))?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        let _ = writeln!(io::stderr(), "wrote {}", path.display());
    }
    let _ = match files.is_empty() {
        true => writeln!(io::stderr(), "nothing to scaffold: no statement is new"),
        false => writeln!(
            io::stderr(),
            "nobody judges them until their scenarios are written; in a copy of features/, `shall run --features` and \
             `cargo ci pairs --features` name them"
        ),
    };
    Ok(())
}
