//! The order in which a client's lines are told: call by call, and in a call what races with its course apart.

use crate::Frame;
use serde_json::Value;

/// The course of a call: what its user does, and the events that the next step waits for.
const COURSE: usize = 0;
/// Events that race with the course, each kind in a row of its own.
const APART: [&str; 6] = [
    "modified",
    "ended",
    "participants",
    "text",
    "delivered",
    "notice",
];

/// What one line belongs to.
struct Line {
    /// The call it names; lines before all calls and behind all calls name none.
    call: Option<String>,
    /// The course, or the row of its kind.
    row: usize,
    ready: bool,
}

/// Sorts the lines of one client; the calls keep the order in which they were first spoken of.
pub(super) fn by_call(frames: &mut Vec<&Frame>) {
    let mut calls: Vec<String> = Vec::new();
    let mut placed: Vec<((usize, usize), &Frame)> = Vec::new();
    for frame in frames.drain(..) {
        let line = read(&frame.bytes);
        let place = match line.call {
            None if line.ready => 0,
            None => usize::MAX,
            Some(call) => match calls.iter().position(|known| *known == call) {
                Some(at) => at + 1,
                None => {
                    calls.push(call);
                    calls.len()
                }
            },
        };
        placed.push(((place, line.row), frame));
    }
    // Stable: what shares a row keeps its order.
    placed.sort_by_key(|(place, _)| *place);
    frames.extend(placed.into_iter().map(|(_, frame)| frame));
}

fn read(bytes: &[u8]) -> Line {
    let line: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let event = line["event"].as_str().unwrap_or_default();
    let apart = APART.iter().position(|kind| *kind == event);
    Line {
        call: line["call"].as_str().map(str::to_owned),
        row: apart.map_or(COURSE, |at| at + 1),
        ready: event == "ready",
    }
}
