//! The subscription: its table, and its life without a refresh.

use std::time::Duration;

use machines::subscription::{Input, Output, Reason, Settings, State, Subscription, Timer};

use crate::table;

const SETTINGS: Settings = Settings {
    default: 3600,
    min: 60,
    max: 7200,
    interval: Duration::from_secs(5),
};

fn after(inputs: &[Input]) -> Subscription {
    let mut subscription = Subscription::new(SETTINGS);
    for input in inputs {
        subscription.handle(*input, &mut Vec::new());
    }
    subscription
}

#[test]
fn subscription() {
    let subscribe = Input::Subscribe { expires: Some(600) };
    let end = Input::Terminate {
        reason: Reason::Noresource,
    };
    let machines = [
        ("Init", after(&[])),
        ("Active", after(&[subscribe])),
        ("Quiet", after(&[subscribe, Input::Changed])),
        (
            "Pending",
            after(&[subscribe, Input::Changed, Input::Changed]),
        ),
        ("Terminated", after(&[subscribe, end])),
    ];
    let mut inputs: Vec<Input> = [None, Some(0), Some(59), Some(600), Some(9000)]
        .map(|expires| Input::Subscribe { expires })
        .into();
    inputs.extend([Input::Changed, end]);
    inputs.extend([Timer::Slice, Timer::Interval].map(Input::Fired));
    inputs.extend([408, 481, 500].map(|code| Input::NotifyFailed { code }));
    insta::assert_snapshot!(table::print(
        &machines,
        &inputs,
        Subscription::state,
        Subscription::handle
    ));
}

#[test]
fn it_lives_as_long_as_it_promised() {
    for expires in [60, 90, 605, 3600] {
        let (mut subscription, mut out) = (Subscription::new(SETTINGS), Vec::new());
        subscription.handle(
            Input::Subscribe {
                expires: Some(expires),
            },
            &mut out,
        );
        let mut lived = 0;
        while subscription.state() == State::Active {
            lived += out.iter().map(seconds).sum::<u64>();
            out.clear();
            subscription.handle(Input::Fired(Timer::Slice), &mut out);
        }
        assert_eq!(lived, u64::from(expires));
        assert!(out.contains(&Output::Notify {
            state: "terminated;reason=timeout".into(),
            full: true,
        }));
    }
}

fn seconds(output: &Output) -> u64 {
    match output {
        Output::Arm { after, .. } => after.as_secs(),
        _ => 0,
    }
}

#[test]
fn it_never_says_that_more_time_is_left_than_there_is() {
    let (mut subscription, mut out) = (Subscription::new(SETTINGS), Vec::new());
    subscription.handle(Input::Subscribe { expires: Some(600) }, &mut out);
    subscription.handle(Input::Fired(Timer::Slice), &mut out);
    out.clear();
    subscription.handle(Input::Changed, &mut out);
    assert_eq!(
        out.first(),
        Some(&Output::Notify {
            state: "active;expires=480".into(),
            full: false,
        })
    );
}

#[test]
fn changes_in_the_interval_are_told_together_at_its_end() {
    let (mut subscription, mut out) = (Subscription::new(SETTINGS), Vec::new());
    subscription.handle(Input::Subscribe { expires: Some(600) }, &mut out);
    let mut notifies = |input| {
        let mut out = Vec::new();
        subscription.handle(input, &mut out);
        let notify = |one: &&Output| matches!(one, Output::Notify { .. });
        out.iter().filter(notify).count()
    };
    let interval = Input::Fired(Timer::Interval);
    let inputs = [
        Input::Changed,
        Input::Changed,
        Input::Changed,
        interval,
        interval,
        Input::Changed,
    ];
    assert_eq!(inputs.map(&mut notifies), [1, 0, 0, 1, 0, 1]);
}
