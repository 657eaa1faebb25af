//! Lines between a node and its user.

use tokio::sync::mpsc;

use super::*;

#[tokio::test]
async fn lines_go_both_ways() {
    let (user, mut told) = mpsc::channel(1);
    let options = Options {
        user: Some(user),
        ..Options::default()
    };
    let bench = Bench::with(options, vec![Output::User("ready".into())]).await;
    assert!(bench.handle.user("hello".into()));
    let heard = bench.saw(|input| match input {
        Input::User(line) => Some(line),
        _ => None,
    });
    assert_eq!(heard.await, "hello");
    assert_eq!(told.recv().await.as_deref(), Some("ready"));
}

#[tokio::test]
async fn a_line_without_a_user_is_counted_as_ignored() {
    let bench = Bench::with(Options::default(), vec![Output::User("ready".into())]).await;
    assert!(bench.handle.user("hello".into()));
    let heard = bench.saw(|input| matches!(input, Input::User(_)).then_some(()));
    heard.await;
    while bench.handle.counts().ignored == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_user_who_is_slow_misses_lines_and_the_node_goes_on() {
    let (user, mut told) = mpsc::channel(1);
    let options = Options {
        user: Some(user),
        ..Options::default()
    };
    let lines = ["one", "two"].map(|line| Output::User(line.into()));
    let bench = Bench::with(options, lines.into()).await;
    for line in ["first", "second"] {
        assert!(bench.handle.user(line.into()));
    }
    while bench.handle.counts().ignored == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(told.recv().await.as_deref(), Some("one"));
    let missed = bench.handle.ignored();
    assert!(missed[0].contains("too slow"), "{missed:?}");
}
