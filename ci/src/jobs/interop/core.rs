//! A Kamailio that routes by the same filter criteria as the reference core: the features of a core with it as their
//! subject, and a call of our clients to our server through it.

use super::kamailio;
use crate::command;
use crate::context::Context;
use crate::job::Outcome;
use crate::jobs::program::Program;
use crate::jobs::shall;
use ports::await_listener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Runs the features of the core with Kamailio as their subject.
pub(super) fn judged(context: &Context) -> Outcome {
    let run = |core: &Core<'_>| {
        let binary = shall::build(context)?;
        let profile = core.file("kamailio.yaml", &core.profile(ports::free().port()))?;
        let out = core.out.join("run");
        let words = ["--profile", &profile.to_string_lossy()];
        let run = shall::run(context, &binary, &out, &words)?;
        shall::demand(&run, 0, "shall run against Kamailio").map_or(Ok(()), Err)
    };
    let told = "Kamailio keeps the filter criteria as the reference does, over udp and tcp";
    beside(context, "core", told, run)
}

/// Has alice call bob and carol, who are registered with Kamailio, at an im-server behind it.
pub(super) fn called(context: &Context) -> Outcome {
    let told = "a session of three by way of Kamailio, its filter criteria and im-server";
    beside(context, "core-call", told, |core| core.call(context))
}

fn beside(
    context: &Context,
    folder: &str,
    told: &str,
    act: impl FnOnce(&Core<'_>) -> Result<(), String>,
) -> Outcome {
    let done = || {
        let out = context.fresh(folder).map_err(|fault| fault.to_string())?;
        let core = Core {
            out: &out,
            sip: ports::free().port(),
            server: ports::free().port(),
        };
        let mut proxy = kamailio::start(&out, &core.configuration())?;
        let done = await_listener(core.sip).and_then(|()| act(&core));
        command::stop(&mut proxy);
        done.map_err(|fault| format!("{fault}; Kamailio's words are in {}", out.display()))
    };
    match done() {
        Ok(()) => Outcome::Passed(told.to_owned()),
        Err(fault) => Outcome::fault(fault),
    }
}

/// A Kamailio, and the port of the IM server that its criteria name.
struct Core<'a> {
    out: &'a Path,
    sip: u16,
    server: u16,
}

impl Core<'_> {
    fn configuration(&self) -> String {
        include_str!("core.cfg")
            .replace("{sip}", &self.sip.to_string())
            .replace("{server}", &self.server.to_string())
            .replace("{realm}", REALM)
            .replace("{password}", PASSWORD)
    }

    fn file(&self, name: &str, text: &str) -> Result<std::path::PathBuf, String> {
        let file = self.out.join(name);
        std::fs::write(&file, text).map_err(|fault| format!("{}: {fault}", file.display()))?;
        Ok(file)
    }

    /// The profile; what a Kamailio leaves out when nobody writes it is said so.
    fn profile(&self, tester: u16) -> String {
        let Self { sip, server, .. } = self;
        format!(
            "subject: Kamailio with the filter criteria of Appendix C.1\n\
             kind: core\nadapter: remote\n\
             sip: 127.0.0.1:{sip}\ncore: 127.0.0.1:{tester}\nim_server: 127.0.0.1:{server}\n\
             domain: {REALM}\nconference_factory: {FACTORY}\n\
             users: \"sip:{{chair}}.{{n}}@{REALM}\"\npassword: {PASSWORD}\nmax_participants: 4\n\
             claims:\n  third_party_registration: false\n  refuses_short_registrations: false\n  \
             detects_loops: false\n  digest_sha_256: false\n"
        )
    }

    fn call(&self, context: &Context) -> Result<(), String> {
        let Self { sip, server, .. } = self;
        let text = format!(
            "domain: {REALM}\nlisten: {{ sip: \"127.0.0.1:{server}\", msrp: \"127.0.0.1:0\" }}\n\
             core: {{ address: \"127.0.0.1:{sip}\" }}\nconference_factories: [\"{FACTORY}\"]\n"
        );
        let mut command = Command::new(command::build(context, "shall-app", "im-server")?);
        command
            .arg("--config")
            .arg(self.file("server.yaml", &text)?);
        let im_server = Program::start("im-server", command)?;
        await_listener(*server)?;
        let client = command::build(context, "shall-app", "im-client")?;
        let bob = Program::start("bob's im-client", self.client(&client, "bob")?)?;
        let carol = Program::start("carol's im-client", self.client(&client, "carol")?)?;
        for guest in [&bob, &carol] {
            let listens = |line: &str| line.starts_with("listening on ").then_some(());
            guest.says("that it listens", listens)?;
        }
        let mut alice = self.client(&client, "alice")?;
        let ended = command::capture(alice.args(["bob", "carol"]), LIMIT)?;
        if ended.code != Some(0) || !ended.stdout.contains("* in the session") {
            let (out, err) = (ended.stdout, ended.stderr);
            return Err(format!("alice was in no session:\n{out}{err}"));
        }
        for guest in [bob, carol] {
            let called = |line: &str| line.contains("in session sip:").then_some(());
            guest.says("that it was called", called)?;
            guest.stop()?;
        }
        im_server.stop()
    }

    /// Alice talks as soon as she has somebody to talk to; the others wait for a call.
    fn client(&self, binary: &Path, user: &str) -> Result<Command, String> {
        let text = format!(
            "address: sip:{user}@{REALM}\nproxy: 127.0.0.1:{}\nconference_factory: {FACTORY}\n\
             register: {{ user: {user}, password: {PASSWORD} }}\n",
            self.sip
        );
        let mut command = Command::new(binary);
        command
            .arg("--config")
            .arg(self.file(&format!("{user}.yaml"), &text)?)
            .arg(if user == "alice" { "chat" } else { "listen" });
        Ok(command)
    }
}

const REALM: &str = "example.com";
const PASSWORD: &str = "secret";
const FACTORY: &str = "sip:conference-factory@example.com";

/// Time of a call that ends by itself.
const LIMIT: Duration = Duration::from_secs(30);
