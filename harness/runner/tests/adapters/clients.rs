//! Clients that the harness starts by a command: one like the embedded one, and two that do nothing.

use crate::run::{Folder, SUBJECT, program};

#[test]
fn a_client_started_by_a_command_is_judged_like_the_embedded_one() {
    let features = concat!(env!("CARGO_MANIFEST_DIR"), "/../../features/profiles");
    let embedded = format!("{features}/reference-client.yaml");
    let embedded = Folder::new("client-embedded").shall(&["--profile", &embedded]);
    embedded.expect(0, &[]);
    let folder = Folder::new("client-process");
    let text = include_str!("../../../../features/profiles/process-client.yaml");
    let path = program("im-client");
    let text = text.replace("target/debug/im-client", &path.to_string_lossy());
    let profile = folder.write("profile.yaml", &text);
    let process = folder.shall(&["--profile", &profile]);
    assert!(process.verdicts().iter().any(|(_, v)| v == "\"pass\""));
    assert_eq!(process.verdicts(), embedded.verdicts(), "{}", process.error);
    // Features of servers are not for it.
    let foreign = process
        .verdicts()
        .into_iter()
        .find(|(id, _)| id.contains("7.2.1.2/"));
    assert_eq!(foreign, None);
}

#[cfg(unix)]
#[test]
fn a_client_that_ignores_its_user_passes_nothing() {
    let said = |name: &str, script: &str, more: &[&str], verdict: &str| {
        let folder = Folder::new(name);
        let text = SUBJECT.to_owned() + "kind: client\nadapter: process\ntime_scale: 16\n";
        let profile = format!("{text}command: [sh, -c, '{script}', \"{{proxy}}\"]\n");
        let profile = folder.write("profile.yaml", &profile);
        let mut arguments = vec!["--profile", &profile, "--transport", "udp"];
        arguments.extend(more);
        let said = folder.shall(&arguments);
        said.expect(3, &[]);
        let summary = said.summary.unwrap();
        let mut judged = summary["clauses"].as_array().unwrap().clone();
        // What is excluded or superseded has no verdict; a permission that nobody uses is not applicable.
        judged.retain(|clause| !clause["verdict"].is_null() && clause["level"] != "MAY");
        let other = judged.iter().find(|clause| clause["verdict"] != verdict);
        assert!(!judged.is_empty() && other.is_none(), "{other:?}");
        assert_eq!(summary["totals"]["pass"], 0);
    };
    let ready = r#"echo "{\"event\":\"ready\",\"address\":\"127.0.0.1:9\"}""#;
    let cannot = r#"echo "{\"event\":\"cannot\",\"do\":\"invite\",\"why\":\"no button\"}""#;
    said(
        "client-mute",
        &format!("{ready}; cat > /dev/null"),
        &["--jobs", "64"],
        "inconclusive",
    );
    said(
        "client-unable",
        &format!("{ready}; while read line; do {cannot}; done"),
        &["--clause", "6.2.1.3/client-sends/*"],
        "not-applicable",
    );
}
