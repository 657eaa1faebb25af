//! Where the checkout is and how strict this run has to be.

use std::path::{Path, PathBuf};

/// What every job may ask.
pub(crate) struct Context {
    /// Top folder of the checkout.
    pub(crate) root: PathBuf,
    /// Folder for results of checks, below the target folder.
    pub(crate) out: PathBuf,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
    /// True under `CI=true`: what cannot be checked fails.
    pub(crate) strict: bool,
    /// Words after the job's name.
    pub(crate) words: Vec<String>,
}

impl Context {
    /// Finds the checkout from cargo's environment, else from the current folder upwards.
    pub(crate) fn of(words: Vec<String>) -> Result<Context, &'static str> {
        let start = match std::env::var_os("CARGO_MANIFEST_DIR") {
            Some(folder) => PathBuf::from(folder),
            None => std::env::current_dir().map_err(|_| "the current folder cannot be read")?,
        };
        let root = start
            .ancestors()
            .find(|folder| folder.join("features").is_dir() && folder.join("Cargo.lock").is_file())
            .map(Path::to_owned)
            .ok_or("run this inside a checkout (a folder with Cargo.lock and features/)")?;
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => root.join("target"),
        };
        let strict =
            std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
        Ok(Context {
            out: target.join("ci"),
            root,
            target,
            strict,
            words,
        })
    }

    /// The value of `--NAME VALUE`, if given.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let at = self.words.iter().position(|word| word == name)?;
        self.words.get(at + 1).map(String::as_str)
    }

    /// A path below the root, written as in the repository.
    pub(crate) fn short<'a>(&self, path: &'a Path) -> std::borrow::Cow<'a, str> {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .to_string_lossy()
    }

    /// An empty folder for the results of a check.
    pub(crate) fn fresh(&self, name: &str) -> std::io::Result<PathBuf> {
        let folder = self.out.join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}
