//! What a profile must hold to be usable, and the place and remedy of what is wrong.

use wire::sip::Uri;

use super::{Adapter, Kind, Profile, ProfileError};

/// What is wrong with one key.
struct Fault {
    key: &'static str,
    problem: String,
    help: &'static str,
}

type Checked = Result<(), Fault>;

fn demand(good: bool, key: &'static str, problem: &str, help: &'static str) -> Checked {
    if good {
        return Ok(());
    }
    let problem = format!("`{key}` {problem}");
    Err(Fault { key, problem, help })
}

/// The first fault of a profile that was read from `text`.
pub(super) fn profile(file: &str, text: &str, profile: &Profile) -> Result<(), ProfileError> {
    let checks = [addresses(profile, text), numbers(profile), uris(profile)];
    let Some(fault) = checks.into_iter().find_map(Result::err) else {
        return Ok(());
    };
    Err(ProfileError {
        file: file.to_owned(),
        place: place(text, fault.key),
        problem: fault.problem,
        remedy: fault.help.to_owned(),
    })
}

fn addresses(profile: &Profile, text: &str) -> Checked {
    let outside = profile.adapter != Adapter::Embedded;
    let client = profile.kind.is_told();
    demand(
        profile.adapter
            != if client {
                Adapter::Remote
            } else {
                Adapter::Person
            },
        "adapter",
        "does not go with this kind of subject",
        "write embedded, process or remote for a server; embedded, process or person for a client",
    )?;
    demand(
        !outside || client || profile.sip.is_some(),
        "sip",
        "is missing",
        "add the IP address and port that the server listens on, e.g. `sip: 127.0.0.1:5060`",
    )?;
    demand(
        profile.adapter != Adapter::Process || !profile.command.is_empty(),
        "command",
        "is missing",
        "add the server's command line, e.g. `command: [path/to/server, --config, \"{config}\"]`",
    )?;
    // A server that is told the address may be told any; one that runs already has it in its configuration.
    let words = profile.command.iter().chain(&profile.config);
    let told = profile.adapter == Adapter::Process
        && words
            .clone()
            .any(|w| w.contains("{core}") || w.contains("{proxy}"));
    demand(
        !outside || told || !place(text, "core").is_empty(),
        "core",
        "is missing",
        "add the IP address and port of the SIP/IP core that stands in the server's configuration, e.g. `core: 127.0.0.1:5070`; the tester listens there",
    )?;
    demand(
        !outside || told || profile.core.port() != 0,
        "core",
        "has port 0, which the server cannot know",
        "give the port that stands in the server's configuration, e.g. `core: 127.0.0.1:5070`",
    )?;
    demand(
        !profile.core.ip().is_unspecified(),
        "core",
        "is no address that the server can send to",
        "write the address of this machine that the server reaches, e.g. `core: 192.0.2.1:5070`",
    )?;
    demand(
        !profile.xdms.ip().is_unspecified(),
        "xdms",
        "is no address that the server can ask",
        "write the address of this machine that the server reaches, e.g. `xdms: 192.0.2.1:8090`",
    )
}

fn numbers(profile: &Profile) -> Checked {
    let scales = 0.01..=1000.0;
    demand(
        scales.contains(&profile.time_scale),
        "time_scale",
        "must be 0.01 to 1000",
        "write 1 unless the server can run its timers faster",
    )?;
    demand(
        profile.long_wait_scale.is_none_or(|s| scales.contains(&s)),
        "long_wait_scale",
        "must be 0.01 to 1000",
        "leave it out; only the embedded reference uses it",
    )?;
    demand(
        (2..=50).contains(&profile.max_participants),
        "max_participants",
        "must be 2 to 50",
        "give the server's ad-hoc maximum, the inviter included; configure 50 or less for the test",
    )?;
    demand(
        profile.session_interval >= 90,
        "session_interval",
        "must be 90 or more",
        "give seconds; RFC 4028 allows no session interval under 90",
    )
}

fn uris(profile: &Profile) -> Checked {
    let single = "write a SIP URI with a user, e.g. `sip:somebody@example.com`";
    let session_only = profile.session_only_factory.as_deref();
    // Only a server is judged by these two.
    let server = |uri: &'_ str| match profile.kind {
        Kind::Server => uri.to_owned(),
        _ => "sip:a@b".to_owned(),
    };
    let (unallocated, barred) = (
        server(&profile.unallocated_factory),
        server(&profile.barred_user),
    );
    for (key, uri) in [
        ("conference_factory", profile.conference_factory.as_str()),
        ("unallocated_factory", &unallocated),
        ("barred_user", &barred),
        ("session_only_factory", session_only.unwrap_or("sip:a@b")),
    ] {
        let problem = format!("is no SIP URI: `{uri}`");
        demand(is_user(uri), key, &problem, single)?;
    }
    let help = "write e.g. `users: \"sip:{chair}.{n}@example.com\"`";
    demand(
        profile.users.contains("{chair}"),
        "users",
        "has no {chair}",
        help,
    )?;
    let users = is_user(&profile.user("alice", 1));
    demand(users, "users", "gives no SIP URIs", help)?;
    let help = "write e.g. `groups: \"sip:{group}.{n}@example.com\"`";
    demand(
        profile.groups.contains("{group}"),
        "groups",
        "has no {group}",
        help,
    )?;
    let groups = is_user(&profile.group("friends", 1));
    demand(groups, "groups", "gives no SIP URIs", help)
}

