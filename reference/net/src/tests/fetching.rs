//! Documents fetched over HTTP: every outcome, each exactly once.

use machines::port::{Fetch, FetchId, FetchMethod, Fetched};
use tokio::net::TcpListener;

use super::*;

/// Asks for these URIs, ten seconds of protocol time each.
async fn ask(uris: &[String], time_scale: f64) -> Bench {
    asking(uris.iter().map(Fetch::get).collect(), time_scale).await
}

async fn asking(all: Vec<Fetch>, time_scale: f64) -> Bench {
    let fetches = all
        .into_iter()
        .enumerate()
        .map(|(number, what)| Output::Fetch {
            id: FetchId(number as u64),
            what,
            within: Duration::from_secs(10),
        });
    let options = Options {
        time_scale,
        ..Options::default()
    };
    let bench = Bench::with(options, fetches.collect()).await;
    let mut stream = bench.msrp().await;
    stream
        .write_all(b"MSRP a1b2 SEND\r\nTo-Path: msrp://a:1/x;tcp\r\nFrom-Path: msrp://b:1/y;tcp\r\n-------a1b2$\r\n")
        .await
        .unwrap();
    bench
}

async fn outcome(bench: &Bench, number: u64) -> Fetched {
    let pick = |input| match input {
        Input::Fetched { id, outcome } if id == FetchId(number) => Some(outcome),
        _ => None,
    };
    bench.saw(pick).await
}

/// Answers every request on every connection with these octets; counts connections.
async fn server(answer: Vec<u8>) -> (String, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let seen = std::sync::Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut chunk = [0; 4096];
                while let Ok(1..) = stream.read(&mut chunk).await {
                    if stream.write_all(&answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (format!("http://{address}/services/doc"), count)
}

#[tokio::test]
async fn a_document_comes_with_its_type_and_a_status_alone() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 4\r\n\r\n<a/>";
    let (uri, _) = server(answer.to_vec()).await;
    let (gone, _) = server(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec()).await;
    let bench = ask(&[uri, gone], 1.0).await;
    let mut found = [None, None];
    for _ in 0..2 {
        let (id, outcome) = bench
            .saw(|input| match input {
                Input::Fetched { id, outcome } => Some((id, outcome)),
                _ => None,
            })
            .await;
        assert!(found[id.0 as usize].replace(outcome).is_none());
    }
    let document = Fetched::Document {
        content_type: "a/b".into(),
        body: b"<a/>".to_vec(),
    };
    assert_eq!(found, [Some(document), Some(Fetched::Status(404))]);
}

#[tokio::test]
async fn what_cannot_be_used_fails_with_its_reason() {
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(65_536)).repeat(17);
    let endless = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}");
    let headers = format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(20_000));
    for (answer, reason) in [
        (b"SIP/2.0 200 OK\r\n\r\n".to_vec(), "http"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n<".to_vec(),
            "longer",
        ),
        (endless.into_bytes(), "longer"),
        (headers.into_bytes(), "http"),
        (Vec::new(), "in time"),
    ] {
        let (uri, _) = server(answer).await;
        let bench = ask(&[uri], 10.0).await;
        match outcome(&bench, 0).await {
            Fetched::Failed(said) => assert!(said.contains(reason), "{said}"),
            other => panic!("{other:?}"),
        }
    }
    let refused = format!("http://{}/", ports::free());
    for uri in [
        refused,
        "ftp://a/".into(),
        "http://".into(),
        "no uri".into(),
    ] {
        let bench = ask(&[uri], 10.0).await;
        assert!(matches!(outcome(&bench, 0).await, Fetched::Failed(_)));
    }
}

#[tokio::test]
async fn connections_are_used_again_and_bounded() {
    let (uri, count) = server(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n".to_vec()).await;
    let bench = ask(&vec![uri; 400], 1.0).await;
    for _ in 0..400 {
        let outcome = bench.saw(|input| match input {
            Input::Fetched { outcome, .. } => Some(outcome),
            _ => None,
        });
        assert_eq!(outcome.await, Fetched::Status(404));
    }
    let connections = count.load(std::sync::atomic::Ordering::SeqCst);
    assert!(connections < 400, "{connections} connections");
}

#[tokio::test]
async fn a_put_carries_its_headers_and_its_body() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let put = Fetch {
        method: FetchMethod::Put,
        uri: format!("http://{address}/a/users/b/c"),
        headers: vec![("Content-Type", "a/b".into())],
        body: b"<a/>".to_vec(),
    };
    let bench = asking(vec![put], 1.0).await;
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut said = Vec::new();
    while !said.ends_with(b"<a/>") {
        let mut chunk = [0; 1024];
        let length = stream.read(&mut chunk).await.unwrap();
        assert!(length > 0, "the request ended early");
        said.extend_from_slice(&chunk[..length]);
    }
    let said = String::from_utf8(said).unwrap().to_ascii_lowercase();
    assert!(said.starts_with("put /a/users/b/c http/1.1\r\n"), "{said}");
    for header in ["content-type: a/b", "content-length: 4", "host: 127.0.0.1:"] {
        assert!(said.contains(&format!("\r\n{header}")), "{said}");
    }
    let created = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
    stream.write_all(created).await.unwrap();
    assert_eq!(outcome(&bench, 0).await, Fetched::Status(201));
}
