//! Features, catalogue and profiles: from the binary, or from a folder.

use std::path::{Path, PathBuf};

use clauses::{Catalogue, Citation, citations};
use include_dir::{Dir, include_dir};

use crate::Error;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../features");

/// Largest file read from a features folder.
const LARGEST: u64 = 4 << 20;

/// The texts that say what must be true.
#[derive(Debug)]
pub struct Bundle {
    /// What stands before the paths in messages.
    root: String,
    /// Path relative to `features/`, and text.
    files: Vec<(String, String)>,
}

impl Bundle {
    /// Reads `folder`, or what the binary carries.
    pub fn open(folder: Option<&Path>) -> Result<Self, Error> {
        let mut files = Vec::new();
        match folder {
            None => collect(&BUILT_IN, &mut files),
            Some(folder) => read(folder, folder, 0, &mut files)?,
        }
        files.sort();
        let root = folder.map_or("features".into(), |f| f.to_string_lossy().into_owned());
        Ok(Self { root, files })
    }

    /// Texts that stand elsewhere, by their paths relative to `features/`.
    #[must_use]
    pub fn of(files: Vec<(String, String)>) -> Self {
        Self {
            root: "features".to_owned(),
            files,
        }
    }

    /// The path of a file as the user knows it.
    #[must_use]
    pub fn shown(&self, path: &str) -> String {
        format!("{}/{path}", self.root.trim_end_matches('/'))
    }

    /// Files with this ending below this folder.
    pub fn below<'a>(
        &'a self,
        folder: &'a str,
        ending: &'a str,
    ) -> impl Iterator<Item = &'a (String, String)> {
        self.files
            .iter()
            .filter(move |(path, _)| path.starts_with(folder) && path.ends_with(ending))
    }

    /// The clauses that the Then lines of all features cite.
    pub(crate) fn citations(&self) -> impl Iterator<Item = Citation> {
        self.below("", ".feature")
            .flat_map(|(path, text)| citations::in_feature(&format!("features/{path}"), text))
    }

    /// Text of one file.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files
            .iter()
            .find(|(p, _)| p == path)
            .map(|(_, text)| text.as_str())
    }

    /// The catalogue.
    pub fn catalogue(&self) -> Result<Catalogue, Error> {
        let files = self
            .below("clauses/", ".yaml")
            .map(|(path, text)| (self.shown(path), text.clone()));
        Ok(Catalogue::load(files)?)
    }
}

fn collect(dir: &Dir<'_>, files: &mut Vec<(String, String)>) {
    for file in dir.files() {
        if let Some(text) = file.contents_utf8() {
            files.push((
                file.path().to_string_lossy().replace('\\', "/"),
                text.to_owned(),
            ));
        }
    }
    for below in dir.dirs() {
        collect(below, files);
    }
}

fn read(
    root: &Path,
    folder: &Path,
    depth: usize,
    files: &mut Vec<(String, String)>,
) -> Result<(), Error> {
    let failed = |path: &Path| {
        let path = PathBuf::from(path);
        move |source| Error::File {
            path,
            source,
            help: "give the folder that holds clauses/ and the *.feature files",
        }
    };
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let data = std::fs::metadata(&path).map_err(failed(&path))?;
        if data.is_dir() && depth < 8 {
            read(root, &path, depth + 1, files)?;
        } else if data.is_file()
            && data.len() <= LARGEST
            && path
                .extension()
                .is_some_and(|e| e == "yaml" || e == "feature")
        {
            let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
            let name = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .to_string_lossy()
                .replace('\\', "/");
            files.push((name, text));
        }
    }
    Ok(())
}
