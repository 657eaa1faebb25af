//! People at terminals: what they type, and what they see of one another.
#![cfg(unix)]

#[path = "../program/mod.rs"]
mod program;
mod screen;
mod server;

use std::net::SocketAddr;

use ports::free;
use program::Server;
use screen::Screen;

/// Any address will do.
fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// `im-client` of a user, by way of `proxy`, at a terminal.
fn client(user: &str, listen: SocketAddr, proxy: SocketAddr, act: &[&str]) -> Screen {
    let mut arguments = vec![
        format!("--address=sip:{user}@im.example"),
        format!("--proxy={proxy}"),
        format!("--listen={listen}"),
        "--transport=tcp".to_owned(),
        "--assert-identity".to_owned(),
    ];
    arguments.extend(act.iter().map(|&word| word.to_owned()));
    Screen::start(user, env!("CARGO_BIN_EXE_im-client"), &arguments)
}

#[test]
fn two_people_talk_in_a_group_of_the_server() {
    let core = free();
    let server = Server::start(core);
    server.group("friends", &["alice", "bob"], true);
    let bob = client("bob", core, server.sip, &["chat"]);
    bob.says("type whom to call, or wait for a call");
    let call = ["chat", "--group", "friends"];
    let alice = client("alice", anywhere(), server.sip, &call);
    alice.shows("* calling friends");
    bob.says("calls: /accept or /reject");
    bob.types("/accept");
    bob.says("in the session");
    bob.says("here: alice, bob");
    alice.says("in the session");
    alice.says("bob");
    alice.types("hello bob");
    bob.shows("alice: hello bob");
    alice.shows("alice> hello bob");
    alice.shows("* delivered: hello bob");
    // What bob is typing stays whole while something arrives.
    bob.keys("hello al");
    bob.shows("bob> hello al");
    alice.types("how are you?");
    bob.shows("alice: how are you?");
    bob.shows("bob> hello al");
    bob.keys("ice\r");
    alice.shows("bob: hello alice");
    assert!(!alice.coloured("bob: hello alice"));
    assert!(alice.coloured("* delivered: hello bob"));
    alice.types("/who");
    alice.shows("* here: alice (connected), bob (connected)");
    alice.types("/dance");
    alice.says("/dance is no command; /help tells which there are");
    bob.types("/leave");
    bob.says("* the session is over: left");
    // The call that alice's chat was for is over, and so is the chat.
    let (status, last) = alice.ends();
    assert!(status.success(), "{last}");
    assert!(last.contains("* the session is over: "), "{last}");
    bob.types("/quit");
    let (status, last) = bob.ends();
    assert!(status.success(), "{last}");
}

#[test]
fn people_come_and_go() {
    let server = Server::start(free());
    server.group("room", &["alice", "bob", "carol"], false);
    let call = ["chat", "--group", "room"];
    let enter = |user| client(user, anywhere(), server.sip, &call);
    let alice = enter("alice");
    alice.says("in the session");
    let bob = enter("bob");
    alice.shows("* bob has joined");
    let carol = enter("carol");
    alice.shows("* carol has joined");
    carol.shows("* here: alice, bob, carol");
    bob.says("in the session");
    bob.types("good-bye");
    for other in [&alice, &carol] {
        other.shows("bob: good-bye");
    }
    // Ctrl-C leaves politely.
    bob.shows("* delivered: good-bye");
    bob.keys("\u{3}");
    let (status, last) = bob.ends();
    assert!(status.success(), "{last}");
    assert!(last.contains("* the session is over: left"), "{last}");
    alice.shows("* bob has left");
    carol.types("/quit");
    assert!(carol.ends().0.success());
    alice.ends();
}

#[test]
fn a_name_calls_and_the_other_end_of_the_call_is_seen() {
    let (one, other) = (free(), free());
    let alice = client("alice", one, other, &["chat"]);
    let bob = client("bob", other, one, &["chat"]);
    bob.says("type whom to call");
    alice.says("type whom to call");
    alice.types("hello there");
    alice.says("nobody is there to read this");
    alice.types("bob");
    alice.shows("* calling bob");
    alice.shows("* it rings");
    bob.shows("* alice calls: /accept or /reject");
    bob.types("/reject");
    alice.says("* the call failed: 486");
    alice.types("/invite bob");
    bob.says_again("* alice calls: /accept or /reject");
    bob.types("/accept");
    bob.shows("* talking with alice");
    alice.says("* talking");
    bob.types("hi!");
    alice.shows("bob: hi!");
    bob.shows("* delivered: hi!");
    alice.types("/quit");
    assert!(alice.ends().0.success());
    bob.says("* the session is over");
    // The end of the input ends the chat, too.
    bob.keys("\u{4}");
    assert!(bob.ends().0.success());
}

/// The example of the README: without a core that tells users apart, carol's call reaches bob too.
#[test]
fn names_on_the_command_line_make_a_session() {
    let core = free();
    let server = Server::start(core);
    let bob = client("bob", core, server.sip, &["chat"]);
    bob.says("type whom to call");
    let alice = client("alice", anywhere(), server.sip, &["chat", "bob", "carol"]);
    alice.shows("* calling bob, carol");
    bob.says("calls: /accept or /reject");
    bob.says("called, and heard that you are busy");
    bob.types("/accept");
    alice.says("in the session");
    bob.says("in the session");
    bob.types("hello");
    alice.shows("bob: hello");
    bob.types("/quit");
    assert!(bob.ends().0.success());
    assert!(alice.ends().0.success());
}

#[test]
fn a_refused_call_tells_why_and_how_it_ended() {
    let server = Server::start(free());
    let alice = client(
        "alice",
        anywhere(),
        server.sip,
        &["chat", "--group", "nobody"],
    );
    let (status, last) = alice.ends();
    assert_eq!(status.code(), Some(1), "{last}");
    assert!(last.contains("* the call failed: 404"), "{last}");
}

#[test]
fn without_a_terminal_there_are_no_colours_and_the_help_has_an_example() {
    let server = Server::start(free());
    let run = |words: &[&str]| {
        let proxy = server.sip.to_string();
        let own = ["--address", "sip:alice@im.example", "--proxy", &proxy];
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_im-client"))
            .args(own)
            .args(words)
            .stdin(std::process::Stdio::null())
            .output()
            .expect("im-client starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), text)
    };
    let (code, text) = run(&["--assert-identity", "chat", "--group", "nobody"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("* the call failed: 404"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    let (code, text) = run(&["chat", "--help"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("Example") && text.contains("chat bob"));
}