fn is_user(uri: &str) -> bool {
    Uri::parse(uri).is_ok_and(|uri| uri.is_sip() && uri.user.is_some())
}

/// `:line:column` of a key of the outermost level; empty when the text does not have it.
pub(super) fn place(text: &str, key: &str) -> String {
    let has = |line: &str| {
        let rest = line.strip_prefix(key).map(str::trim_start);
        rest.is_some_and(|rest| rest.starts_with(':'))
    };
    let line = text.lines().position(has);
    line.map_or_else(String::new, |at| format!(":{}:1", at + 1))
}

/// `:line:column` of an entry of a block such as `claims`.
fn place_below(text: &str, block: &str, key: &str) -> String {
    let mut inside = false;
    for (at, line) in text.lines().enumerate() {
        let start = line.starts_with(block);
        inside = start || (inside && (line.trim().is_empty() || line.starts_with([' ', '#'])));
        let entry = if start { block.len() } else { 0 };
        let line = line.split('#').next().unwrap_or_default();
        let word = |at: &usize| {
            let before = line[..entry + at].chars().next_back();
            let after = line[entry + at + key.len()..].trim_start();
            before.is_none_or(|c| !c.is_alphanumeric() && c != '_') && after.starts_with(':')
        };
        let rest = line.get(entry..).unwrap_or_default();
        let mut places = rest.match_indices(key).map(|(at, _)| at);
        let found = places.find(|at| inside && word(at));
        if let Some(column) = found {
            return format!(":{}:{}", at + 1, entry + column + 1);
        }
    }
    place(text, block)
}

/// What YAML or serde says of a text, with its place once, and a remedy for what it says.
pub(super) fn unreadable(file: &str, text: &str, error: &serde_yaml::Error) -> ProfileError {
    const EVERY: &str = "`shall init` writes a profile in which every key is explained";
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or(&said);
    let mut at = error
        .location()
        .map_or_else(String::new, |at| format!(":{}:{}", at.line(), at.column()));
    let (problem, remedy) = if let Some((problem, keys)) = said.split_once(", expected one of ") {
        let word = problem.split('`').nth(1).unwrap_or_default();
        let own = place(text, word);
        if !own.is_empty() {
            at = own;
        }
        (problem.to_owned(), format!("the keys are {keys}"))
    } else if let Some(key) = said
        .split_once("missing field `")
        .and_then(|(_, rest)| rest.split('`').next())
    {
        at = String::new();
        (format!("`{key}` is missing"), format!("add it; {EVERY}"))
    } else if said.contains("socket address") {
        let help = "write an IP address with its port, e.g. 127.0.0.1:5060 or \"[::1]:5060\"; names such as localhost are not looked up";
        (said.to_owned(), help.to_owned())
    } else if said.contains("expected struct Profile") {
        // What the file holds instead may be a key, and is not for a log.
        ("this is no profile".to_owned(), EVERY.to_owned())
    } else {
        (plain(said), EVERY.to_owned())
    };
    ProfileError {
        file: file.to_owned(),
        place: at,
        problem,
        remedy,
    }
}

/// What a reader of types says, in words for who writes a profile.
fn plain(said: &str) -> String {
    let (before, wanted) = said.rsplit_once(", expected ").unwrap_or((said, ""));
    match wanted {
        "" => said.to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => format!("{before}, expected a whole number"),
        "f32" | "f64" => format!("{before}, expected a number"),
        "a boolean" => format!("{before}, expected true or false"),
        other => format!("{before}, expected {other}"),
    }
}

/// Refuses claims that decide nothing; `known` are those of the catalogue.
pub(super) fn claims(
    file: &str,
    text: &str,
    profile: &Profile,
    known: &[&str],
) -> Result<(), ProfileError> {
    let unknown = profile.claims.keys().find(|c| !known.contains(&c.as_str()));
    unknown.map_or(Ok(()), |claim| {
        Err(ProfileError {
            file: file.to_owned(),
            place: place_below(text, "claims", claim),
            problem: format!("there is no claim `{claim}`"),
            remedy: format!(
                "the claims are {}; `shall init` writes a profile that explains them",
                known.join(", ")
            ),
        })
    })
}
