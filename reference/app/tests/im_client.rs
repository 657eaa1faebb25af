//! Clients that run: two of them through a server, and the program itself.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command as Program, Stdio};
use std::time::Duration;

use app::client::{ClientConfig, RunningClient, start};
use machines::port::Transport;
use roles::client::upper::{Command, Told};

fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address")
}

fn config(user: &str, sip: SocketAddr, proxy: SocketAddr, transport: Transport) -> ClientConfig {
    let mut config = ClientConfig {
        sip,
        time_scale: 10.0,
        ..ClientConfig::default()
    };
    config.role.address = format!("sip:{user}@im.example");
    config.role.proxy = proxy;
    config.role.transport = transport;
    config.role.assert_identity = true;
    config.role.auto_accept = true;
    config
}

/// Waits for something that the client tells.
async fn told<T>(client: &mut RunningClient, wanted: impl Fn(&Told) -> Option<T>) -> T {
    let found = async {
        let mut heard = Vec::new();
        while let Some(line) = client.told.recv().await {
            let told = Told::read(&line).expect("an event");
            if let Some(found) = wanted(&told) {
                return found;
            }
            heard.push(line);
        }
        panic!("the client went away after {heard:?}");
    };
    let limit = Duration::from_secs(20);
    tokio::time::timeout(limit, found).await.expect("in time")
}

fn text(told: &Told) -> Option<String> {
    match told {
        Told::Text { text, .. } => Some(text.clone()),
        _ => None,
    }
}

fn ended(told: &Told) -> Option<()> {
    matches!(told, Told::Ended { .. }).then_some(())
}

/// Alice calls; both speak; alice leaves.
async fn talk(alice: &mut RunningClient, bob: &mut RunningClient, to: &[&str]) {
    let to = to.iter().map(|&one| one.to_owned()).collect();
    let call = || "c1".to_owned();
    let (group, anonymous) = (None, false);
    let invite = Command::Invite {
        call: call(),
        to,
        group,
        anonymous,
    };
    alice.say(&invite).await;
    let established = |told: &Told| match told {
        Told::Established { call, .. } => Some(call.clone()),
        _ => None,
    };
    assert_eq!(told(alice, established).await, "c1");
    let incoming = told(bob, established).await;
    let say = |call: &str, text: String| Command::Send {
        call: call.to_owned(),
        text,
        to: None,
    };
    let long = "long ".repeat(4000);
    alice.say(&say("c1", long.clone())).await;
    assert_eq!(told(bob, text).await, long);
    bob.say(&say(&incoming, "hello alice".into())).await;
    assert_eq!(told(alice, text).await, "hello alice");
    let leave = Command::Leave {
        call: call(),
        anonymous,
    };
    alice.say(&leave).await;
    told(alice, ended).await;
    told(bob, ended).await;
}

#[tokio::test]
async fn two_clients_talk_to_each_other() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let (one, other) = (free(), free());
        let alice = config("alice", one, other, transport);
        let bob = config("bob", other, one, transport);
        let mut alice = start(alice).await.expect("alice");
        let mut bob = start(bob).await.expect("bob");
        talk(&mut alice, &mut bob, &["sip:bob@im.example"]).await;
        let message = Command::Message {
            to: vec!["sip:bob@im.example".into()],
            text: "hi".into(),
        };
        alice.say(&message).await;
        assert_eq!(told(&mut bob, text).await, "hi");
        alice.shutdown().await;
        bob.shutdown().await;
    }
}

