//! The tables of both halves; the state is what is open, so they list situations.

use super::*;

#[test]
fn sender_table() {
    let mut busy = sender();
    let chunk = frames(&send(&mut busy, Input::Send(message("m", 3000)))).remove(0);
    let mut down = busy.clone();
    send(&mut down, Input::Down);
    let machines = [("idle", sender()), ("busy", busy), ("down", down)];
    let response = |code| Input::Response {
        transaction: chunk.transaction.clone(),
        code,
    };
    let inputs = [
        ("send", Input::Send(message("n", 10))),
        ("200", response(200)),
        ("413", response(413)),
        ("481", response(481)),
        (
            "30 s pass",
            Input::Fired {
                transaction: chunk.transaction.clone(),
            },
        ),
        ("abort", Input::Abort { id: "m".into() }),
        ("full", Input::Full),
        ("drained", Input::Drained),
        ("down", Input::Down),
    ];
    let mut text = String::new();
    for (name, machine) in &machines {
        for (what, input) in &inputs {
            let out = send(&mut machine.clone(), input.clone());
            let shown: Vec<_> = out.iter().map(brief).collect();
            text += format!("{name:<5} {what:<10} -> {}", shown.join(" · ")).trim_end();
            text += "\n";
        }
    }
    insta::assert_snapshot!(text);
}

fn brief(output: &Output) -> String {
    match output {
        Output::Frame(frame) => format!(
            "{:?} {}",
            frame.flag,
            frame.header("Byte-Range").unwrap_or("")
        ),
        Output::Arm { after, .. } => format!("Arm {after:?}"),
        Output::Disarm { .. } => "Disarm".into(),
        other => format!("{other:?}"),
    }
}

#[test]
fn receiver_table() {
    let frame = |id: &str, range: &str, flag, body: &[u8]| Frame {
        transaction: "t123".into(),
        kind: Kind::Request("SEND".into()),
        to_path: vec![THERE.into()],
        from_path: vec![HERE.into()],
        headers: vec![
            ("Message-ID".into(), id.into()),
            ("Byte-Range".into(), range.into()),
        ],
        body: Some(body.to_vec()),
        flag,
    };
    let mut begun = receiver();
    receive(&mut begun, &frame("m", "1-*/4", Flag::More, b"ab"));
    let mut finished = begun.clone();
    receive(&mut finished, &frame("m", "3-*/4", Flag::Complete, b"cd"));
    let mut refusing = begun.clone();
    refusing.handle(
        msrp_receiver::Input::Refuse {
            id: "m".into(),
            code: 413,
        },
        &mut Vec::new(),
    );
    let inputs = [
        ("first chunk", frame("m", "1-*/4", Flag::More, b"ab")),
        ("last chunk", frame("m", "3-*/4", Flag::Complete, b"cd")),
        ("abort", frame("m", "3-*/4", Flag::Abort, b"")),
        ("bad range", frame("m", "0-*/4", Flag::More, b"ab")),
        ("too long", frame("m", "9999-*/*", Flag::More, b"abc")),
        (
            "other method",
            Frame {
                kind: Kind::Request("NICKNAME".into()),
                ..frame("m", "1-1/1", Flag::Complete, b"")
            },
        ),
        (
            "report",
            Frame {
                kind: Kind::Request("REPORT".into()),
                ..frame("m", "1-1/1", Flag::Complete, b"")
            },
        ),
    ];
    let mut text = String::new();
    for (name, machine) in [
        ("idle", receiver()),
        ("begun", begun),
        ("finished", finished),
        ("refusing", refusing),
    ] {
        for (what, frame) in &inputs {
            let out = receive(&mut machine.clone(), frame);
            let shown: Vec<_> = out
                .iter()
                .map(|output| match output {
                    msrp_receiver::Output::Respond(frame) => format!("{:?}", frame.kind),
                    msrp_receiver::Output::Message(message) => {
                        format!("Message {:?}", String::from_utf8_lossy(&message.body))
                    }
                    other => format!("{other:?}"),
                })
                .collect();
            text += format!("{name:<8} {what:<12} -> {}", shown.join(" · ")).trim_end();
            text += "\n";
        }
    }
    insta::assert_snapshot!(text);
}
