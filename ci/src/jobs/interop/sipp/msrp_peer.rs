//! Kamailio as a participant's MSRP peer: it reads what the switch sends, and answers as it thinks right.

use super::super::kamailio;
use super::server::Server;
use super::{Sink, failed, invitee, inviter, join};
use crate::command;
use crate::context::Context;
use ports::await_listener;

/// Sessions whose invitee has its MSRP end at Kamailio; gives how many messages with content reached it.
pub(super) fn check(context: &Context) -> Result<usize, String> {
    let out = context
        .fresh("msrp-peer")
        .map_err(|fault| fault.to_string())?;
    let (core, msrp) = (ports::free().port(), ports::free().port());
    let server = Server::start(context, &out, core, "tcp")?;
    let mut peer = kamailio::start(&out, &configuration(msrp))?;
    let ended = await_listener(msrp).and_then(|()| {
        let sink = Sink::open()?;
        let invitee = invitee(context, &out, core, msrp);
        await_listener(core)?;
        let inviter = inviter(context, &out, "t1", server.sip, sink.port);
        Ok([("inviter", inviter), ("invitee", join(invitee))])
    });
    command::stop(&mut peer);
    let mut faults: Vec<String> = Vec::new();
    for (chair, ended) in ended? {
        faults.extend(failed(chair, ended, &out));
    }
    faults.extend(server.stop().err());
    let log =
        std::fs::read_to_string(out.join(kamailio::LOG)).map_err(|fault| fault.to_string())?;
    let told = messages(&log);
    if told == 0 {
        faults.push(format!(
            "Kamailio read no message of the switch; see {}",
            out.display()
        ));
    }
    if faults.is_empty() {
        Ok(told)
    } else {
        Err(faults.join("\n"))
    }
}

/// SENDs with content among the frames that Kamailio says it read.
fn messages(log: &str) -> usize {
    let lengths = log.lines().filter_map(|line| {
        let rest = line.split_once("msrp-frame SEND ")?.1;
        rest.trim().parse::<usize>().ok()
    });
    lengths.filter(|length| *length > 0).count()
}

fn configuration(port: u16) -> String {
    format!(
        "#!KAMAILIO\ndebug=0\nlog_stderror=yes\nchildren=1\ntcp_children=1\ntcp_accept_no_cl=yes\nlisten=tcp:127.0.0.1:{port}\n\
         loadmodule \"pv.so\"\nloadmodule \"xlog.so\"\nloadmodule \"sl.so\"\nloadmodule \"msrp.so\"\n\
         request_route {{\n    exit;\n}}\n\
         event_route[msrp:frame-in] {{\n    xlog(\"L_ALERT\", \"msrp-frame $msrp(method) $msrp(bodylen)\\n\");\n    \
         if (msrp_is_request()) {{\n        msrp_reply(\"200\", \"OK\");\n    }}\n}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::messages;

    #[test]
    fn a_frame_without_content_is_no_message() {
        let log = "5 ALERT: <script>: msrp-frame SEND 0\n5 ALERT: <script>: msrp-frame SEND 120\nmsrp-frame REPORT 0\n";
        assert_eq!(messages(log), 1);
    }
}
