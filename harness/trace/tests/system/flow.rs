//! Puts together what all processes recorded: who told whom what, in an order that does not depend on who was quicker.

use std::collections::HashMap;
use std::net::SocketAddr;

use trace::{Act, Arrow, Direction, Frame, Protocol};

use crate::processes::{Crossing, Said};

/// An act of the play: what happens, and when it began, in microseconds since the Unix epoch.
pub(crate) struct Begun {
    pub(crate) title: &'static str,
    pub(crate) at_us: u64,
}

/// A message that one process sent and another received.
struct Step<'a> {
    from: &'static str,
    to: &'static str,
    sent: &'a Crossing,
    received: &'a Crossing,
    act: usize,
}

/// The acts with their messages. In an act a message follows the one that caused it, and stands before its next sister:
/// what goes on at the same time in two places is told one after the other.
pub(crate) fn acts(heard: &[(&'static str, Said)], begun: &[Begun]) -> Vec<Act> {
    let steps = steps(heard, begun);
    let mut causes: HashMap<(&str, u64), usize> = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        causes.insert((step.to, step.received.number), at);
    }
    let cause = |step: &Step<'_>| causes.get(&(step.from, step.sent.because?)).copied();
    let mut effects: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    for (at, step) in steps.iter().enumerate() {
        effects.entry(cause(step)).or_default().push(at);
    }
    for found in effects.values_mut() {
        found.sort_by_key(|at| steps[*at].sent.number);
    }
    // What nothing caused is told in the order of the clock, which is that of the acts.
    if let Some(first) = effects.get_mut(&None) {
        first.sort_by_key(|at| steps[*at].received.at_us);
    }
    let mut order = Vec::new();
    let mut open: Vec<usize> = effects.remove(&None).unwrap_or_default();
    open.reverse();
    while let Some(at) = open.pop() {
        order.push(at);
        open.extend(effects.remove(&Some(at)).unwrap_or_default().iter().rev());
    }
    let told = |act: usize| {
        order
            .iter()
            .map(|at| &steps[*at])
            .filter(move |step| step.act == act)
    };
    let acts = begun.iter().enumerate();
    acts.map(|(act, Begun { title, .. })| Act {
        title: (*title).to_owned(),
        arrows: told(act)
            .filter(|step| !is_trying(step.sent))
            .map(arrow)
            .collect(),
    })
    .collect()
}

// Each message was received as it was sent, or the wire has lost or changed something.
fn steps<'a>(heard: &'a [(&'static str, Said)], begun: &[Begun]) -> Vec<Step<'a>> {
    let crossings = |way: &'static str| {
        heard.iter().filter_map(move |(who, said)| match said {
            Said::Crossed(crossing) if crossing.way == way => Some((*who, crossing)),
            _ => None,
        })
    };
    let mut received: HashMap<Wire<'_>, Vec<(&'static str, &Crossing)>> = HashMap::new();
    for (who, crossing) in crossings("received") {
        let wire = wire(crossing, crossing.remote, crossing.local);
        received.entry(wire).or_default().push((who, crossing));
    }
    // Its time is when it was received: that is what the next act waited for.
    let step = |(from, sent): (&'static str, &'a Crossing)| {
        let arrived = received.get_mut(&wire(sent, sent.local, sent.remote));
        let arrived = arrived.filter(|waiting| !waiting.is_empty());
        let arrived = arrived.map(|waiting| waiting.remove(0));
        let (to, received) = arrived.unwrap_or_else(|| panic!("{from} sent to nobody: {sent:?}"));
        let act = begun.iter().rposition(|act| act.at_us <= received.at_us);
        let act = act.unwrap_or_else(|| panic!("{from} sent before the play: {sent:?}"));
        Step {
            from,
            to,
            sent,
            received,
            act,
        }
    };
    let steps = crossings("sent").map(step).collect();
    let left: Vec<_> = received
        .iter()
        .filter(|(_, left)| !left.is_empty())
        .collect();
    assert!(left.is_empty(), "received, and sent by nobody: {left:?}");
    steps
}

type Wire<'a> = (&'a str, &'a str, SocketAddr, SocketAddr, &'a str);

fn wire(crossing: &Crossing, from: SocketAddr, to: SocketAddr) -> Wire<'_> {
    let Crossing {
        protocol,
        transport,
        message,
        ..
    } = crossing;
    (protocol, transport, from, to, message)
}

// Comes or does not come by time alone.
pub(crate) fn is_trying(crossing: &Crossing) -> bool {
    crossing.message.starts_with("SIP/2.0 100 ")
}

fn arrow(step: &Step<'_>) -> Arrow {
    let sent = step.sent;
    let protocol = match sent.protocol.as_str() {
        "sip" => Protocol::Sip,
        "msrp" => Protocol::Msrp,
        "http" => Protocol::Http,
        other => panic!("no protocol: {other}"),
    };
    let asks = protocol == Protocol::Http && !sent.message.starts_with("HTTP/");
    let (local, remote) = match asks {
        true => (sent.remote, sent.local),
        false => (sent.local, sent.remote),
    };
    Arrow {
        from: step.from.to_owned(),
        to: step.to.to_owned(),
        frame: Frame {
            index: 0,
            at_us: 0,
            direction: Direction::Sent,
            chair: step.from.to_owned(),
            protocol,
            transport: sent.transport.clone(),
            local,
            remote,
            bytes: sent.message.clone().into_bytes(),
        },
    }
}
