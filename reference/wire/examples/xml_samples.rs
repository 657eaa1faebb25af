//! Writes one document of each kind into a directory, for checking against `schemas/`.

use std::{env, fs, io, path::PathBuf};

use wire::xml::{
    conference_info::{ConferenceInfo, Endpoint, User},
    resource_lists::{self, Entry},
};

fn main() -> io::Result<()> {
    let Some(directory) = env::args_os().nth(1).map(PathBuf::from) else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "usage: xml_samples DIRECTORY",
        ));
    };
    fs::create_dir_all(&directory)?;
    fs::write(
        directory.join("resource-lists.xml"),
        resource_lists::write(&entries()),
    )?;
    for state in ["full", "partial", "deleted"] {
        let name = format!("conference-info-{state}.xml");
        fs::write(directory.join(name), conference(state).write())?;
    }
    Ok(())
}

fn entries() -> Vec<Entry> {
    let entry = |uri: &str, control: Option<&str>| Entry {
        uri: uri.to_owned(),
        copy_control: control.map(str::to_owned),
        ..Entry::default()
    };
    vec![
        Entry {
            display_name: Some("Bill & <Bob> \"B\"".to_owned()),
            ..entry("sip:bill@example.com;a=b?c=d&e=f", Some("to"))
        },
        Entry {
            anonymize: true,
            ..entry("sip:joe@example.org", Some("cc"))
        },
        entry("tel:+15551234", Some("bcc")),
        entry("sip:ted@example.net", None),
    ]
}

fn conference(state: &str) -> ConferenceInfo {
    let user = |name: &str, status: &str, state: Option<&str>| User {
        entity: format!("sip:{name}@example.com"),
        display_text: Some(format!("{name} & Söhne")),
        state: state.map(str::to_owned),
        endpoints: vec![Endpoint {
            entity: format!("sip:{name}@192.0.2.1"),
            status: Some(status.to_owned()),
            state: None,
        }],
    };
    let users = match state {
        "full" => vec![
            user("alice", "connected", None),
            user("bob", "dialing-out", None),
        ],
        "partial" => vec![
            user("alice", "connected", Some("partial")),
            User {
                entity: "sip:bob@example.com".to_owned(),
                state: Some("deleted".to_owned()),
                ..User::default()
            },
        ],
        _ => Vec::new(),
    };
    ConferenceInfo {
        entity: "sip:session-0.1@example.com".to_owned(),
        state: state.to_owned(),
        version: 3,
        user_count: (!users.is_empty()).then_some(2),
        active: (!users.is_empty()).then_some(true),
        users_state: None,
        users,
    }
}
