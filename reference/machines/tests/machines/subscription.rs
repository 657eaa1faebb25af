//! The subscription: its table, and its life without a refresh.

use machines::subscription::{Input, Output, Reason, Settings, State, Subscription, Timer};

use crate::table;

const SETTINGS: Settings = Settings {
    default: 3600,
    min: 60,
    max: 7200,
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
        ("Terminated", after(&[subscribe, end])),
    ];
    let mut inputs: Vec<Input> = [None, Some(0), Some(59), Some(600), Some(9000)]
        .map(|expires| Input::Subscribe { expires })
        .into();
    inputs.extend([Input::Changed, end, Input::Fired(Timer::Slice)]);
    inputs.extend([408, 481, 500].map(|code| Input::NotifyFailed { code }));
    insta::assert_snapshot!(table::print(
        &machines,
        &inputs,
        Subscription::state,
        Subscription::handle
    ));
}

#[test]
fn it_ends_one_slice_after_what_it_promised() {
    for (expires, expected) in [(60, 120), (90, 150), (600, 660)] {
        let (mut subscription, mut out) = (Subscription::new(SETTINGS), Vec::new());
        subscription.handle(
            Input::Subscribe {
                expires: Some(expires),
            },
            &mut out,
        );
        let mut lived = 0;
        while subscription.state() == State::Active {
            lived += out
                .iter()
                .map(|output| {
                    if let Output::Arm { after, .. } = output {
                        after.as_secs()
                    } else {
                        0
                    }
                })
                .sum::<u64>();
            out.clear();
            subscription.handle(Input::Fired(Timer::Slice), &mut out);
        }
        assert_eq!(lived, expected);
        assert_eq!(
            out.first(),
            Some(&Output::Notify {
                state: "terminated;reason=timeout".into()
            })
        );
    }
}
