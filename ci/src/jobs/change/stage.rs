//! Catalogue and features whose clauses say what our change requests change; ids of the real ones, words of ours.

use crate::context::Context;
use clauses::fingerprint;
use std::fs;
use std::path::{Path, PathBuf};

/// Subclause, and its clauses: id, level, sentence.
type Subclause = (
    &'static str,
    &'static [(&'static str, &'static str, &'static str)],
);

const CATALOGUE: [Subclause; 3] = [
    (
        "7.2.1.1",
        &[
            (
                "7.2.1.1/server-sends-1xx/1",
                "SHALL",
                "SHALL build the ringing as RFC 3261 has it;",
            ),
            (
                "7.2.1.1/server-sends-1xx/2",
                "SHALL",
                "SHALL print its release on the ringing;",
            ),
            (
                "7.2.1.1/server-sends-1xx/3",
                "SHOULD",
                "SHOULD list what it can do;",
            ),
            (
                "7.2.1.1/server-sends-1xx/4",
                "SHALL",
                "SHALL say by whose wish it rings; and,",
            ),
            (
                "7.2.1.1/server-sends-1xx/5",
                "SHALL",
                "SHALL ring no longer than a minute.",
            ),
            (
                "7.2.1.1/on-invite/1",
                "SHALL",
                "SHALL keep in mind which methods the caller knows;",
            ),
            (
                "7.2.1.1/server-sends-200/1",
                "SHALL",
                "SHALL hide the <svg onload=window.ran=1> of its core; and,",
            ),
            (
                "7.2.1.1/server-sends-200/2",
                "SHALL",
                "SHALL thank the caller.",
            ),
        ],
    ),
    (
        "9.3.1",
        &[
            (
                "9.3.1/on-bye/1",
                "SHALL",
                "SHALL answer the SIP BYE request with a SIP 200 \"OK\" response;",
            ),
            (
                "9.3.1/on-bye/2",
                "SHALL",
                "SHALL take the guest out of the guest book; and,",
            ),
            (
                "9.3.1/on-bye/3",
                "SHOULD",
                "SHOULD tell the host who has left.",
            ),
        ],
    ),
    (
        "9.3.2",
        &[
            (
                "9.3.2/on-subscribe/1",
                "SHALL",
                "SHALL answer the SIP SUBSCRIBE request with a SIP 200 \"OK\" response; and,",
            ),
            (
                "9.3.2/on-subscribe/2",
                "SHALL",
                "SHALL send the names of all guests.",
            ),
        ],
    ),
];

/// A feature that cites the real ids.
const FEATURE: &str = "controlling/general_responses.feature";

/// Writes a folder for `--features`.
pub(super) fn written(context: &Context, out: &Path) -> Result<PathBuf, String> {
    let folder = out.join("features");
    let failed = |fault: std::io::Error| format!("{}: {fault}", folder.display());
    fs::create_dir_all(folder.join("clauses")).map_err(failed)?;
    fs::create_dir_all(folder.join("controlling")).map_err(failed)?;
    let real = context.root.join("features").join(FEATURE);
    let real = fs::read_to_string(real).map_err(failed)?;
    fs::write(folder.join(FEATURE), first_scenario(&real)).map_err(failed)?;
    for (number, clauses) in CATALOGUE {
        let path = folder.join("clauses").join(number).with_extension("yaml");
        let mut text = format!("subclause: \"{number}\"\ntitle: Of ours\nclauses:\n");
        for (line, (id, level, words)) in clauses.iter().enumerate() {
            let print = fingerprint::of(words);
            text.push_str(&format!(
                "  - id: {id}\n    level: {level}\n    actor: im-server-controlling\n    area: ours\n    trigger: ours\n    \
                 requirement: As our sentence has it.\n    observable: on-wire-sip\n    \
                 source: {{ change_request: \"900\", change: 1, line: {} }}\n    \
                 fingerprint: {{ sha256: \"{}\", simhash: \"{}\" }}\n    status: judged\n",
                line + 1,
                print.sha256,
                print.simhash
            ));
        }
        fs::write(path, text).map_err(failed)?;
    }
    Ok(folder)
}

/// The first scenario of a feature, without the steps that judge clauses of others.
fn first_scenario(feature: &str) -> String {
    let ours = |id: &str| {
        let mut clauses = CATALOGUE.iter().flat_map(|(_, clauses)| clauses.iter());
        clauses.any(|(known, ..)| *known == id)
    };
    let cited = |line: &&str| {
        let id = line
            .split_once('[')
            .and_then(|(_, rest)| rest.split_once(']'));
        id.is_none_or(|(id, _)| ours(id))
    };
    let mut scenarios = 0;
    let first = feature.lines().take_while(|line| {
        scenarios += usize::from(line.trim_start().starts_with("Scenario:"));
        scenarios < 2
    });
    first
        .filter(cited)
        .map(|line| format!("{line}\n"))
        .collect()
}
