//! The tables of the four transactions and of the accepted INVITE, over both kinds of transport.

use machines::accepted_invite::{self, AcceptedInvite};
use machines::transaction::client::{self, Client};
use machines::transaction::invite_client::{self, InviteClient};
use machines::transaction::invite_server::{self, InviteServer};
use machines::transaction::server::{self, Server};
use machines::transaction::{Output, Timer};

use crate::table;

fn after<M: Clone, I: Clone>(
    start: &M,
    handle: fn(&mut M, I, &mut Vec<Output>),
    inputs: &[I],
) -> M {
    let mut machine = start.clone();
    for input in inputs {
        handle(&mut machine, input.clone(), &mut Vec::new());
    }
    machine
}

fn started<M>(machine: impl FnOnce(&mut Vec<Output>) -> M) -> (M, String) {
    let mut out = Vec::new();
    let machine = machine(&mut out);
    (
        machine,
        out.iter()
            .map(|output| table::plain(&format!("{output:?}")))
            .collect::<Vec<_>>()
            .join(" · ")
            + "\n\n",
    )
}

fn both(name: &str, print: fn(bool) -> String) {
    insta::assert_snapshot!(format!("{name}_udp"), print(false));
    insta::assert_snapshot!(format!("{name}_tcp"), print(true));
}

#[test]
fn invite_client() {
    both("invite_client", |reliable| {
        let (start, opening) =
            started(|out| InviteClient::start(b"INVITE".to_vec(), reliable, out));
        let response = |code| invite_client::Input::Response {
            code,
            ack: b"ACK".to_vec(),
        };
        let step = |inputs: &[_]| after(&start, InviteClient::handle, inputs);
        let ringing = response(180);
        let machines = [
            ("Calling", start.clone()),
            ("Proceeding", step(std::slice::from_ref(&ringing))),
            (
                "Proceeding (cancelled)",
                step(&[ringing, invite_client::Input::Cancelled]),
            ),
            ("Accepted", step(&[response(200)])),
            ("Completed", step(&[response(486)])),
            ("Terminated", step(&[invite_client::Input::Fired(Timer::B)])),
        ];
        let mut inputs = vec![response(180), response(200), response(486)];
        inputs.extend([Timer::A, Timer::B, Timer::D, Timer::M].map(invite_client::Input::Fired));
        inputs.extend([
            invite_client::Input::Cancelled,
            invite_client::Input::TransportError,
        ]);
        opening
            + &table::print(
                &machines,
                &inputs,
                InviteClient::state,
                InviteClient::handle,
            )
    });
}

#[test]
fn client() {
    both("client", |reliable| {
        let (start, opening) = started(|out| Client::start(b"BYE".to_vec(), reliable, out));
        let step = |inputs: &[_]| after(&start, Client::handle, inputs);
        let machines = [
            ("Trying", start.clone()),
            ("Proceeding", step(&[client::Input::Response(100)])),
            ("Completed", step(&[client::Input::Response(200)])),
            ("Terminated", step(&[client::Input::Fired(Timer::F)])),
        ];
        let mut inputs: Vec<_> = [100, 200, 481].map(client::Input::Response).into();
        inputs.extend([Timer::E, Timer::F, Timer::K].map(client::Input::Fired));
        inputs.push(client::Input::TransportError);
        opening + &table::print(&machines, &inputs, Client::state, Client::handle)
    });
}

#[test]
fn invite_server() {
    both("invite_server", |reliable| {
        let (start, opening) = started(|out| InviteServer::start(reliable, out));
        let respond = |code: u16| invite_server::Input::Respond {
            code,
            bytes: code.to_string().into_bytes(),
        };
        let step = |inputs: &[_]| after(&start, InviteServer::handle, inputs);
        let machines = [
            ("Proceeding (silent)", start.clone()),
            ("Proceeding", step(&[respond(180)])),
            ("Accepted", step(&[respond(200)])),
            ("Completed", step(&[respond(486)])),
            (
                "Confirmed",
                step(&[respond(486), invite_server::Input::Ack]),
            ),
            (
                "Terminated",
                step(&[respond(486), invite_server::Input::Fired(Timer::H)]),
            ),
        ];
        let mut inputs = vec![invite_server::Input::Request, invite_server::Input::Ack];
        inputs.extend([180, 200, 486].map(respond));
        let timers = [Timer::G, Timer::H, Timer::I, Timer::L, Timer::Trying];
        inputs.extend(timers.map(invite_server::Input::Fired));
        inputs.push(invite_server::Input::TransportError);
        opening
            + &table::print(
                &machines,
                &inputs,
                InviteServer::state,
                InviteServer::handle,
            )
    });
}

#[test]
fn server() {
    both("server", |reliable| {
        let (start, opening) = started(|out| Server::start(reliable, out));
        let respond = |code: u16| server::Input::Respond {
            code,
            bytes: code.to_string().into_bytes(),
        };
        let step = |inputs: &[_]| after(&start, Server::handle, inputs);
        let machines = [
            ("Trying", start.clone()),
            ("Proceeding", step(&[respond(100)])),
            ("Completed", step(&[respond(200)])),
            (
                "Terminated",
                step(&[respond(200), server::Input::Fired(Timer::J)]),
            ),
        ];
        let mut inputs = vec![server::Input::Request];
        inputs.extend([100, 200, 486].map(respond));
        inputs.extend([
            server::Input::Fired(Timer::J),
            server::Input::TransportError,
        ]);
        opening + &table::print(&machines, &inputs, Server::state, Server::handle)
    });
}

#[test]
fn accepted_invite() {
    let (start, opening) = started(|out| AcceptedInvite::start(b"200".to_vec(), out));
    let step = |inputs: &[_]| after(&start, AcceptedInvite::handle, inputs);
    let give_up = accepted_invite::Input::Fired(Timer::Unacknowledged);
    let machines = [
        ("Waiting", start.clone()),
        ("Acknowledged", step(&[accepted_invite::Input::Ack])),
        ("Abandoned", step(&[give_up])),
    ];
    let inputs = [
        accepted_invite::Input::Ack,
        accepted_invite::Input::Fired(Timer::Success),
        give_up,
    ];
    insta::assert_snapshot!(
        opening
            + &table::print(
                &machines,
                &inputs,
                AcceptedInvite::state,
                AcceptedInvite::handle
            )
    );
}

#[test]
fn copies_of_an_answer_grow_rarer_up_to_four_seconds() {
    let mut machine = AcceptedInvite::start(Vec::new(), &mut Vec::new());
    let mut pauses = Vec::new();
    for _ in 0..5 {
        let mut out = Vec::new();
        machine.handle(accepted_invite::Input::Fired(Timer::Success), &mut out);
        pauses.extend(out.into_iter().filter_map(|output| match output {
            Output::Arm { after, .. } => Some(after.as_millis()),
            _ => None,
        }));
    }
    assert_eq!(pauses, [1000, 2000, 4000, 4000, 4000]);
}
