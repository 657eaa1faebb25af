//! Globs of the command line: what they may hold, and what they meant.

use clauses::{Catalogue, glob_matches};

use crate::Error;

/// Refuses what no id can match, such as the brackets of a shell.
pub(crate) fn check<'a>(globs: impl IntoIterator<Item = &'a String>) -> Result<(), Error> {
    for glob in globs {
        let sound = |c: char| {
            c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '/' | '-' | '_' | '*' | '?')
        };
        let problem = match glob.chars().enumerate().find(|(_, c)| !sound(*c)) {
            Some((at, c)) => format!("`{c}` in column {} means nothing there", at + 1),
            None if glob.is_empty() => "it is empty".to_owned(),
            None => continue,
        };
        return Err(Error::Usage(format!(
            "the glob `{glob}`: {problem}\n  help: `*` stands for any run of characters, `?` for one, as in '7.2.1.2/on-200/*'"
        )));
    }
    Ok(())
}

/// Demands that `glob` matches something of the catalogue.
pub(crate) fn matching(catalogue: &Catalogue, glob: &str) -> Result<(), Error> {
    if catalogue
        .iter()
        .any(|clause| glob_matches(glob, &clause.id))
    {
        return Ok(());
    }
    let near = catalogue
        .suggest(glob)
        .map(|id| format!("did you mean `{id}`?"));
    Err(Error::NoClause {
        glob: glob.to_owned(),
        help: near.unwrap_or_else(|| "`shall clauses` lists the ids".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::Bundle;

    #[test]
    fn every_id_is_a_sound_glob_and_matches() {
        let catalogue = Bundle::open(None).unwrap().catalogue().unwrap();
        for clause in catalogue.iter() {
            check([&clause.id]).unwrap();
            matching(&catalogue, &clause.id).unwrap();
        }
    }

    #[test]
    fn brackets_are_usage_errors_and_strangers_match_nothing() {
        let broken = check([&"7.2.1.[12]".to_owned()]).unwrap_err();
        assert_eq!(broken.code(), 2);
        assert!(broken.to_string().contains("`[` in column 7"), "{broken}");
        let catalogue = Bundle::open(None).unwrap().catalogue().unwrap();
        let none = matching(&catalogue, "9.9.9/*").unwrap_err();
        assert!(none.to_string().starts_with("no clause matches"), "{none}");
    }
}
