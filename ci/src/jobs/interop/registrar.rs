//! `im-client` by way of a Kamailio that is registrar and proxy, and believes nobody without a password.

use super::kamailio;
use crate::command::{self, Captured};
use crate::context::Context;
use crate::job::Outcome;
use crate::jobs::program::Program;
use ports::await_listener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Transports, each with another digest algorithm.
const WAYS: [(&str, &str); 2] = [("udp", "MD5"), ("tcp", "SHA-256")];

/// Registers clients and sends messages between them.
pub(super) fn check(context: &Context) -> Outcome {
    let faults = WAYS.iter().filter_map(|(transport, algorithm)| {
        let talked = talk(context, transport, algorithm);
        talked
            .err()
            .map(|fault| format!("over {transport}: {fault}"))
    });
    let told = "messages between registered clients over udp with MD5 and over tcp with SHA-256, \
                none with a wrong password";
    Outcome::of(faults.collect(), told.to_owned())
}

fn talk(context: &Context, transport: &str, algorithm: &str) -> Result<(), String> {
    let out = context
        .fresh(&format!("registrar-{transport}"))
        .map_err(|fault| fault.to_string())?;
    let port = ports::free().port();
    let mut proxy = kamailio::start(&out, &configuration(port, algorithm))?;
    let users = Users {
        binary: command::build(context, "shall-app", "im-client")?,
        out: &out,
        port,
        transport,
    };
    let talked = await_listener(port).and_then(|()| users.talk());
    command::stop(&mut proxy);
    talked.map_err(|fault| format!("{fault}; Kamailio's words are in {}", out.display()))
}

/// The clients of one Kamailio.
struct Users<'a> {
    binary: std::path::PathBuf,
    out: &'a Path,
    port: u16,
    transport: &'a str,
}

impl Users<'_> {
    fn talk(&self) -> Result<(), String> {
        let bob = Program::start(
            "bob's im-client",
            self.client("bob", PASSWORD, &["listen"])?,
        )?;
        bob.says("that it listens", |line| {
            line.starts_with("listening on ").then_some(())
        })?;
        let send = ["message", "bob", "by way of Kamailio"];
        demand(&self.run("alice", PASSWORD, &send)?, 0, "listening on")?;
        bob.says("what alice sent", |line| {
            (line == "sip:alice@im.example: by way of Kamailio").then_some(())
        })?;
        let wrong = "note: not registered: 401";
        demand(&self.run("alice", "guessed", &send)?, 1, wrong)?;
        demand(&self.run("carol", "guessed", &["listen"])?, 1, wrong)?;
        let absent = "note: the message was not delivered: 404";
        let unknown = ["message", "carol", "anybody?"];
        demand(&self.run("alice", PASSWORD, &unknown)?, 1, absent)?;
        // Whoever ends is registered no more.
        bob.stop()?;
        demand(&self.run("alice", PASSWORD, &send)?, 1, absent)
    }

    fn run(&self, user: &str, password: &str, act: &[&str]) -> Result<Captured, String> {
        command::capture(&mut self.client(user, password, act)?, LIMIT)
    }

    fn client(&self, user: &str, password: &str, act: &[&str]) -> Result<Command, String> {
        let file = self.out.join(format!("{user}-{password}.yaml"));
        let text = format!(
            "address: sip:{user}@{REALM}\nproxy: 127.0.0.1:{}\ntransport: {}\n\
             register: {{ user: {user}, password: {password} }}\n",
            self.port, self.transport
        );
        std::fs::write(&file, text).map_err(|fault| format!("{}: {fault}", file.display()))?;
        let mut command = Command::new(&self.binary);
        command.arg("--config").arg(file).args(act);
        Ok(command)
    }
}

/// The exit code, and words that the client has to say.
fn demand(ended: &Captured, code: i32, words: &str) -> Result<(), String> {
    if ended.code == Some(code) && ended.stdout.contains(words) {
        return Ok(());
    }
    Err(format!(
        "im-client ended with {:?}, not {code}, or did not say `{words}`:\n{}{}",
        ended.code, ended.stdout, ended.stderr
    ))
}

fn configuration(port: u16, algorithm: &str) -> String {
    let modules = [
        "tm",
        "sl",
        "rr",
        "pv",
        "maxfwd",
        "textops",
        "usrloc",
        "registrar",
        "auth",
    ];
    let load: String = modules
        .iter()
        .map(|module| format!("loadmodule \"{module}.so\"\n"))
        .collect();
    format!(
        "#!KAMAILIO\ndebug=1\nlog_stderror=yes\nchildren=1\ntcp_children=1\n\
         listen=udp:127.0.0.1:{port}\nlisten=tcp:127.0.0.1:{port}\nalias=\"{REALM}\"\n{load}\
         modparam(\"usrloc\", \"db_mode\", 0)\nmodparam(\"auth\", \"algorithm\", \"{algorithm}\")\n\
         request_route {{\n    \
             if (!mf_process_maxfwd_header(\"10\")) {{ sl_send_reply(\"483\", \"Too Many Hops\"); exit; }}\n    \
             if (!pv_auth_check(\"{REALM}\", \"{PASSWORD}\", \"0\", \"1\")) {{ auth_challenge(\"{REALM}\", \"1\"); exit; }}\n    \
             consume_credentials();\n    \
             if (is_method(\"REGISTER\")) {{ if (!save(\"location\")) {{ sl_reply_error(); }} exit; }}\n    \
             if (!lookup(\"location\")) {{ sl_send_reply(\"404\", \"Not Found\"); exit; }}\n    \
             if (!t_relay()) {{ sl_reply_error(); }}\n}}\n"
    )
}

const REALM: &str = "im.example";
const PASSWORD: &str = "secret";

/// Time of one client that ends by itself.
const LIMIT: Duration = Duration::from_secs(20);
