//! The XDMS of the program over real sockets: what it keeps, and what it survives.

mod program;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use program::Server;

const HOME: &str = "/services/org.openmobilealliance.groups/users/sip:alice@example.com";
const OWNER: &str = "X-XCAP-Asserted-Identity: \"sip:alice@example.com\"\r\n";
const GROUPS: &str = "Content-Type: application/vnd.oma.poc.groups+xml\r\n";
const ELEMENT: &str = "Content-Type: application/xcap-el+xml\r\n";

impl Server {
    fn start() -> Server {
        Server::with(concat!(env!("CARGO_MANIFEST_DIR"), "/server.example.yaml").as_ref())
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.xdms).expect("the XDMS listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a time above zero");
        stream
    }

    /// Status, head and body of the answer on a connection of its own.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String, String) {
        let mut stream = self.connect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
            body.len()
        );
        stream
            .write_all(head.as_bytes())
            .expect("a head fits in the socket");
        // A server that refuses by the head alone does not read the rest.
        let _ = stream.write_all(body.as_bytes());
        answer(&mut stream)
    }

    fn put(&self, name: &str, headers: &str, body: &str) -> (u16, String, String) {
        self.ask(
            "PUT",
            &format!("{HOME}/{name}"),
            &format!("{OWNER}{headers}"),
            body,
        )
    }

    fn status(&self, method: &str, name: &str, headers: &str) -> u16 {
        let path = format!("{HOME}/{name}");
        self.ask(method, &path, &format!("{OWNER}{headers}"), "").0
    }

    /// It still does its work.
    fn lives(&self) {
        let (status, _, body) = self.ask("GET", "/services/xcap-caps/global/index", "", "");
        assert!(
            status == 200 && body.contains("org.openmobilealliance.groups"),
            "{status} {body}"
        );
    }
}

fn answer(stream: &mut TcpStream) -> (u16, String, String) {
    let mut octets = Vec::new();
    // A reset after the answer takes nothing of what was read.
    let _ = stream.read_to_end(&mut octets);
    let text = String::from_utf8_lossy(&octets).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or(0);
    (status, head.to_ascii_lowercase(), body.to_owned())
}

fn etag(head: &str) -> String {
    let line = head.lines().find_map(|line| line.strip_prefix("etag: "));
    line.expect("an entity tag").to_owned()
}

fn group(name: &str, members: &str) -> String {
    format!(
        "<group xmlns=\"urn:oma:xml:poc:list-service\"><list-service uri=\"sip:{name}@example.com\"><list>{members}</list></list-service></group>"
    )
}

#[test]
fn a_group_lives_and_dies() {
    let server = Server::start();
    let document = group("friends", "<entry uri=\"sip:bob@example.com\"/>");
    let (status, head, _) = server.put("friends", GROUPS, &document);
    assert_eq!(status, 201, "{head}");
    let tag = etag(&head);
    let global =
        "/services/org.openmobilealliance.groups/global/byGroupID/sip%3Afriends%40example.com";
    let (status, head, body) = server.ask("GET", global, "", "");
    assert_eq!((status, body), (200, document.clone()));
    assert!(
        head.contains("content-type: application/vnd.oma.poc.groups+xml"),
        "{head}"
    );
    assert_eq!(etag(&head), tag);
    let unchanged = format!("If-None-Match: {tag}\r\n");
    assert_eq!(server.status("GET", "friends", &unchanged), 304);
    let other = format!("{GROUPS}If-Match: \"other\"\r\n");
    assert_eq!(server.put("friends", &other, &document).0, 412);
    assert_eq!(
        server.status("DELETE", "friends", "If-Match: \"other\"\r\n"),
        412
    );
    let node = "friends/~~/group/list-service/list/entry%5b@uri=%22sip:carol@example.com%22%5d";
    let carol = "<entry uri=\"sip:carol@example.com\"/>";
    assert_eq!(server.put(node, ELEMENT, carol).0, 201);
    let (status, _, body) = server.ask("GET", &format!("{HOME}/{node}"), OWNER, "");
    assert_eq!((status, body.as_str()), (200, carol));
    assert_ne!(etag(&server.ask("GET", global, "", "").1), tag);
    assert_eq!(server.status("DELETE", node, ""), 200);
    assert_eq!(server.status("GET", node, ""), 404);
    assert_eq!(server.ask("GET", &format!("{HOME}/friends"), "", "").0, 403);
    let (status, head, body) = server.put("again", GROUPS, &document);
    assert_eq!(status, 409);
    assert!(head.contains("application/xcap-error+xml") && body.contains("<uniqueness-failure"));
    assert_eq!(
        server
            .put("friends", "Content-Type: text/plain\r\n", &document)
            .0,
        415
    );
    assert_eq!(server.status("DELETE", "friends", ""), 200);
    assert_eq!(server.ask("GET", global, "", "").0, 404);
}

