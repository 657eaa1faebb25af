//! The exchange of one scenario as a ladder: a lane a party, an arrow a message.

mod drawing;
mod label;
mod mermaid;
mod svg;

use trace::Direction;
use trace::run_file::Scenario;

pub(crate) use drawing::Drawing;
pub use mermaid::render_ladder_mermaid;
pub(crate) use svg::STYLE;
pub use svg::render_ladder_svg;

/// Name of the lane that is not the tester's.
const SUBJECT: &str = "subject";

/// Who spoke with whom, in recorded order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// Title of the scenario and its transport.
    pub title: String,
    /// Names of the parties from left to right.
    pub lanes: Vec<String>,
    /// The messages.
    pub arrows: Vec<Arrow>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// Index of its frame in the exchange.
    pub frame: usize,
    /// Microseconds since the first message of the scenario.
    pub after_us: u64,
    /// Lane of the sender, from 0.
    pub from: usize,
    /// Lane of the receiver, from 0.
    pub to: usize,
    /// `sip`, `msrp`, `http` or `user`.
    pub protocol: &'static str,
    /// What the start line says.
    pub label: String,
    /// Media type of the body; empty without one.
    pub body: String,
}

impl Ladder {
    /// The ladder of a recorded scenario.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let frames = &scenario.exchange.frames;
        let lanes = lanes(frames.iter().map(|frame| frame.chair.as_str()));
        let lane = |name: &str| lanes.iter().position(|lane| lane == name).unwrap_or(0);
        let begun = frames.iter().map(|frame| frame.at_us).min().unwrap_or(0);
        let arrow = |frame: &trace::Frame| {
            let (chair, subject) = (lane(&frame.chair), lane(SUBJECT));
            let (from, to) = match frame.direction {
                Direction::Sent => (chair, subject),
                Direction::Received => (subject, chair),
            };
            Arrow {
                frame: frame.index,
                after_us: frame.at_us - begun,
                from,
                to,
                protocol: label::protocol(frame.protocol),
                label: label::label(frame),
                body: label::body(frame),
            }
        };
        Self {
            title: format!("{} ({})", scenario.name, scenario.transport),
            arrows: frames.iter().map(arrow).collect(),
            lanes,
        }
    }
}

/// The user of a client, or else whoever came first, stands left of the subject; the others stand right of it.
fn lanes<'a>(chairs: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut lanes: Vec<&str> = Vec::new();
    for chair in chairs {
        if !lanes.contains(&chair) {
            lanes.push(chair);
        }
    }
    // Sorting keeps the order of those that are alike.
    lanes.sort_by_key(|chair| match *chair {
        "user" => 0,
        "xdms" => 2,
        _ => 1,
    });
    let left = lanes.len().min(1);
    lanes.insert(left, SUBJECT);
    lanes.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_stands_left_and_the_store_right() {
        let order = |chairs: &[&str]| lanes(chairs.iter().copied()).join(" ");
        assert_eq!(
            order(&["alice", "xdms", "bob", "alice"]),
            "alice subject bob xdms"
        );
        assert_eq!(order(&["server", "user"]), "user subject server");
        assert_eq!(order(&[]), "subject");
    }
}
