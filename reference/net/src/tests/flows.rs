//! SIP messages on their way: transports, splits, long requests, lost connections, timers, shards.

use super::*;

#[tokio::test]
async fn both_transports_and_both_families_answer() {
    for sip in ["127.0.0.1:0", "[::1]:0"] {
        let sip: SocketAddr = sip.parse().unwrap();
        let bench = Bench::with(
            Options {
                sip,
                ..Options::default()
            },
            Vec::new(),
        )
        .await;
        let peer = UdpSocket::bind(sip).await.unwrap();
        let via = peer.local_addr().unwrap();
        peer.send_to(&options("udp", via, "UDP", 0).to_bytes(), bench.sip())
            .await
            .unwrap();
        assert_eq!(datagram(&peer).await.code(), Some(200));
        let mut stream = bench.tcp().await;
        stream
            .write_all(&options("tcp", via, "TCP", 5).to_bytes())
            .await
            .unwrap();
        assert_eq!(responses(&mut stream, 1).await[0].call_id(), Some("tcp"));
        bench.handle.shutdown().await;
    }
}

#[tokio::test]
async fn a_split_at_any_octet_is_put_together() {
    let bench = Bench::new().await;
    let bytes = options("split", bench.sip(), "TCP", 40).to_bytes();
    let mut stream = bench.tcp().await;
    stream.set_nodelay(true).unwrap();
    for at in 0..=bytes.len() {
        stream.write_all(&bytes[..at]).await.unwrap();
        tokio::task::yield_now().await;
        stream.write_all(&bytes[at..]).await.unwrap();
        assert_eq!(responses(&mut stream, 1).await[0].code(), Some(200));
    }
    for octet in &bytes {
        stream.write_all(std::slice::from_ref(octet)).await.unwrap();
        tokio::task::yield_now().await;
    }
    stream.write_all(b"\r\n\r\n").await.unwrap();
    stream
        .write_all(&[bytes.clone(), bytes].concat())
        .await
        .unwrap();
    assert_eq!(responses(&mut stream, 3).await.len(), 3);
}

#[tokio::test]
async fn the_topmost_via_tells_where_to_answer() {
    let bench = Bench::new().await;
    let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    // RFC 3261 18.2.2: the port of sent-by, not the one the request came from.
    let message = options("sentby", other.local_addr().unwrap(), "UDP", 0);
    peer.send_to(&message.to_bytes(), bench.sip())
        .await
        .unwrap();
    assert_eq!(datagram(&other).await.call_id(), Some("sentby"));
    // RFC 3581: rport asks for the port it came from.
    let mut message = options("rport", peer.local_addr().unwrap(), "UDP", 0);
    message.set(
        "Via",
        "SIP/2.0/UDP client.invalid:9;rport;branch=z9hG4bKr, SIP/2.0/UDP b.invalid;branch=z9hG4bKs",
    );
    peer.send_to(&message.to_bytes(), bench.sip())
        .await
        .unwrap();
    let answer = datagram(&peer).await;
    let via = answer.via().unwrap();
    assert_eq!(via.params.value("received"), Some("127.0.0.1"));
    assert_eq!(
        via.params.value("rport"),
        Some(peer.local_addr().unwrap().port().to_string().as_str())
    );
    assert_eq!(answer.values("Via").len(), 2);
}

/// A long request from the node to `remote`, sent twice as a retransmission would be.
fn long_request(remote: SocketAddr) -> Vec<Output> {
    let bytes = options("long", remote, "UDP", 1400).to_bytes();
    let flow = Flow {
        transport: machines::port::Transport::Udp,
        remote,
    };
    vec![
        Output::Sip {
            flow,
            bytes: bytes.clone(),
        },
        Output::Sip { flow, bytes },
    ]
}

#[tokio::test]
async fn a_long_request_goes_over_tcp_once() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let bench = Bench::with(
        Options::default(),
        long_request(listener.local_addr().unwrap()),
    )
    .await;
    bench
        .tcp()
        .await
        .write_all(&options("go", bench.sip(), "TCP", 0).to_bytes())
        .await
        .unwrap();
    let (mut stream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
    let request = responses(&mut stream, 1).await.remove(0);
    assert_eq!(request.via().unwrap().transport, "TCP");
    assert_eq!(request.body.len(), 1400);
    bench.handle.shutdown().await;
    assert_eq!(rest(&mut stream).await, b"", "TCP needs no retransmission");
}

