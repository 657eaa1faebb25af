//! An exchange as text that is the same in every run: volatile values named in order of first sight.

mod kind;
mod ladder;
mod lines;
mod marks;
mod order;
mod table;
mod text;

use std::net::IpAddr;

use crate::{Direction, Exchange, Frame, Protocol, visible};
use kind::Kind;
pub use ladder::{Act, Arrow, ladder};
use marks::{Mark, Places};
use table::Table;

/// Names of one scenario and what the text shows instead, such as `alice.17` and `<alice>`.
#[derive(Clone, Debug, Default)]
pub struct Names(pub Vec<(String, String)>);

/// Renders an exchange so that equal behaviour gives equal text.
///
/// One wire line is one line of text with its line end shown. Identifiers, addresses, ports and dates
/// are replaced: equal values stay equal, different ones stay different. UDP and TCP give the same
/// text (`transport=` parameters are left out); retransmissions appear once; 100 (Trying), which depends on time alone, is left out.
/// Of a document longer than 16 KiB only the beginning is shown.
/// Conversations follow each other by chair (alice, bob, carol, core, others), and inside a conversation a
/// transaction is kept together, and what a client tells its user is told call by call, so that the text does not depend on which chair was quicker.
pub fn normalise(exchange: &Exchange, names: &Names) -> String {
    let conversations = order::conversations(exchange);
    let mut table = Table::new(names, addresses(exchange));
    // The first round learns values and their order, the second knows all of them everywhere.
    for frame in conversations
        .iter()
        .flat_map(|conversation| &conversation.frames)
    {
        render(frame, &mut table);
    }
    let mut text = String::new();
    for conversation in &conversations {
        text.push_str(&format!(
            "# {} {}\n",
            conversation.chair, conversation.protocol
        ));
        for frame in &conversation.frames {
            let way = match frame.direction {
                Direction::Sent => format!("{} -> subject", frame.chair),
                Direction::Received => format!("subject -> {}", frame.chair),
            };
            text.push_str(&format!("\n## {way}\n{}", render(frame, &mut table)));
        }
        text.push('\n');
    }
    text
}

fn addresses(exchange: &Exchange) -> Places {
    let mut places = Places::default();
    for frame in &exchange.frames {
        for address in [frame.local, frame.remote] {
            let host = match address.ip() {
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => ip.to_string(),
            };
            if !places.hosts.contains(&host) {
                places.hosts.push(host);
            }
            let port = match frame.protocol {
                Protocol::Sip => true,
                Protocol::Msrp => false,
                // Where the client said that it hears SIP.
                Protocol::User => address == frame.remote,
                // The other end has a port of the moment, which no message names.
                Protocol::Http => address == frame.local,
            };
            if port && !places.ports.contains(&address.port()) {
                places.ports.push(address.port());
            }
        }
    }
    places
}

/// One message, a text line for each of its lines.
fn render(frame: &Frame, table: &mut Table) -> String {
    let bytes = &frame.bytes;
    if bytes.is_empty() {
        return "(closes the connection)\n".to_owned();
    }
    let body = marks::body_start(frame);
    let mut marks = marks::find(frame, &table.places);
    for mark in &marks {
        table.learn(mark, bytes);
    }
    table.add_known(bytes, &mut marks);
    let volatile = marks
        .iter()
        .any(|mark| mark.span.start >= body && mark.kind != Kind::Length);
    table.note_length(frame, volatile);
    let volatile = volatile || table.length_is_volatile(frame);
    marks.retain(|mark| volatile || mark.kind != Kind::Length);
    let mut text = String::new();
    let shown = match frame.protocol {
        Protocol::Http => bytes.len().min(body + DOCUMENT),
        Protocol::Sip | Protocol::Msrp | Protocol::User => bytes.len(),
    };
    for line in visible::lines(&bytes[..shown]) {
        let mut at = line.start;
        for mark in marks.iter().filter(|mark| line.contains(&mark.span.start)) {
            visible::show(&bytes[at..mark.span.start], &mut text);
            text.push_str(&table.shown(mark, bytes));
            at = mark.span.end;
        }
        visible::show(&bytes[at.min(line.end)..line.end], &mut text);
        text.push('\n');
    }
    if shown < bytes.len() {
        text.push_str(&format!("… {} octets more\n", bytes.len() - shown));
    }
    text
}

/// Octets of a document that are shown.
const DOCUMENT: usize = 16 * 1024;

/// Adds a mark unless it touches one that is there; marks stay sorted by place.
fn insert(marks: &mut Vec<Mark>, mark: Mark) {
    if mark.span.is_empty() {
        return;
    }
    let at = marks.partition_point(|other| other.span.start < mark.span.start);
    let free_before = at == 0 || marks[at - 1].span.end <= mark.span.start;
    let free_after = marks
        .get(at)
        .is_none_or(|next| mark.span.end <= next.span.start);
    if free_before && free_after {
        marks.insert(at, mark);
    }
}

#[cfg(test)]
mod tests;
