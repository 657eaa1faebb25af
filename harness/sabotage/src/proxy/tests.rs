//! The proxy between two sockets: what matches is changed, everything else passes as it is.

use super::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const REQUEST: &[u8] = b"INVITE sip:a@x SIP/2.0\r\nServer: s\r\nContent-Length: 2\r\n\r\nhi";
const ANSWER: &[u8] = b"SIP/2.0 200 OK\r\nServer: s\r\nContent-Length: 0\r\n\r\n";
const CHANGED: &[u8] = b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n";

fn mutation() -> Mutation {
    let text = "- { name: n, clause: c, direction: from_subject, match: { response: 200 }, do: [{ remove: Server }] }";
    Mutation::parse("t.yaml", text).unwrap().remove(0)
}

fn any() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

#[tokio::test]
async fn datagrams_find_their_way_and_back() {
    let subject = UdpSocket::bind(any()).await.unwrap();
    let side = Side {
        listen: any(),
        target: subject.local_addr().unwrap(),
    };
    let proxy = Proxy::start(side, None, mutation()).await.unwrap();
    let testers = [
        UdpSocket::bind(any()).await.unwrap(),
        UdpSocket::bind(any()).await.unwrap(),
    ];
    let mut buffer = [0; 200];
    for tester in &testers {
        tester.send_to(REQUEST, proxy.tester_side).await.unwrap();
        let (length, from) = subject.recv_from(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], REQUEST);
        subject.send_to(ANSWER, from).await.unwrap();
        let length = tester.recv(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], CHANGED);
    }
}

#[tokio::test]
async fn requests_of_the_subject_pass_by_the_side_of_its_core() {
    let core = UdpSocket::bind(any()).await.unwrap();
    let subject = UdpSocket::bind(any()).await.unwrap();
    let tester_side = Side {
        listen: any(),
        target: subject.local_addr().unwrap(),
    };
    let core_side = Side {
        listen: any(),
        target: core.local_addr().unwrap(),
    };
    let proxy = Proxy::start(tester_side, Some(core_side), mutation())
        .await
        .unwrap();
    subject
        .send_to(ANSWER, proxy.subject_side.unwrap())
        .await
        .unwrap();
    let mut buffer = [0; 200];
    let (length, from) = core.recv_from(&mut buffer).await.unwrap();
    assert_eq!(&buffer[..length], CHANGED);
    core.send_to(ANSWER, from).await.unwrap();
    let length = subject.recv(&mut buffer).await.unwrap();
    assert_eq!(
        &buffer[..length],
        ANSWER,
        "toward the subject the mutation says nothing"
    );
}

#[tokio::test]
async fn streams_are_cut_into_messages_wherever_they_are_split() {
    let subject = TcpListener::bind(any()).await.unwrap();
    let side = Side {
        listen: any(),
        target: subject.local_addr().unwrap(),
    };
    let proxy = Proxy::start(side, None, mutation()).await.unwrap();
    let mut tester = TcpStream::connect(proxy.tester_side).await.unwrap();
    let (mut far, _) = subject.accept().await.unwrap();
    tester
        .write_all(&[REQUEST, REQUEST].concat())
        .await
        .unwrap();
    let mut buffer = vec![0; REQUEST.len() * 2];
    far.read_exact(&mut buffer).await.unwrap();
    assert_eq!(buffer, [REQUEST, REQUEST].concat());
    for byte in [b"\r\n\r\n", ANSWER].concat() {
        far.write_all(&[byte]).await.unwrap();
        far.flush().await.unwrap();
    }
    far.write_all(b"SIP/2.0 200 half").await.unwrap();
    drop(far);
    let mut all = Vec::new();
    tester.read_to_end(&mut all).await.unwrap();
    assert_eq!(
        String::from_utf8(all).unwrap(),
        String::from_utf8([b"\r\n\r\n", CHANGED, b"SIP/2.0 200 half"].concat()).unwrap()
    );
}

#[tokio::test]
async fn a_taken_address_and_a_closed_target_are_told() {
    let taken = TcpListener::bind(any()).await.unwrap();
    let listen = taken.local_addr().unwrap();
    let error = Proxy::start(
        Side {
            listen,
            target: any(),
        },
        None,
        mutation(),
    )
    .await
    .unwrap_err();
    assert!(error.to_string().contains(&listen.to_string()), "{error}");
    drop(taken);
    let proxy = Proxy::start(
        Side {
            listen: any(),
            target: listen,
        },
        None,
        mutation(),
    )
    .await
    .unwrap();
    let mut tester = TcpStream::connect(proxy.tester_side).await.unwrap();
    assert_eq!(tester.read(&mut [0; 8]).await.unwrap(), 0);
}