#[tokio::test]
async fn a_long_request_falls_back_to_udp() {
    let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let bench = Bench::with(Options::default(), long_request(peer.local_addr().unwrap())).await;
    bench
        .tcp()
        .await
        .write_all(&options("go", bench.sip(), "TCP", 0).to_bytes())
        .await
        .unwrap();
    let request = datagram(&peer).await;
    assert_eq!(request.via().unwrap().transport, "UDP");
}

#[tokio::test]
async fn a_message_that_cannot_be_sent_is_reported() {
    let closed = ports::free();
    let flow = Flow {
        transport: machines::port::Transport::Tcp,
        remote: closed,
    };
    let bytes = options("lost", closed, "TCP", 0).to_bytes();
    let bench = Bench::with(Options::default(), vec![Output::Sip { flow, bytes }]).await;
    bench
        .tcp()
        .await
        .write_all(&options("go", bench.sip(), "TCP", 0).to_bytes())
        .await
        .unwrap();
    let failed = bench
        .saw(|input| {
            if let Input::SendFailed { flow } = input {
                Some(flow)
            } else {
                None
            }
        })
        .await;
    assert_eq!(failed, flow);
}

#[tokio::test]
async fn timers_run_at_scale() {
    let arm = |timer, seconds| Output::Arm {
        timer: TimerId(timer),
        after: Duration::from_secs(seconds),
    };
    let first = vec![
        arm(1, 32),
        arm(2, 8),
        arm(3, 1),
        arm(4, 1),
        Output::Disarm(TimerId(3)),
        arm(4, 16),
    ];
    let bench = Bench::with(
        Options {
            time_scale: 100.0,
            ..Options::default()
        },
        first,
    )
    .await;
    let start = std::time::Instant::now();
    bench
        .tcp()
        .await
        .write_all(&options("go", bench.sip(), "TCP", 0).to_bytes())
        .await
        .unwrap();
    let fired = |input| {
        if let Input::Fired(timer) = input {
            Some(timer.0)
        } else {
            None
        }
    };
    let order = [
        bench.saw(fired).await,
        bench.saw(fired).await,
        bench.saw(fired).await,
    ];
    let took = start.elapsed();
    assert_eq!(order, [2, 4, 1]);
    assert!(took >= Duration::from_millis(320), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inputs_go_to_the_shard_that_the_router_names() {
    let (seen, receiver) = channel();
    let other = channel();
    let any = "127.0.0.1:0".parse().unwrap();
    let nodes = |_: &Local| {
        let echo = |seen| {
            Box::new(Echo {
                seen,
                first: Vec::new(),
            }) as Box<dyn Node>
        };
        vec![echo(other.0), echo(seen)]
    };
    let router = |input: &Input, _: usize| match input {
        Input::Sip { message, .. } => usize::from(message.call_id() == Some("one")),
        _ => 0,
    };
    let handle = serve(
        Options {
            sip: any,
            msrp: any,
            ..Options::default()
        },
        nodes,
        router,
    )
    .await
    .unwrap();
    let mut stream = TcpStream::connect(handle.local.sip).await.unwrap();
    for call_id in ["zero", "one", "zero"] {
        stream
            .write_all(&options(call_id, handle.local.sip, "TCP", 0).to_bytes())
            .await
            .unwrap();
    }
    responses(&mut stream, 3).await;
    handle.shutdown().await;
    let count = |inputs: Receiver<Input>| {
        inputs
            .iter()
            .filter(|input| matches!(input, Input::Sip { .. }))
            .count()
    };
    assert_eq!((count(other.1), count(receiver)), (2, 1));
}

#[tokio::test]
async fn an_address_in_use_is_named_and_freed_by_shutdown() {
    let bench = Bench::new().await;
    let sip = bench.sip();
    let again = Options {
        sip,
        ..Options::default()
    };
    let error = serve(again.clone(), |_| Vec::new(), |_, _| 0)
        .await
        .err()
        .unwrap();
    assert!(
        matches!(error, crate::Error::InUse { address, .. } if address == sip),
        "{error}"
    );
    assert!(
        error.to_string().contains(&sip.to_string())
            && error.to_string().contains("choose another")
    );
    bench.handle.shutdown().await;
    let again = Options {
        msrp: "127.0.0.1:0".parse().unwrap(),
        ..again
    };
    assert!(matches!(
        serve(again, |_| Vec::new(), |_, _| 0).await,
        Err(crate::Error::NoNode)
    ));
}
