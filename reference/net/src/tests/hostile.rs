//! Peers that send nonsense, too much, or nothing at all: they are cut off, and nobody else notices.

use super::*;

#[tokio::test]
async fn garbage_reaches_the_node_as_malformed() {
    let bench = Bench::new().await;
    let peer = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    peer.send_to(b"\r\n\r\n", bench.sip()).await.unwrap();
    peer.send_to(b"\x00\xffnonsense", bench.sip())
        .await
        .unwrap();
    let half = options("half", peer.local_addr().unwrap(), "UDP", 50).to_bytes();
    peer.send_to(&half[..half.len() - 10], bench.sip())
        .await
        .unwrap();
    let malformed = |input| {
        if let Input::Malformed { bytes, .. } = input {
            Some(bytes)
        } else {
            None
        }
    };
    assert_eq!(bench.saw(malformed).await, b"\x00\xffnonsense");
    assert_eq!(bench.saw(malformed).await, half[..half.len() - 10]);
    peer.send_to(
        &options("ok", peer.local_addr().unwrap(), "UDP", 0).to_bytes(),
        bench.sip(),
    )
    .await
    .unwrap();
    assert_eq!(datagram(&peer).await.call_id(), Some("ok"));
}

#[tokio::test]
async fn half_a_message_ends_with_its_connection() {
    let bench = Bench::new().await;
    let bytes = options("half", bench.sip(), "TCP", 50).to_bytes();
    let mut stream = bench.tcp().await;
    stream.write_all(&bytes[..bytes.len() - 10]).await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(rest(&mut stream).await, b"");
}

#[tokio::test]
async fn a_never_ending_header_is_refused() {
    let bench = Bench::new().await;
    let mut bytes = options("endless", bench.sip(), "TCP", 0).to_bytes();
    bytes.truncate(bytes.len() - 2);
    let mut stream = bench.tcp().await;
    stream.write_all(&bytes).await.unwrap();
    while stream
        .write_all(&[b"X-Filler: ".as_slice(), &[b'x'; 1000], b"\r\n"].concat())
        .await
        .is_ok()
    {}
    let refusal = String::from_utf8(rest(&mut stream).await).unwrap();
    // A reset may overtake the refusal, because the peer still sends.
    assert!(
        refusal.is_empty() || refusal.starts_with("SIP/2.0 513 "),
        "{refusal}"
    );
    let mut stream = bench.tcp().await;
    stream
        .write_all(&options("next", bench.sip(), "TCP", 0).to_bytes())
        .await
        .unwrap();
    assert_eq!(responses(&mut stream, 1).await[0].call_id(), Some("next"));
}

#[tokio::test]
async fn an_overlong_body_is_refused() {
    let bench = Bench::new().await;
    let bytes = String::from_utf8(options("big", bench.sip(), "TCP", 0).to_bytes()).unwrap();
    let mut stream = bench.tcp().await;
    stream
        .write_all(
            bytes
                .replace("Content-Length: 0", "Content-Length: 99999999")
                .as_bytes(),
        )
        .await
        .unwrap();
    let refusal = String::from_utf8(rest(&mut stream).await).unwrap();
    assert!(
        refusal.starts_with("SIP/2.0 413 ") && refusal.contains("Call-ID: big\r\n"),
        "{refusal}"
    );
}

#[tokio::test]
async fn msrp_that_is_none_is_cut_off() {
    let bench = Bench::new().await;
    let mut stream = bench.msrp().await;
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(rest(&mut stream).await, b"");
    let mut stream = bench.msrp().await;
    let endless = send_frame("endless1", 1_000_000);
    let _ = stream.write_all(&endless).await;
    let refusal = String::from_utf8(rest(&mut stream).await).unwrap();
    assert!(
        refusal.is_empty() || refusal.starts_with("MSRP endless1 413 "),
        "{refusal}"
    );
    let mut stream = bench.msrp().await;
    stream.write_all(&send_frame("after123", 5)).await.unwrap();
    bench
        .saw(|input| matches!(input, Input::Msrp { .. }).then_some(()))
        .await;
}

#[tokio::test]
async fn a_thousand_connections_are_served() {
    let bench = Bench::new().await;
    let mut streams = Vec::new();
    for _ in 0..1000 {
        streams.push(bench.tcp().await);
    }
    for (index, stream) in streams.iter_mut().enumerate().step_by(100) {
        let call_id = format!("call{index}");
        stream
            .write_all(&options(&call_id, bench.sip(), "TCP", 0).to_bytes())
            .await
            .unwrap();
        assert_eq!(
            responses(stream, 1).await[0].call_id(),
            Some(call_id.as_str())
        );
    }
    assert_eq!(bench.handle.counts().connections, 1000);
}

#[tokio::test]
async fn over_the_limit_the_silent_go_and_those_who_spoke_stay() {
    let bench = Bench::with(
        Options {
            connections: 4,
            ..Options::default()
        },
        Vec::new(),
    )
    .await;
    let mut spoke = bench.tcp().await;
    spoke
        .write_all(&options("first", bench.sip(), "TCP", 0).to_bytes())
        .await
        .unwrap();
    responses(&mut spoke, 1).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(bench.tcp().await);
    }
    for stream in silent.iter_mut().take(17) {
        assert_eq!(rest(stream).await, b"");
    }
    spoke
        .write_all(&options("again", bench.sip(), "TCP", 0).to_bytes())
        .await
        .unwrap();
    assert_eq!(responses(&mut spoke, 1).await[0].call_id(), Some("again"));
    let counts = bench.handle.counts();
    assert_eq!((counts.connections, counts.refused), (4, 17));
}
