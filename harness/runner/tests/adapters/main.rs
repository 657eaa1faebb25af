//! The `shall` binary against subjects of every kind, and against wrong input.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod clients;
mod run;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use ports::free;
use run::{Folder, LIMIT, SUBJECT, program};

/// A program that ends with its test.
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        // One that is gone already is fine.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// UDP and TCP on one port.
fn endpoint() -> (UdpSocket, TcpListener, SocketAddr) {
    let address = free();
    let udp = UdpSocket::bind(address).unwrap();
    (udp, TcpListener::bind(address).unwrap(), address)
}

fn remote(sip: SocketAddr, core: SocketAddr, scale: u32) -> String {
    format!("{SUBJECT}adapter: remote\nsip: {sip}\ncore: {core}\ntime_scale: {scale}\n")
}

/// The reference server's program; built when it is not there yet.
fn im_server() -> PathBuf {
    program("im-server")
}

/// As in the shipped profile: slow enough that a busy machine loses no transaction.
const SCALE: u32 = 30;

/// The shipped profile of a spawned server, on a port of the test.
fn process_profile(sip: SocketAddr) -> String {
    let text = include_str!("../../../../features/profiles/process.yaml");
    let program = im_server();
    let text = text.replace("target/debug/im-server", &program.to_string_lossy());
    let text = text.replace("sip: 127.0.0.1:5060", &format!("sip: {sip}"));
    assert!(text.contains(&sip.to_string()) && text.contains(&format!("\ntime_scale: {SCALE}\n")));
    text
}

/// The configuration in that profile, for a server that is started by hand.
fn server_config(core: SocketAddr, xdms: SocketAddr) -> String {
    let profile = process_profile(core);
    let config = profile.split("config: |\n").nth(1).unwrap();
    let lines = config.lines().take_while(|line| line.starts_with("  "));
    let text: String = lines.map(|line| format!("{}\n", &line[2..])).collect();
    text.replace("{sip}", "127.0.0.1:0")
        .replace("{core}", &core.to_string())
        .replace("{xdms}", &format!("http://{xdms}"))
        .replace("{transport}", "udp")
        .replace("{scale}", &SCALE.to_string())
}

#[test]
fn a_closed_port_is_no_verdict() {
    let folder = Folder::new("closed");
    let (sip, core) = (free(), free());
    let profile = folder.write("profile.yaml", &remote(sip, core, 1));
    folder
        .shall(&["--profile", &profile])
        .expect_unreached(sip, core);
}

#[test]
fn a_black_hole_is_no_verdict() {
    let folder = Folder::new("hole");
    let ((_udp, _tcp, sip), core) = (endpoint(), free());
    let profile = folder.write("profile.yaml", &remote(sip, core, 1));
    folder
        .shall(&["--profile", &profile])
        .expect_unreached(sip, core);
}

fn echo(mut stream: TcpStream) {
    let mut chunk = [0; 16_384];
    while let Ok(length @ 1..) = stream.read(&mut chunk) {
        if stream.write_all(&chunk[..length]).is_err() {
            break;
        }
    }
}

#[test]
fn an_echo_server_is_no_verdict() {
    let folder = Folder::new("echo");
    let ((udp, tcp, sip), core) = (endpoint(), free());
    thread::spawn(move || {
        let mut datagram = [0; 65_536];
        while let Ok((length, from)) = udp.recv_from(&mut datagram) {
            udp.send_to(&datagram[..length], from).unwrap();
        }
    });
    thread::spawn(move || {
        for stream in tcp.incoming().flatten() {
            thread::spawn(|| echo(stream));
        }
    });
    let profile = folder.write("profile.yaml", &remote(sip, core, 1));
    folder
        .shall(&["--profile", &profile])
        .expect_unreached(sip, core);
}

#[test]
fn adapters_give_equal_verdicts() {
    let server = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../features/profiles/reference.yaml"
    );
    let embedded = Folder::new("embedded").shall(&["--profile", server]);
    assert!(embedded.verdicts().iter().any(|(_, v)| v == "\"pass\""));

    let folder = Folder::new("remote");
    let (core, xdms) = (free(), free());
    let config = folder.write("server.yaml", &server_config(core, xdms));
    let mut command = Command::new(im_server());
    command.args(["--config", &config]).stdout(Stdio::piped());
    let mut server = Started(command.spawn().unwrap());
    // Its first line says where it listens.
    let mut ready = String::new();
    let out = server.0.stdout.take().unwrap();
    BufReader::new(out).read_line(&mut ready).unwrap();
    let sip = ready
        .split_whitespace()
        .find_map(|w| w.strip_prefix("sip="))
        .unwrap();
    let text = remote(sip.parse().unwrap(), core, SCALE);
    let text =
        format!("{text}xdms: {xdms}\nsession_only_factory: sip:session-factory@example.com\n");
    let profile = folder.write("profile.yaml", &text);
    let remote = folder.shall(&["--profile", &profile]);
    assert_eq!(remote.verdicts(), embedded.verdicts(), "{}", remote.error);
    assert_eq!(remote.code, embedded.code);
    drop(server);

    let folder = Folder::new("process");
    let profile = folder.write("profile.yaml", &process_profile(free()));
    let process = folder.shall(&["--profile", &profile]);
    assert_eq!(process.verdicts(), embedded.verdicts(), "{}", process.error);
    assert_eq!(process.code, embedded.code);
}

