//! Reads clause files and answers questions about them.

use crate::clause::{Clause, Status};
use crate::entry::Document;
use crate::{Error, nearest::nearest};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// All clauses of an edition, in the order of their files and of their lines.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    pub(crate) clauses: Vec<Clause>,
    pub(crate) by_id: HashMap<String, usize>,
    pub(crate) titles: BTreeMap<String, String>,
    /// Of an edition: clauses outside it, and those in it that their checks judge.
    pub(crate) stand_ins: HashMap<String, Vec<String>>,
}

impl Catalogue {
    /// Reads files given as (name, YAML text). The name stands in errors and in [`Clause::file`].
    pub fn load(files: impl Iterator<Item = (String, String)>) -> Result<Catalogue, Error> {
        let mut catalogue = Catalogue::default();
        for (name, text) in files {
            catalogue.add(&name, &text)?;
        }
        catalogue.check_successors()?;
        Ok(catalogue)
    }

    /// Reads every `*.yaml` below a folder, sorted by path.
    pub fn load_dir(path: impl AsRef<Path>) -> Result<Catalogue, Error> {
        let root = path.as_ref();
        let mut paths = Vec::new();
        collect(root, &mut paths)?;
        paths.sort();
        if paths.is_empty() {
            return Err(Error::Empty {
                path: root.to_owned(),
            });
        }
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(|source| Error::Unreadable {
                path: path.clone(),
                source,
            })?;
            files.push((path.display().to_string(), text));
        }
        Catalogue::load(files.into_iter())
    }

    /// The clause of that id.
    pub fn get(&self, id: &str) -> Option<&Clause> {
        self.by_id.get(id).map(|index| &self.clauses[*index])
    }

    /// All clauses, supporting ones included.
    pub fn iter(&self) -> impl Iterator<Item = &Clause> {
        self.clauses.iter()
    }

    /// Clauses whose id fits; see [`glob_matches`].
    pub fn matching<'a>(&'a self, glob: &'a str) -> impl Iterator<Item = &'a Clause> {
        self.clauses
            .iter()
            .filter(move |clause| glob_matches(glob, &clause.id))
    }

    /// Title of a subclause or of an RFC, as its file gives it.
    pub fn title(&self, subclause: &str) -> Option<&str> {
        self.titles.get(subclause).map(String::as_str)
    }

    /// The known id nearest to a misspelt one.
    pub fn suggest(&self, id: &str) -> Option<&str> {
        nearest(id, self.clauses.iter().map(|clause| clause.id.as_str()))
    }

    pub fn len(&self) -> usize {
        self.clauses.len()
    }

    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    fn add(&mut self, file: &str, text: &str) -> Result<(), Error> {
        let document: Document =
            serde_yaml::from_str(text).map_err(|error| malformed(file, &error))?;
        self.titles.insert(document.subclause, document.title);
        let mut places = Places::of(text);
        for entry in document.clauses {
            let (line, column) = places.next(&entry.id);
            let clause = entry.into_clause(file, line, column)?;
            if let Some(first) = self.get(&clause.id) {
                return Err(Error::DuplicateId {
                    id: clause.id.clone(),
                    file: file.to_owned(),
                    line,
                    column,
                    first_file: first.file.clone(),
                    first_line: first.line,
                });
            }
            self.by_id.insert(clause.id.clone(), self.clauses.len());
            self.clauses.push(clause);
        }
        Ok(())
    }

    /// Whoever is named as successor or as predecessor must be there.
    fn check_successors(&self) -> Result<(), Error> {
        for clause in &self.clauses {
            let by = match &clause.status {
                Status::Superseded { by } => Some(("is superseded by", by)),
                Status::Judged | Status::Pending { .. } | Status::Excluded { .. } => None,
            };
            let old = clause.supersedes.as_ref().map(|old| ("supersedes", old));
            let mut named = by.into_iter().chain(old);
            let Some((relation, other)) = named.find(|(_, other)| self.get(other).is_none()) else {
                continue;
            };
            let remedy = match self.suggest(other) {
                Some(known) => format!("did you mean `{known}`?"),
                None => "name a clause of the catalogue".to_owned(),
            };
            return Err(Error::UnknownRelative {
                id: clause.id.clone(),
                relation,
                other: other.clone(),
                file: clause.file.clone(),
                line: clause.line,
                remedy,
            });
        }
        Ok(())
    }
}

/// `*` stands for any run of characters, `?` for one; a pattern without either also
/// covers what is below it, so `7.2.1.2` and `7.2.1.2/on-invite` select whole lists.
pub fn glob_matches(glob: &str, id: &str) -> bool {
    if !glob.contains(['*', '?']) {
        return id
            .strip_prefix(glob)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    }
    let (glob, id) = (glob.as_bytes(), id.as_bytes());
    let (mut g, mut i, mut star) = (0, 0, None);
    while i < id.len() {
        if g < glob.len() && glob[g] == b'*' {
            star = Some((g, i));
            g += 1;
        } else if g < glob.len() && (glob[g] == b'?' || glob[g] == id[i]) {
            g += 1;
            i += 1;
        } else if let Some((at, from)) = star {
            g = at + 1;
            i = from + 1;
            star = Some((at, i));
        } else {
            return false;
        }
    }
    glob[g..].iter().all(|c| *c == b'*')
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Error> {
    let unreadable = |source| Error::Unreadable {
        path: folder.to_owned(),
        source,
    };
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        if entry.file_type().map_err(unreadable)?.is_dir() {
            collect(&path, paths)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            paths.push(path);
        }
    }
    Ok(())
}

/// Turns the reader's message into problem and remedy.
fn malformed(file: &str, error: &serde_yaml::Error) -> Error {
    let message = error.to_string();
    let (line, column) = error
        .location()
        .map_or((1, 1), |at| (at.line(), at.column()));
    let problem = message
        .split(" at line ")
        .next()
        .unwrap_or(&message)
        .to_owned();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let remedy = match (quoted.next(), message.contains("unknown")) {
        (Some(word), true) => {
            let known: Vec<&str> = quoted.collect();
            match nearest(word, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("use one of: {}", known.join(", ")),
            }
        }
        (Some(word), false) if message.contains("missing field") => format!("add the key `{word}`"),
        _ => "correct the YAML here; a sound neighbour in the same file shows the form".to_owned(),
    };
    Error::Malformed {
        file: file.to_owned(),
        line,
        column,
        problem,
        remedy,
    }
}

/// Finds the lines of ids, in the order in which they are asked for.
struct Places<'a> {
    ids: Vec<(usize, usize, &'a str)>,
    next: usize,
}

impl<'a> Places<'a> {
    fn of(text: &'a str) -> Places<'a> {
        let place = |(index, line): (usize, &'a str)| {
            let value = line
                .trim_start()
                .trim_start_matches("- ")
                .trim_start()
                .strip_prefix("id:")?;
            let column = line.find("id:")? + 1;
            Some((index + 1, column, value.trim().trim_matches(['"', '\''])))
        };
        Places {
            ids: text.lines().enumerate().filter_map(place).collect(),
            next: 0,
        }
    }

    fn next(&mut self, id: &str) -> (usize, usize) {
        let rest = self.ids.iter().enumerate().skip(self.next);
        match rest.into_iter().find(|(_, (_, _, found))| *found == id) {
            Some((index, (line, column, _))) => {
                self.next = index + 1;
                (*line, *column)
            }
            None => (1, 1),
        }
    }
}

#[cfg(test)]
#[path = "catalogue_tests.rs"]
mod tests;
