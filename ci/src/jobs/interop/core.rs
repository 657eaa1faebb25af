//! The features of the SIP/IP core against a Kamailio that routes by the same filter criteria as the reference.

use super::kamailio;
use super::ports::{await_listener, free_port};
use crate::command;
use crate::context::Context;
use crate::job::Outcome;
use crate::jobs::shall;

/// Runs the features of the core with Kamailio as their subject.
pub(super) fn check(context: &Context) -> Outcome {
    match judged(context) {
        Ok(()) => Outcome::Passed(
            "Kamailio keeps the filter criteria as the reference does, over udp and tcp".to_owned(),
        ),
        Err(fault) => Outcome::fault(fault),
    }
}

fn judged(context: &Context) -> Result<(), String> {
    let out = context.fresh("core").map_err(|fault| fault.to_string())?;
    let binary = shall::build(context)?;
    let (sip, server, core) = (free_port()?, free_port()?, free_port()?);
    let configuration = SCRIPT
        .replace("{sip}", &sip.to_string())
        .replace("{server}", &server.to_string())
        .replace("{realm}", REALM)
        .replace("{password}", PASSWORD);
    let profile = out.join("kamailio.yaml");
    std::fs::write(&profile, described(sip, core, server))
        .map_err(|fault| format!("{}: {fault}", profile.display()))?;
    let mut proxy = kamailio::start(&out, &configuration)?;
    let words = ["--profile", &profile.to_string_lossy()];
    let run =
        await_listener(sip).and_then(|()| shall::run(context, &binary, &out.join("run"), &words));
    command::stop(&mut proxy);
    let fault = shall::demand(&run?, 0, "shall run against Kamailio");
    fault.map_or(Ok(()), |fault| {
        Err(format!(
            "{fault}; Kamailio's words are in {}",
            out.display()
        ))
    })
}

/// The profile; what a Kamailio leaves out when nobody writes it is said so.
fn described(sip: u16, core: u16, server: u16) -> String {
    format!(
        "subject: Kamailio with the filter criteria of Appendix C.1\n\
         kind: core\nadapter: remote\n\
         sip: 127.0.0.1:{sip}\ncore: 127.0.0.1:{core}\nim_server: 127.0.0.1:{server}\n\
         domain: {REALM}\nconference_factory: sip:conference-factory@{REALM}\n\
         users: \"sip:{{chair}}.{{n}}@{REALM}\"\npassword: {PASSWORD}\nmax_participants: 4\n\
         claims:\n  third_party_registration: false\n  refuses_short_registrations: false\n  \
         detects_loops: false\n  digest_sha_256: false\n"
    )
}

const SCRIPT: &str = include_str!("core.cfg");
const REALM: &str = "example.com";
const PASSWORD: &str = "secret";
