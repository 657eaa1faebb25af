//! Opens 10,000 connections to a driver in this process and prints time and memory: `cargo run -p shall-net --example crowd`.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Instant;

use machines::port::{Input, Local, Node, Output};
use wire::sip::Message;

struct Echo;

impl Node for Echo {
    fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        match input {
            Input::Sip { flow, message } => {
                out.push(Output::Sip {
                    flow,
                    bytes: Message::response(&message, 200, "OK").to_bytes(),
                });
            }
            Input::Shutdown => out.push(Output::Done),
            _ => {}
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().collect();
    if let [_, address, count] = words.as_slice() {
        return crowd(address.parse()?, count.parse()?);
    }
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let options = net::Options {
        sip: any,
        msrp: any,
        ..net::Options::default()
    };
    let handle = net::serve(
        options,
        |_: &Local| vec![Box::new(Echo) as Box<dyn Node>],
        |_, _| 0,
    )
    .await?;
    println!("before: {}", resident());
    let start = Instant::now();
    // The other ends live in a process of their own: one process may not own enough descriptors for both.
    let mut child = Command::new(&words[0])
        .args([&handle.local.sip.to_string(), "10000"])
        .spawn()?;
    let ended = tokio::task::spawn_blocking(move || child.wait()).await??;
    println!(
        "after: {}, {:?}, {:?}",
        resident(),
        start.elapsed(),
        handle.counts()
    );
    handle.shutdown().await;
    if ended.success() {
        Ok(())
    } else {
        Err("the crowd was not served".into())
    }
}

/// Opens all, then asks once on each.
fn crowd(address: SocketAddr, count: usize) -> Result<(), Box<dyn std::error::Error>> {
    let mut streams = Vec::new();
    for _ in 0..count {
        streams.push(TcpStream::connect(address)?);
    }
    for (number, stream) in streams.iter_mut().enumerate() {
        let request = Message::request("OPTIONS", "sip:im@example.com")
            .with(
                "Via",
                format!("SIP/2.0/TCP {address};branch=z9hG4bK{number}"),
            )
            .with("Max-Forwards", "70")
            .with("From", "<sip:alice@example.com>;tag=1")
            .with("To", "<sip:im@example.com>")
            .with("Call-ID", number.to_string())
            .with("CSeq", "1 OPTIONS");
        stream.write_all(&request.to_bytes())?;
        let mut start = [0; 12];
        stream.read_exact(&mut start)?;
        if start != *b"SIP/2.0 200 " {
            return Err("another answer than 200".into());
        }
    }
    println!("{count} connections answered");
    Ok(())
}

fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"))
        .collect::<Vec<_>>()
        .join(" ")
}
