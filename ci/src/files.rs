//! The files of the checkout: what belongs to the repository, by kind.

use crate::context::Context;
use std::path::{Path, PathBuf};

/// A text file of the repository.
pub(crate) struct Text {
    /// Path below the root, with `/`.
    pub(crate) short: String,
    pub(crate) content: String,
}

/// Every file below a folder, of the checkout unless the path is absolute, with one of these extensions, sorted by path.
pub(crate) fn texts(
    context: &Context,
    below: impl AsRef<Path>,
    extensions: &[&str],
) -> Result<Vec<Text>, String> {
    let mut found = Vec::new();
    collect(context, &context.root.join(below), extensions, &mut found)?;
    found.sort_by(|a, b| a.short.cmp(&b.short));
    Ok(found)
}

/// Paths of every file below a folder whose name ends so.
pub(crate) fn ending(folder: &Path, end: &str) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in entries(&folder)? {
            if path.is_dir() {
                if !is_foreign(&path) {
                    folders.push(path);
                }
            } else if path.to_string_lossy().ends_with(end) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn collect(
    context: &Context,
    folder: &Path,
    extensions: &[&str],
    found: &mut Vec<Text>,
) -> Result<(), String> {
    for path in entries(folder)? {
        if path.is_dir() {
            if !is_foreign(&path) {
                collect(context, &path, extensions, found)?;
            }
            continue;
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        if !extensions.contains(&extension.as_ref()) {
            continue;
        }
        let bytes = std::fs::read(&path).map_err(|fault| format!("{}: {fault}", path.display()))?;
        let short = context.short(&path).replace('\\', "/");
        found.push(Text {
            short,
            content: String::from_utf8_lossy(&bytes).into_owned(),
        });
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let fault = |fault: std::io::Error| format!("{}: {fault}", folder.display());
    let entries = std::fs::read_dir(folder).map_err(fault)?;
    entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(fault))
        .collect()
}

/// Folders that hold products of the checkout, not the checkout.
fn is_foreign(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    matches!(name.as_ref(), "target" | "out" | ".git")
}
