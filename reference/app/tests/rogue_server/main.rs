//! A client and a server that misbehaves, over real sockets: the call ends, the user hears why, the other session goes on.

mod rogue;

use std::time::Duration;

use app::client::{ClientConfig, RunningClient, start};
use machines::port::Transport;
use rogue::Rogue;
use roles::client::upper::{Command, Told};

/// Waits for something that the client tells.
async fn told<T>(client: &mut RunningClient, wanted: impl Fn(&Told) -> Option<T>) -> T {
    let mut heard = Vec::new();
    loop {
        let line = tokio::time::timeout(Duration::from_secs(20), client.told.recv()).await;
        let Ok(Some(line)) = line else {
            panic!("the client only told {heard:?}");
        };
        if let Some(found) = wanted(&Told::read(&line).expect("an event")) {
            return found;
        }
        heard.push(line);
    }
}

/// How a call ended.
fn over(told: &Told, wanted: &str) -> Option<String> {
    match told {
        Told::Refused { call, code, text } if call == wanted => Some(format!("{code} {text}")),
        Told::Ended { call, why } if call == wanted => Some(why.clone()),
        _ => None,
    }
}

async fn call(client: &RunningClient, name: &str) {
    let address = format!("sip:{name}@im.example");
    let (to, group) = match name {
        "unfocused" => (Vec::new(), Some(address)),
        _ => (vec![address], None),
    };
    let (call, anonymous) = (name.to_owned(), false);
    let invite = Command::Invite {
        call,
        to,
        group,
        anonymous,
    };
    client.say(&invite).await;
}

async fn still_talks(client: &mut RunningClient, text: &str) {
    let (call, to) = ("good".to_owned(), None);
    let text = text.to_owned();
    let send = Command::Send { call, text, to };
    client.say(&send).await;
    let arrived = |told: &Told| matches!(told, Told::Delivered { .. }).then_some(());
    told(client, arrived).await;
}

#[tokio::test]
async fn whatever_the_server_does_the_call_ends_and_the_other_goes_on() {
    let rogue = Rogue::start();
    let mut config = ClientConfig {
        time_scale: 40.0,
        ..ClientConfig::default()
    };
    config.role.address = "sip:alice@im.example".into();
    config.role.proxy = rogue.sip;
    config.role.transport = Transport::Tcp;
    let mut client = start(config).await.expect("alice");
    call(&client, "good").await;
    let there = |told: &Told| matches!(told, Told::Established { .. }).then_some(());
    told(&mut client, there).await;
    for (name, why) in [
        ("silent", "408"),
        ("garbage", "408"),
        ("hangup", "408"),
        ("chatty", "486"),
        ("broken", "the MSRP connection is gone"),
        ("picky", "nothing that we can send"),
        ("unfocused", "focus"),
    ] {
        call(&client, name).await;
        let ended = told(&mut client, |told| over(told, name)).await;
        assert!(ended.contains(why), "{name}: {ended}");
        still_talks(&mut client, name).await;
    }
    let (call, anonymous) = ("good".to_owned(), false);
    client.say(&Command::Leave { call, anonymous }).await;
    let ended = told(&mut client, |told| over(told, "good")).await;
    assert_eq!(ended, "left");
    client.shutdown().await;
    // Sessions that were there are left, politely.
    assert_eq!(rogue.left(), ["broken", "good", "picky", "unfocused"]);
}
