//! The session timer: its table, and table 2 of RFC 4028.

use machines::session_timer::{
    Answer, Input, Output, Refresher, SessionTimer, Settings, Timer, accepted, answer,
};
use wire::sip::Message;

use crate::table;

const OURS: Settings = Settings {
    session_expires: 1800,
    min_se: 90,
    prefer: Refresher::Uac,
};

fn after(inputs: &[Input]) -> SessionTimer {
    let mut timer = SessionTimer::new();
    for input in inputs {
        timer.handle(*input, &mut Vec::new());
    }
    timer
}

#[test]
fn session_timer() {
    let ours = Input::Agreed {
        interval: 90,
        ours: true,
    };
    let theirs = Input::Agreed {
        interval: 1800,
        ours: false,
    };
    let machines = [
        ("Off", after(&[])),
        ("Refreshing", after(&[ours])),
        ("Refreshed", after(&[ours, Input::Fired(Timer::Refresh)])),
        ("Watching", after(&[theirs])),
    ];
    let mut inputs = vec![
        ours,
        theirs,
        Input::Fired(Timer::Refresh),
        Input::Fired(Timer::Expire),
    ];
    inputs.extend([408, 481, 500].map(|code| Input::RefreshFailed { code }));
    inputs.push(Input::Stop);
    insta::assert_snapshot!(table::print(
        &machines,
        &inputs,
        SessionTimer::state,
        SessionTimer::handle
    ));
}

#[test]
fn the_side_that_waits_gives_up_before_the_session_expires() {
    for (interval, expected) in [(90, 60), (96, 64), (1800, 1768)] {
        let mut out = Vec::new();
        SessionTimer::new().handle(
            Input::Agreed {
                interval,
                ours: false,
            },
            &mut out,
        );
        let after = std::time::Duration::from_secs(expected);
        assert_eq!(
            out,
            [Output::Arm {
                timer: Timer::Expire,
                after
            }]
        );
    }
}

fn invite(headers: &[(&str, &str)]) -> Message {
    let start = Message::request("INVITE", "sip:bob@example.com");
    headers
        .iter()
        .fold(start, |message, (name, value)| message.with(name, *value))
}

#[test]
fn the_receiver_chooses_by_table_2() {
    let supported = ("Supported", "100rel, timer");
    let check = |headers: &[(&str, &str)], refresher, require| {
        let expected = Answer::Agreed {
            interval: 1800,
            refresher,
            require,
        };
        assert_eq!(answer(&invite(headers), &OURS), expected, "{headers:?}");
    };
    check(&[], Refresher::Uas, false);
    check(
        &[supported, ("Session-Expires", "1800")],
        Refresher::Uac,
        true,
    );
    check(
        &[supported, ("Session-Expires", "1800;refresher=uac")],
        Refresher::Uac,
        true,
    );
    check(
        &[supported, ("Session-Expires", "1800;refresher=uas")],
        Refresher::Uas,
        false,
    );
}

#[test]
fn an_interval_is_refused_just_below_the_minimum() {
    let asked = |seconds: &str| {
        answer(
            &invite(&[("Supported", "timer"), ("Session-Expires", seconds)]),
            &OURS,
        )
    };
    assert_eq!(asked("89"), Answer::TooSmall { min_se: 90 });
    assert_eq!(
        asked("90"),
        Answer::Agreed {
            interval: 90,
            refresher: Refresher::Uac,
            require: true
        }
    );
}

#[test]
fn an_interval_is_never_shortened_below_the_min_se_of_the_request() {
    let request = invite(&[
        ("Supported", "timer"),
        ("Session-Expires", "7200"),
        ("Min-SE", "3600"),
    ]);
    assert_eq!(
        answer(&request, &OURS),
        Answer::Agreed {
            interval: 3600,
            refresher: Refresher::Uac,
            require: true
        }
    );
}

#[test]
fn the_sender_reads_the_answer() {
    let response =
        |value: &str| Message::response(&invite(&[]), 200, "OK").with("Session-Expires", value);
    assert_eq!(
        accepted(&response("600;refresher=uas"), &OURS),
        Some((600, Refresher::Uas))
    );
    assert_eq!(
        accepted(&response("600;refresher=uac"), &OURS),
        Some((600, Refresher::Uac))
    );
}