#[tokio::test]
async fn two_clients_talk_through_the_server_and_see_each_other() {
    let (im, other) = (free(), free());
    let file = format!(
        "domain: im.example\ncore: {{ address: {other}, transport: tcp }}\nlisten: {{ sip: {im}, msrp: 127.0.0.1:0 }}\nconference_factories: [\"sip:conference-factory@im.example\"]\ntime_scale: 10\nshards: 2\n"
    );
    let server = app::config::parse(&file, "server.yaml").expect("a configuration");
    let server = app::start(server).await.expect("a server");
    let mut alice = config("alice", free(), im, Transport::Tcp);
    alice.role.max_adhoc_group_size = 2;
    let mut alice = start(alice).await.expect("alice");
    let bob = config("bob", other, im, Transport::Tcp);
    let mut bob = start(bob).await.expect("bob");
    let group = Command::Invite {
        call: "c0".into(),
        to: vec!["sip:bob@im.example".into(), "sip:bob@im.example".into()],
        group: None,
        anonymous: false,
    };
    alice.say(&group).await;
    let both = |told: &Told| match told {
        Told::Participants { list, .. } if list.len() == 2 => Some(()),
        _ => None,
    };
    told(&mut alice, both).await;
    told(&mut bob, both).await;
    let (call, anonymous) = ("c0".into(), false);
    alice.say(&Command::Leave { call, anonymous }).await;
    told(&mut bob, ended).await;
    let to = ["sip:bob@im.example", "sip:bob@im.example"];
    talk(&mut alice, &mut bob, &to).await;
    alice.shutdown().await;
    bob.shutdown().await;
    server.shutdown().await;
}

#[test]
fn the_program_speaks_the_protocol_and_ends_when_asked() {
    let mut child = Program::new(env!("CARGO_BIN_EXE_im-client"))
        .args(["--address", "sip:alice@im.example", "--time-scale", "100"])
        .args([
            "--proxy",
            &free().to_string(),
            "--transport",
            "tcp",
            "upper",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("im-client starts");
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    let mut input = child.stdin.take().expect("its input");
    let mut line = String::new();
    output.read_line(&mut line).expect("a line");
    assert!(
        matches!(Told::read(&line), Ok(Told::Ready { .. })),
        "{line}"
    );
    writeln!(
        input,
        r#"{{"do":"invite","call":"c1","to":["sip:bob@im.example"]}}"#
    )
    .expect("it reads");
    line.clear();
    output.read_line(&mut line).expect("a line");
    assert!(
        matches!(Told::read(&line), Ok(Told::Refused { .. })),
        "{line}"
    );
    writeln!(input, r#"{{"do":"quit"}}"#).expect("it reads");
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn a_wrong_configuration_says_where_and_what_to_do() {
    let error = app::client::config::parse(
        "address: sip:a@b\nproxy: 127.0.0.1:5060\nsession_expires: 5\n",
        "a.yaml",
    );
    let text = error.expect_err("an error").to_string();
    assert!(text.starts_with("a.yaml:3:1:"), "{text}");
    let example = include_str!("../client.example.yaml");
    app::client::config::parse(example, "example").expect("the example holds");
}

#[test]
fn a_message_takes_all_its_words() {
    let proxy = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let place = proxy.local_addr().unwrap().to_string();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_im-client"));
    command.args(["--address", "sip:alice@example.com", "--proxy", &place]);
    let mut client = command
        .args(["message", "bob", "hello", "there"])
        .spawn()
        .unwrap();
    let mut datagram = [0; 65_536];
    let (length, from) = proxy.recv_from(&mut datagram).unwrap();
    let request = String::from_utf8_lossy(&datagram[..length]);
    assert!(
        request.starts_with("MESSAGE sip:bob@example.com "),
        "{request}"
    );
    assert!(request.ends_with("\r\n\r\nhello there"), "{request}");
    let copied = ["Via: ", "From: ", "To: ", "Call-ID: ", "CSeq: "];
    let lines = request
        .lines()
        .filter(|l| copied.iter().any(|c| l.starts_with(c)));
    let lines: String = lines.map(|l| format!("{l}\r\n")).collect();
    let answer = format!("SIP/2.0 200 OK\r\n{lines}Content-Length: 0\r\n\r\n");
    proxy.send_to(answer.as_bytes(), from).unwrap();
    assert_eq!(client.wait().unwrap().code(), Some(0));
}
