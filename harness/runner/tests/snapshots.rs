//! The exact messages of every scenario, over both transports, as reviewed snapshots.

use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn every_scenario_has_the_messages_that_were_reviewed() {
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("snapshots");
    if out.exists() {
        std::fs::remove_dir_all(&out).expect("an old run can be removed");
    }
    let run = Command::new(env!("CARGO_BIN_EXE_shall"))
        .args(["run", "--out"])
        .arg(&out)
        .output()
        .expect("the shall binary runs");
    let printed = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{printed}");
    let names = texts(&out.join("snapshots/udp"));
    assert!(!names.is_empty(), "no scenario was played");
    assert_eq!(names, texts(&out.join("snapshots/tcp")));
    insta::with_settings!({
        snapshot_path => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../features/snapshots"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        for name in names {
            let text = |transport: &str| {
                let path = out.join("snapshots").join(transport).join(&name);
                std::fs::read_to_string(path).expect("the run wrote this snapshot")
            };
            let udp = text("udp");
            assert_eq!(udp, text("tcp"), "{name} differs between UDP and TCP");
            insta::assert_snapshot!(name.trim_end_matches(".txt"), udp);
        }
    });
}

fn texts(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the run wrote snapshots");
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        let name = entry.expect("a readable entry").file_name();
        name.to_string_lossy().into_owned()
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}
