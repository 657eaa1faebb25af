//! What `shall init` has to know: given, asked for, or by default.

use std::fmt::Display;
use std::io::{BufRead, Read as _, Write};
use std::net::SocketAddr;

use clap::ValueEnum as _;
use world::Kind;

use crate::cli::{InitOptions, KindName};

/// Octets of one answer.
const LONGEST: u64 = 1024;
/// Times that a question is asked.
const TIMES: usize = 3;

/// What a profile is written from.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) kind: Kind,
    pub(super) subject: String,
    pub(super) sip: SocketAddr,
    pub(super) core: SocketAddr,
    pub(super) xdms: SocketAddr,
    pub(super) domain: String,
}

/// Asks on `out` for what `given` lacks; an empty answer, or the end of `input`, is the default.
pub(super) fn ask(
    given: InitOptions,
    input: &mut impl BufRead,
    out: &mut impl Write,
) -> Result<Answers, String> {
    let local = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
    let mut talk = Talk { input, out };
    let kinds = "What is it: server, client, core, participating or history?";
    let kind = talk.about(given.kind, kinds, "server", |text| {
        KindName::from_str(text, true)
    })?;
    let kind = Kind::from(kind);
    let name = format!("my IM {}", kind.tag());
    let text = |text: &str| match text.chars().any(char::is_control) {
        true => Err("control characters have no place here".to_owned()),
        false => Ok(text.to_owned()),
    };
    let address = |text: &str| {
        let read = text.parse::<SocketAddr>();
        read.map_err(|_| "write an IP address and a port, such as 127.0.0.1:5060".to_owned())
    };
    let subject = talk.about(
        given.subject,
        "What is its name in the reports?",
        name,
        text,
    )?;
    let domain = talk.about(given.domain, "Which domain is it for?", "example.com", text)?;
    let remote = !kind.is_told();
    let mut place = |given: Option<SocketAddr>, asked: bool, question: &str, port| match asked {
        true => talk.about(given, question, local(port), address),
        false => Ok(given.unwrap_or(local(port))),
    };
    let sip = place(given.sip, remote, "Where does it listen for SIP?", 5060)?;
    let core = "Where does it find its SIP/IP core, which Shall plays?";
    let core = place(given.core, remote, core, 5070)?;
    let xdms = "Where does it find its XDMS, which Shall plays?";
    let xdms = place(given.xdms, kind == Kind::Server, xdms, 8091)?;
    Ok(Answers {
        kind,
        subject,
        sip,
        core,
        xdms,
        domain,
    })
}

struct Talk<'a, R, W> {
    input: &'a mut R,
    out: &'a mut W,
}

impl<R: BufRead, W: Write> Talk<'_, R, W> {
    fn about<T>(
        &mut self,
        given: Option<T>,
        question: &str,
        default: impl Display,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, String> {
        if let Some(given) = given {
            return Ok(given);
        }
        let mut wrong = String::new();
        for _ in 0..TIMES {
            // Nobody may be there to read it.
            let _ = write!(self.out, "{question} [{default}] ").and_then(|()| self.out.flush());
            let mut line = String::new();
            let mut answer = (&mut *self.input).take(LONGEST);
            let ended = answer.read_line(&mut line).is_err();
            let said = match line.trim() {
                "" => default.to_string(),
                said => said.to_owned(),
            };
            match read(&said) {
                Ok(answer) => return Ok(answer),
                Err(problem) => wrong = problem,
            }
            let _ = writeln!(self.out, "  {wrong}");
            if ended {
                break;
            }
        }
        Err(format!(
            "{question} {wrong}\n  help: `shall init --help` lists what can be given"
        ))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use clap::{Args as _, Command, FromArgMatches as _};

    use super::*;

    fn given(arguments: &[&str]) -> InitOptions {
        let command = InitOptions::augment_args(Command::new("init").no_binary_name(true));
        InitOptions::from_arg_matches(&command.get_matches_from(arguments)).unwrap()
    }

    #[test]
    fn answers_are_asked_for_until_they_are_sound() {
        let mut said = Vec::new();
        let input = "core\n\nexample.org\nlocalhost:5060\n192.0.2.7:5060\n";
        let answers = ask(given(&[]), &mut input.as_bytes(), &mut said).unwrap();
        assert_eq!(
            (answers.kind, answers.domain.as_str()),
            (Kind::Core, "example.org")
        );
        assert_eq!(answers.subject, "my IM core");
        assert_eq!(answers.sip.to_string(), "192.0.2.7:5060");
        assert_eq!(answers.core.to_string(), "127.0.0.1:5070");
        let said = String::from_utf8(said).unwrap();
        assert!(
            said.contains("such as 127.0.0.1:5060\nWhere does it listen"),
            "{said}"
        );
    }

    #[test]
    fn what_is_given_is_not_asked_for_and_nonsense_ends() {
        let mut said = Vec::new();
        let all = ["--kind", "history", "--subject", "x", "--domain", "d"];
        ask(given(&all), &mut "".as_bytes(), &mut said).unwrap();
        assert!(said.is_empty());
        let stubborn = "tree\n".repeat(9);
        let wrong = ask(given(&[]), &mut stubborn.as_bytes(), &mut said).unwrap_err();
        assert!(wrong.starts_with("What is it"), "{wrong}");
    }
}
