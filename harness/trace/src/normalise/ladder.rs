//! A call flow between many parties as text that is the same in every run: the arrows first, then every message.

use std::fmt::Write as _;

use super::table::Table;
use super::{Names, addresses, render};
use crate::{Exchange, Frame};

/// One message from one party to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// Who sent it.
    pub from: String,
    /// Who received it.
    pub to: String,
    /// The message; of HTTP, `local` is the server's end.
    pub frame: Frame,
}

/// Something that happens, and the messages that it makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What happens.
    pub title: String,
    /// Its messages, in the order in which they are to be told.
    pub arrows: Vec<Arrow>,
}

/// Renders acts: a lane a party, from left to right as named; an arrow a message; behind the arrows each message
/// whole, with volatile values replaced as [`super::normalise`] does.
pub fn ladder(parties: &[&str], acts: &[Act], names: &Names) -> String {
    let arrows = || acts.iter().flat_map(|act| &act.arrows);
    let exchange = Exchange {
        frames: arrows().map(|arrow| arrow.frame.clone()).collect(),
    };
    let mut table = Table::new(names, addresses(&exchange));
    // The first round learns values and their order, the second knows all of them everywhere.
    for frame in &exchange.frames {
        render(frame, &mut table);
    }
    let messages: Vec<String> = arrows()
        .map(|arrow| render(&arrow.frame, &mut table))
        .collect();
    let mut lanes = String::from("     ");
    for party in parties {
        let _ = write!(lanes, "{party:<WIDTH$}");
    }
    let mut text = String::new();
    let mut numbered = messages.iter().enumerate();
    for act in acts {
        let _ = writeln!(text, "# {}\n\n{}", act.title, lanes.trim_end());
        for (arrow, (at, message)) in act.arrows.iter().zip(&mut numbered) {
            let first = message.lines().next().unwrap_or_default();
            let first = first.trim_end_matches(['␍', '␊']);
            let drawn = drawn(parties, arrow);
            let _ = writeln!(text, "{:>4} {drawn}  {first}", at + 1);
        }
        text.push('\n');
    }
    for (at, (arrow, message)) in arrows().zip(&messages).enumerate() {
        let Arrow { from, to, .. } = arrow;
        let _ = write!(text, "## {} {from} -> {to}\n{message}\n", at + 1);
    }
    text
}

/// The lanes of one line, with the arrow across them.
fn drawn(parties: &[&str], arrow: &Arrow) -> String {
    let place = |name: &str| parties.iter().position(|party| *party == name);
    let (Some(from), Some(to)) = (place(&arrow.from), place(&arrow.to)) else {
        return format!("{} -> {}", arrow.from, arrow.to);
    };
    let (left, right) = (from.min(to) * WIDTH, from.max(to) * WIDTH);
    let head = match from < to {
        true => (right.saturating_sub(1), '>'),
        false => (left + 1, '<'),
    };
    let letter = |at: usize| match at {
        at if at == head.0 => head.1,
        at if at > left && at < right => '-',
        at if at.is_multiple_of(WIDTH) => '|',
        _ => ' ',
    };
    (0..=parties.len().saturating_sub(1) * WIDTH)
        .map(letter)
        .collect()
}

/// Columns from lane to lane.
const WIDTH: usize = 14;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Direction, Protocol};

    fn arrow(from: &str, to: &str, call: &str, text: &str) -> Arrow {
        let head = format!("{text}\r\nCall-ID: {call}\r\n\r\n");
        Arrow {
            from: from.into(),
            to: to.into(),
            frame: Frame {
                index: 0,
                at_us: 0,
                direction: Direction::Sent,
                chair: from.into(),
                protocol: Protocol::Sip,
                transport: "tcp".into(),
                local: ([127, 0, 0, 1], 5061).into(),
                remote: ([127, 0, 0, 1], 5062).into(),
                bytes: head.into_bytes(),
            },
        }
    }

    #[test]
    fn arrows_come_first_and_equal_values_stay_equal() {
        let act = Act {
            title: "alice calls".into(),
            arrows: vec![
                arrow(
                    "alice",
                    "core",
                    "x1y2@h",
                    "BYE sip:bob@127.0.0.1:5062 SIP/2.0",
                ),
                arrow(
                    "core",
                    "bob",
                    "x1y2@h",
                    "BYE sip:bob@127.0.0.1:5062 SIP/2.0",
                ),
                arrow("bob", "alice", "z3@h", "SIP/2.0 200 OK"),
            ],
        };
        let text = ladder(&["alice", "core", "bob"], &[act], &Names::default());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[..6],
            [
                "# alice calls",
                "",
                "     alice         core          bob",
                "   1 |------------>|             |  BYE sip:bob@<host 1>:<port 1> SIP/2.0",
                "   2 |             |------------>|  BYE sip:bob@<host 1>:<port 1> SIP/2.0",
                "   3 |<--------------------------|  SIP/2.0 200 OK",
            ]
        );
        assert_eq!(text.matches("Call-ID: <call-id 1>␍␊").count(), 2);
        assert_eq!(text.matches("Call-ID: <call-id 2>␍␊").count(), 1);
        assert!(
            text.contains("## 3 bob -> alice\nSIP/2.0 200 OK␍␊\n"),
            "{text}"
        );
    }
}
