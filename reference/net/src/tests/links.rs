//! MSRP links: accepted, opened, paused, full and closed.

use super::*;

fn link_of(input: Input) -> Option<LinkId> {
    if let Input::Msrp { link, .. } = input {
        Some(link)
    } else {
        None
    }
}

#[tokio::test]
async fn an_accepted_link_echoes_at_any_split() {
    let bench = Bench::new().await;
    let bytes = send_frame("split123", 30);
    let mut stream = bench.msrp().await;
    stream.set_nodelay(true).unwrap();
    for at in 0..bytes.len() {
        stream.write_all(&bytes[..at]).await.unwrap();
        tokio::task::yield_now().await;
        stream.write_all(&bytes[at..]).await.unwrap();
        let mut back = vec![0; bytes.len()];
        timeout(PATIENCE, stream.read_exact(&mut back))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            wire::msrp::Frame::parse(&back).unwrap(),
            wire::msrp::Frame::parse(&bytes).unwrap()
        );
    }
    let mut events = Vec::new();
    drop(stream);
    bench
        .saw(|input| matches!(input, Input::LinkDown { .. }).then_some(()))
        .await;
    events.extend(bench.seen.try_iter());
    assert!(events.is_empty(), "{events:?}");
}

#[tokio::test]
async fn a_link_is_opened_used_and_closed() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = listener.local_addr().unwrap();
    let link = LinkId(7);
    let bytes = send_frame("open1234", 3);
    let first = vec![
        Output::Connect { link, to },
        Output::Msrp {
            link,
            bytes: bytes.clone(),
        },
        Output::Close(link),
    ];
    let bench = Bench::with(Options::default(), first).await;
    bench
        .tcp()
        .await
        .write_all(&options("go", bench.sip(), "TCP", 0).to_bytes())
        .await
        .unwrap();
    let (mut stream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    assert_eq!(rest(&mut stream).await, bytes);
}

#[tokio::test]
async fn a_link_that_cannot_be_opened_is_down() {
    let to = ports::free();
    let bench = Bench::with(
        Options::default(),
        vec![Output::Connect {
            link: LinkId(7),
            to,
        }],
    )
    .await;
    bench
        .tcp()
        .await
        .write_all(&options("go", bench.sip(), "TCP", 0).to_bytes())
        .await
        .unwrap();
    let down = bench
        .saw(|input| {
            if let Input::LinkDown { link } = input {
                Some(link)
            } else {
                None
            }
        })
        .await;
    assert_eq!(down, LinkId(7));
}

#[tokio::test]
async fn a_peer_that_stops_reading_fills_and_drains_its_own_link() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let link = LinkId(9);
    // Three mebibytes: more than the system's own buffers and our high-water mark, less than our limit.
    let mut first = vec![Output::Connect {
        link,
        to: listener.local_addr().unwrap(),
    }];
    first.extend((0..60).map(|_| Output::Msrp {
        link,
        bytes: send_frame("full1234", 50_000),
    }));
    let bench = Bench::with(Options::default(), first).await;
    let mut other = bench.tcp().await;
    other
        .write_all(&options("go", bench.sip(), "TCP", 0).to_bytes())
        .await
        .unwrap();
    let (mut stalled, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    let full = bench
        .saw(|input| {
            if let Input::LinkFull { link } = input {
                Some(link)
            } else {
                None
            }
        })
        .await;
    assert_eq!(full, link);
    for _ in 0..100 {
        other
            .write_all(&options("on", bench.sip(), "TCP", 0).to_bytes())
            .await
            .unwrap();
    }
    assert_eq!(responses(&mut other, 101).await.len(), 101);
    let mut all = vec![0; 60 * send_frame("full1234", 50_000).len()];
    timeout(PATIENCE, stalled.read_exact(&mut all))
        .await
        .unwrap()
        .unwrap();
    let drained = bench
        .saw(|input| {
            if let Input::LinkDrained { link } = input {
                Some(link)
            } else {
                None
            }
        })
        .await;
    assert_eq!(drained, link);
}

#[tokio::test]
async fn a_link_that_overflows_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let link = LinkId(9);
    let mut first = vec![Output::Connect {
        link,
        to: listener.local_addr().unwrap(),
    }];
    first.extend((0..200).map(|_| Output::Msrp {
        link,
        bytes: send_frame("over1234", 50_000),
    }));
    let bench = Bench::with(Options::default(), first).await;
    bench
        .tcp()
        .await
        .write_all(&options("go", bench.sip(), "TCP", 0).to_bytes())
        .await
        .unwrap();
    let down = bench
        .saw(|input| {
            if let Input::LinkDown { link } = input {
                Some(link)
            } else {
                None
            }
        })
        .await;
    assert_eq!(down, link);
}

#[tokio::test]
async fn a_paused_link_is_not_read_until_resumed() {
    let accepted = LinkId(1 << 63);
    let bench = Bench::with(Options::default(), Vec::new()).await;
    let mut stream = bench.msrp().await;
    stream.write_all(&send_frame("first123", 5)).await.unwrap();
    assert_eq!(bench.saw(link_of).await, accepted);
    let (pausing, mut paused) = Pausing::serve().await;
    let mut writer = TcpStream::connect(pausing.local.msrp).await.unwrap();
    let flood = async {
        // Blocks when the socket buffers are full: nobody reads.
        while writer
            .write_all(&send_frame("flood123", 50_000))
            .await
            .is_ok()
        {}
    };
    assert!(timeout(Duration::from_millis(300), flood).await.is_err());
    assert_eq!(
        paused
            .try_iter()
            .filter(|input| matches!(input, Input::Msrp { .. }))
            .count(),
        1
    );
    // Any SIP message makes this node resume.
    let mut other = TcpStream::connect(pausing.local.sip).await.unwrap();
    other
        .write_all(&options("go", pausing.local.sip, "TCP", 0).to_bytes())
        .await
        .unwrap();
    let more = async {
        while paused
            .try_iter()
            .filter(|input| matches!(input, Input::Msrp { .. }))
            .count()
            == 0
        {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, more).await.unwrap();
    paused = channel().1;
    drop(paused);
}

/// Pauses its link at the first frame, resumes it at the first SIP message.
struct Pausing {
    seen: Sender<Input>,
    resumed: bool,
}

impl Pausing {
    async fn serve() -> (Handle, Receiver<Input>) {
        let any = "127.0.0.1:0".parse().unwrap();
        let (seen, receiver) = channel();
        let nodes = |_: &Local| {
            vec![Box::new(Pausing {
                seen,
                resumed: false,
            }) as Box<dyn Node>]
        };
        let options = Options {
            sip: any,
            msrp: any,
            ..Options::default()
        };
        (serve(options, nodes, |_, _| 0).await.unwrap(), receiver)
    }
}

impl Node for Pausing {
    fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        match &input {
            Input::Msrp { link, .. } if !self.resumed => out.push(Output::Pause(*link)),
            Input::Sip { .. } => {
                self.resumed = true;
                out.push(Output::Resume(LinkId(1 << 63)));
            }
            _ => {}
        }
        let _ = self.seen.send(input);
    }
}
