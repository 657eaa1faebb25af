//! SIGTERM with a session in progress: everybody in it gets a BYE, then the program ends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use wire::sip::Message;
use wire::{Framed, Limits};

/// Longer than any wait of the server at the time scale used here.
const PATIENCE: Duration = Duration::from_secs(10);

fn server(core: SocketAddr, scale: u32) -> (Child, SocketAddr) {
    let config = std::env::temp_dir().join(format!("shall-shutdown-{}.yaml", core.port()));
    let text = format!(
        "domain: example.com\nlisten: {{sip: \"127.0.0.1:0\", msrp: \"127.0.0.1:0\"}}\n\
         core: {{address: \"{core}\", transport: tcp}}\n\
         conference_factories: [\"sip:factory@example.com\"]\ntime_scale: {scale}\n"
    );
    std::fs::write(&config, text).expect("a file in the temporary folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_im-server"))
        .args(["--config", &config.to_string_lossy()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("im-server starts");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("a pipe"))
        .read_line(&mut line)
        .expect("it says that it is ready");
    std::fs::remove_file(config).expect("the file is still there");
    let sip = line
        .split_whitespace()
        .find_map(|word| word.strip_prefix("sip="));
    let sip = sip.expect("the ready line names the address");
    (child, sip.parse().expect("an address"))
}

fn sdp(port: u16) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
         m=message {port} TCP/MSRP *\r\na=accept-types:message/cpim text/plain\r\n\
         a=path:msrp://127.0.0.1:{port}/s{port};tcp\r\n"
    )
}

fn invite(alice: SocketAddr) -> Message {
    let list = "<?xml version=\"1.0\"?><resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\">\
        <list><entry uri=\"sip:bob@example.com\"/></list></resource-lists>";
    let body = format!(
        "--b\r\nContent-Type: application/sdp\r\n\r\n{}\r\n--b\r\n\
         Content-Type: application/resource-lists+xml\r\nContent-Disposition: recipient-list\r\n\r\n{list}\r\n--b--\r\n",
        sdp(7001)
    );
    let mut invite = Message::request("INVITE", "sip:factory@example.com")
        .with("Via", format!("SIP/2.0/UDP {alice};branch=z9hG4bKshutdown"))
        .with("Max-Forwards", "70")
        .with("From", "<sip:alice@example.com>;tag=a")
        .with("To", "<sip:factory@example.com>")
        .with("Call-ID", "shutdown")
        .with("CSeq", "1 INVITE")
        .with("Contact", format!("<sip:alice@{alice}>"))
        .with("P-Asserted-Identity", "<sip:alice@example.com>");
    invite.set_body("multipart/mixed;boundary=b", body.into_bytes());
    invite
}

/// The next message on a socket that keeps message borders.
fn heard(socket: &UdpSocket) -> Message {
    let mut room = [0; 65_535];
    let len = socket.recv(&mut room).expect("the server says something");
    Message::parse(&room[..len]).expect("a SIP message")
}

/// The next message of a stream.
fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Message {
    loop {
        if let Ok(Framed::Complete { skip, len }) = wire::sip::frame(buffer, &Limits::default()) {
            let message = Message::parse(&buffer[skip..skip + len]).expect("a SIP message");
            buffer.drain(..skip + len);
            return message;
        }
        let mut room = [0; 4096];
        let len = stream.read(&mut room).expect("the server says something");
        assert!(len > 0, "the server closed the connection");
        buffer.extend_from_slice(&room[..len]);
    }
}

/// Alice and bob in a session, and the program that they are in it with.
struct Session {
    child: Child,
    sip: SocketAddr,
    alice: UdpSocket,
    bob: TcpStream,
    buffer: Vec<u8>,
}

fn session(scale: u32) -> Session {
    let core = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let core_address = core.local_addr().expect("its address");
    let alice = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    alice.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    let (child, sip) = server(core_address, scale);
    let invite = invite(alice.local_addr().expect("its address"));
    alice.send_to(&invite.to_bytes(), sip).expect("a datagram");

    let (mut bob, _) = core.accept().expect("the server connects");
    bob.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    let mut buffer = Vec::new();
    let invited = read(&mut bob, &mut buffer);
    assert_eq!(invited.method(), Some("INVITE"));
    let mut answer = Message::response(&invited, 200, "OK")
        .with("Contact", format!("<sip:bob@{core_address};transport=tcp>"));
    let to = answer.header("To").expect("a To").to_owned();
    answer.set("To", format!("{to};tag=b"));
    answer.set_body("application/sdp", sdp(7002).into_bytes());
    bob.write_all(&answer.to_bytes()).expect("room in the pipe");

    let accepted = std::iter::repeat_with(|| heard(&alice)).find(|m| m.code() == Some(200));
    let accepted = accepted.expect("an endless sequence");
    let contact = accepted.contact().expect("a Contact").uri.to_string();
    let ack = Message::request("ACK", &contact)
        .with("Via", "SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKack")
        .with("Max-Forwards", "70")
        .with("From", "<sip:alice@example.com>;tag=a")
        .with("To", accepted.header("To").expect("a To"))
        .with("Call-ID", "shutdown")
        .with("CSeq", "1 ACK");
    alice.send_to(&ack.to_bytes(), sip).expect("a datagram");
    assert_eq!(read(&mut bob, &mut buffer).method(), Some("ACK"));

    Session {
        child,
        sip,
        alice,
        bob,
        buffer,
    }
}

fn tell(child: &Child, signal: &str) {
    let pid = child.id().to_string();
    let told = Command::new("kill").args([signal, &pid]).status();
    assert!(told.expect("kill runs").success());
}

fn bye(alice: &UdpSocket) -> Message {
    let bye = std::iter::repeat_with(|| heard(alice)).find(Message::is_request);
    let bye = bye.expect("an endless sequence");
    assert_eq!(bye.method(), Some("BYE"));
    bye
}

#[test]
fn a_session_in_progress_ends_with_bye() {
    let mut session = session(16);
    tell(&session.child, "-TERM");
    let thanks = Message::response(&bye(&session.alice), 200, "OK").to_bytes();
    session
        .alice
        .send_to(&thanks, session.sip)
        .expect("a datagram");
    let bye = read(&mut session.bob, &mut session.buffer);
    assert_eq!(bye.method(), Some("BYE"));
    let thanks = Message::response(&bye, 200, "OK").to_bytes();
    session.bob.write_all(&thanks).expect("room in the pipe");
    assert_eq!(session.child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn a_second_signal_does_not_wait_for_answers() {
    let mut session = session(1);
    tell(&session.child, "-TERM");
    bye(&session.alice);
    tell(&session.child, "-TERM");
    assert_eq!(session.child.wait().expect("it ends").code(), Some(0));
    let mut said = String::new();
    let error = session.child.stderr.as_mut().expect("a pipe");
    error.read_to_string(&mut said).expect("UTF-8");
    assert!(said.contains("ended at once"), "{said}");
}
