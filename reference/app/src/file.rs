//! What the configuration files of server and client have in common: reading, faults with their place and remedy.

use std::net::SocketAddr;
use std::path::Path;

use machines::port::Transport;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// Where to listen.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listen {
    pub(crate) sip: SocketAddr,
    pub(crate) msrp: SocketAddr,
}

/// How requests go.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Way {
    Tcp,
    #[default]
    Udp,
}

impl From<Way> for Transport {
    fn from(way: Way) -> Transport {
        match way {
            Way::Tcp => Transport::Tcp,
            Way::Udp => Transport::Udp,
        }
    }
}

/// A key, the problem with its value, the remedy.
pub(crate) type Fault = (&'static str, String, &'static str);

/// Reads a file and has it checked.
pub(crate) fn load<T>(
    path: &Path,
    parse: impl FnOnce(&str, &str) -> Result<T, Error>,
) -> Result<T, Error> {
    let file = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text, &file),
        Err(source) => Err(Error::Unreadable { file, source }),
    }
}

/// What a text says; `example` is the file that explains every key.
pub(crate) fn read<T: DeserializeOwned>(text: &str, file: &str, example: &str) -> Result<T, Error> {
    serde_yaml::from_str(text).map_err(|error| unreadable(&error, text, file, example))
}

/// Refuses a value that is well-formed and still makes no sense, at its place.
pub(crate) fn check(fault: Option<Fault>, text: &str, file: &str) -> Result<(), Error> {
    let Some((key, problem, remedy)) = fault else {
        return Ok(());
    };
    let (line, column) = place(text, key);
    Err(Error::Config {
        file: file.to_owned(),
        line,
        column,
        problem,
        remedy: remedy.to_owned(),
    })
}

/// What YAML or serde says about a file, with the place of the key.
fn unreadable(error: &serde_yaml::Error, text: &str, file: &str, example: &str) -> Error {
    let (line, column) = error
        .location()
        .map_or((1, 1), |at| (at.line(), at.column()));
    let problem = error.to_string();
    let problem = problem
        .split(" at line ")
        .next()
        .unwrap_or(&problem)
        .trim_end_matches('.')
        .to_owned();
    let (line, column) = unknown_key(&problem, text).unwrap_or((line, column));
    Error::Config {
        file: file.to_owned(),
        line,
        column,
        remedy: remedy(&problem, example),
        problem,
    }
}

fn remedy(problem: &str, example: &str) -> String {
    if problem.contains("unknown field") {
        format!("Remove the key or correct its spelling; {example} explains every key")
    } else if problem.contains("missing field") {
        format!("Add the key; {example} explains every key")
    } else if problem.contains("socket address") {
        "Write address and port, such as 127.0.0.1:5060 or \"[::1]:5060\"".to_owned()
    } else {
        format!("Compare with {example}, which explains every key")
    }
}

/// The parser places an unknown key at its mapping; the key itself helps more.
fn unknown_key(problem: &str, text: &str) -> Option<(usize, usize)> {
    let key = problem.split_once("unknown field `")?.1.split('`').next()?;
    Some(place(text, key))
}

/// Line and column of a key, from 1.
fn place(text: &str, key: &str) -> (usize, usize) {
    let found = text.lines().enumerate().find_map(|(index, line)| {
        let rest = line.trim_start();
        let is_key = rest
            .strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with(':'));
        is_key.then(|| (index + 1, line.len() - rest.len() + 1))
    });
    found.unwrap_or((1, 1))
}