#[test]
fn documents_that_are_too_much_are_refused() {
    let server = Server::start();
    let ten = group("ten", &" ".repeat(10 << 20));
    assert_eq!(server.put("ten", GROUPS, &ten).0, 413);
    server.lives();
    let many: String = (0..100_000)
        .map(|n| format!("<entry uri=\"sip:{n}@x\"/>"))
        .collect();
    assert_eq!(server.put("many", GROUPS, &group("many", &many)).0, 413);
    let many: String = (0..40_000)
        .map(|n| format!("<entry uri='s:{n}'/>"))
        .collect();
    let (status, _, body) = server.put("many", GROUPS, &group("many", &many));
    assert!(
        status == 409 && body.contains("<constraint-failure"),
        "{status} {body}"
    );
    let bomb = format!(
        "<!DOCTYPE g [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]>{}",
        group("g", "&b;")
    );
    let (status, _, body) = server.put("bomb", GROUPS, &bomb);
    assert!(
        status == 409 && body.contains("document type"),
        "{status} {body}"
    );
    server.lives();
}

#[test]
fn peers_that_break_the_protocol_are_cut_off() {
    let server = Server::start();
    let flood = "a: b\r\n".repeat(100_000);
    let mut stream = server.connect();
    let _ = stream.write_all(format!("GET / HTTP/1.1\r\n{flood}\r\n").as_bytes());
    let (status, _, _) = answer(&mut stream);
    // The rest of the flood may reset the connection before its answer is read.
    assert!(matches!(status, 0 | 400 | 431), "{status}");
    let mut stream = server.connect();
    stream.write_all(b"\x16\x03\x01 no http\r\n\r\n").unwrap();
    assert!(matches!(answer(&mut stream).0, 0 | 400));
    server.lives();
    let began = Instant::now();
    let mut halves: Vec<TcpStream> = (0..300).map(|_| server.connect()).collect();
    for half in &mut halves {
        half.write_all(b"PUT /services/x HTTP/1.1\r\nHost: x\r\nContent-Le")
            .unwrap();
    }
    // All places are taken until the halves have had their time; then the next is served.
    server.lives();
    assert!(
        began.elapsed() < Duration::from_secs(30),
        "{:?}",
        began.elapsed()
    );
    let (status, _, _) = answer(&mut halves[0]);
    assert!(matches!(status, 0 | 408), "{status}");
}

/// What the core hears within ten seconds, until `done` is in it.
fn heard(core: &std::net::UdpSocket, done: &str) -> String {
    let mut all = String::new();
    let mut datagram = [0; 65_535];
    while !all.contains(done) {
        match core.recv(&mut datagram) {
            Ok(length) => all += &String::from_utf8_lossy(&datagram[..length]),
            Err(error) => panic!("{error}; heard so far:\n{all}"),
        }
    }
    all
}

fn invite(core: SocketAddr, call: &str) -> String {
    let sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 9 TCP/MSRP *\r\na=accept-types:message/CPIM text/plain\r\na=path:msrp://127.0.0.1:9/abcdefgh;tcp\r\n";
    format!(
        "INVITE sip:friends@example.com SIP/2.0\r\nVia: SIP/2.0/UDP {core};branch=z9hG4bK{call}\r\nMax-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=a\r\nTo: <sip:friends@example.com>\r\nCall-ID: {call}\r\nCSeq: 1 INVITE\r\nContact: <sip:alice@{core}>\r\nP-Asserted-Identity: <sip:alice@example.com>\r\nAccept-Contact: *;+g.oma.sip-im;require;explicit\r\nSupported: timer\r\nAllow: INVITE, ACK, BYE, CANCEL, UPDATE\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
        sdp.len()
    )
}

#[test]
fn a_call_to_a_group_asks_the_own_xdms() {
    let core = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    core.set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let here = core.local_addr().unwrap();
    let config =
        include_str!("../server.example.yaml").replace("127.0.0.1:5070", &here.to_string());
    let file = std::env::temp_dir().join(format!("im-server-own-xdms-{}.yaml", std::process::id()));
    std::fs::write(&file, config).unwrap();
    let server = Server::with(&file);
    core.send_to(invite(here, "one").as_bytes(), server.sip)
        .unwrap();
    heard(&core, "SIP/2.0 404");
    let list = "<entry uri=\"sip:alice@example.com\"/><entry uri=\"sip:bob@example.com\"/></list><invite-members>true</invite-members><r:ruleset xmlns:r=\"urn:ietf:params:xml:ns:common-policy\"><r:rule id=\"a\"><r:actions><allow-initiate-conference>true</allow-initiate-conference><join-handling>true</join-handling></r:actions></r:rule></r:ruleset><list>";
    let (status, _, body) = server.put("friends", GROUPS, &group("friends", list));
    assert_eq!(status, 201, "{body}");
    core.send_to(invite(here, "two").as_bytes(), server.sip)
        .unwrap();
    heard(&core, "INVITE sip:bob@example.com SIP/2.0");
    let _ = std::fs::remove_file(file);
}
