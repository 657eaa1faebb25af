//! The server of the people at terminals, and its groups.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use crate::program::Server;
use wire::xml::group::{self, Actions, Group, Member, Rule};

impl Server {
    /// Starts a server of im.example whose users are reached at `core`.
    pub(crate) fn start(core: SocketAddr) -> Server {
        let config = std::env::temp_dir().join(format!(
            "shall-terminals-{}-{}.yaml",
            std::process::id(),
            core.port()
        ));
        let text = format!(
            "domain: im.example\nlisten: {{sip: \"127.0.0.1:0\", msrp: \"127.0.0.1:0\"}}\n\
             core: {{address: \"{core}\", transport: tcp}}\n\
             conference_factories: [\"sip:conference-factory@im.example\"]\n\
             notify_interval: 0\nxdms: {{listen: \"127.0.0.1:0\", database: \":memory:\"}}\n"
        );
        std::fs::write(&config, text).expect("a file in the temporary folder");
        let server = Server::with(&config);
        std::fs::remove_file(config).expect("the file is still there");
        server
    }

    /// Puts a group whose members may talk, and are perhaps invited when one of them begins.
    pub(crate) fn group(&self, name: &str, members: &[&str], invited: bool) {
        let member = |user: &&str| Member {
            uri: format!("sip:{user}@im.example"),
            display_name: None,
        };
        let actions = Actions {
            allow_conference_state: true,
            join_handling: true,
            allow_initiate_conference: true,
            ..Actions::default()
        };
        let document = group::write(&Group {
            uri: format!("sip:{name}@im.example"),
            display_name: None,
            members: members.iter().map(member).collect(),
            invite_members: invited,
            max_participant_count: None,
            rules: vec![Rule {
                identities: Vec::new(),
                list_members: true,
                everybody: false,
                actions,
            }],
        });
        let mut stream = TcpStream::connect(self.xdms).expect("the XDMS listens");
        let owner = "sip:alice@im.example";
        let head = format!(
            "PUT /services/org.openmobilealliance.groups/users/{owner}/{name} HTTP/1.1\r\nHost: x\r\n\
             Connection: close\r\nX-XCAP-Asserted-Identity: \"{owner}\"\r\n\
             Content-Type: application/vnd.oma.poc.groups+xml\r\nContent-Length: {}\r\n\r\n",
            document.len()
        );
        let request = [head.as_bytes(), &document].concat();
        stream.write_all(&request).expect("room in the socket");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
}