#[test]
fn a_glob_that_selects_nothing_is_no_verdict() {
    let said = Folder::new("nothing").shall(&["--clause", "nothing"]);
    said.expect(3, &["`nothing` selects no scenario", "shall clauses"]);
    assert!(said.summary.is_none());
}

#[test]
fn a_malformed_profile_is_named() {
    let folder = Folder::new("profile");
    let sound = remote(free(), free(), 1);
    let broken = [
        (
            "torn.yaml",
            "subject: x\n  domain: [\n".to_owned(),
            ":2:9: ",
            "mapping values",
            "help: `shall init` writes",
        ),
        (
            "unknown.yaml",
            format!("# a profile\ndomian: x\n{sound}"),
            ":2:1: ",
            "unknown field `domian`\n",
            "help: the keys are `subject`",
        ),
        (
            "address.yaml",
            sound.replace("sip: 127.0.0.1", "sip: localhost"),
            ":10:6: ",
            "invalid socket address syntax\n",
            "help: write an IP address with its port",
        ),
        (
            "claim.yaml",
            format!("{sound}claims:\n  pre_defined_groups: false\n  predefined: false\n"),
            ":15:3: ",
            "no claim `predefined`",
            "help: the claims are",
        ),
    ];
    for (name, text, place, problem, help) in &broken {
        let path = folder.write(name, text);
        let at = format!("{path}{place}");
        folder
            .shall(&["--profile", &path])
            .expect(2, &[&at, problem, help]);
    }
    let path = folder.write("homeless.yaml", &sound.replace("sip: 127", "# sip: 127"));
    folder
        .shall(&["--profile", &path])
        .expect(2, &[&path, "`sip` is missing", "help: add"]);
    folder
        .shall(&["--profile", "none.yaml"])
        .expect(2, &["none.yaml", "help: name an existing"]);
}

#[test]
fn a_port_in_use_is_our_fault() {
    let folder = Folder::new("port");
    let (_udp, _tcp, core) = endpoint();
    let profile = folder.write("profile.yaml", &remote(free(), core, 1));
    let said = folder.shall(&["--profile", &profile]);
    said.expect(
        4,
        &[
            &core.to_string(),
            "choose another with `core:` in the profile",
        ],
    );
}

/// The project's features, copied so that one of them can be spoilt.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let below = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &below);
        } else {
            std::fs::copy(entry.path(), &below).unwrap();
        }
    }
}

#[test]
fn a_malformed_feature_is_named() {
    let folder = Folder::new("features");
    copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../features"),
        &folder.0,
    );
    let features = folder.0.to_string_lossy().into_owned();
    let head = "Feature: x\n  Scenario: y\n    When alice invites bob\n";
    let then = "    Then [7.2.1.2/general/u1] the INVITE of alice is answered 200\n";
    let spoilt = [
        (
            format!("{head}    Wen bob answers\n{then}"),
            ":4:5: ",
            "no Gherkin",
        ),
        (head.to_owned(), ":2:3: ", "no Then line"),
        (
            "Feature: x\n  Scenaro: y\n".to_owned(),
            ":1:1: ",
            "no scenario",
        ),
        (
            format!("{head}{}", then.replace("u1", "u9")),
            ":4: ",
            "did you mean `7.2.1.2/general/u1`?",
        ),
    ];
    for (text, place, problem) in &spoilt {
        let at = format!(
            "{}{place}",
            folder.write("controlling/spoilt.feature", text)
        );
        folder
            .shall(&["--features", &features])
            .expect(2, &[&at, problem, "help: "]);
    }
    let empty = folder.0.join("nothing");
    std::fs::create_dir_all(&empty).unwrap();
    let said = folder.shall(&["--features", &empty.to_string_lossy()]);
    said.expect(
        2,
        &["nothing/profiles/reference.yaml", "help: give the folder"],
    );
}

#[test]
fn a_plain_sip_endpoint_fails_soon() {
    let folder = Folder::new("sipp");
    let sip = free();
    let port = sip.port().to_string();
    let mut command = Command::new("sipp");
    command
        .args(["-sn", "uas", "-i", "127.0.0.1", "-p", &port])
        .current_dir(&folder.0);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let _sipp = match command.spawn() {
        Ok(child) => Started(child),
        Err(_) if std::env::var_os("CI").is_none_or(|ci| ci != "true") => {
            return println!("skipped: sipp not installed");
        }
        Err(error) => panic!("sipp (package sip-tester) does not start: {error}"),
    };
    // SIPp says nowhere that it listens.
    ports::await_receiver(sip.port()).unwrap();
    let profile = folder.write("profile.yaml", &remote(sip, free(), 1));
    let said = folder.shall(&["--profile", &profile, "--transport", "udp"]);
    said.expect(1, &[]);
    assert!(said.took < LIMIT, "{:?}", said.took);
    assert_eq!(said.summary.unwrap()["totals"]["error"], 0);
}
