//! Where everything of a ladder stands: one layout, for the SVG file and for the page that draws it itself.

use super::{Arrow, Ladder};
use serde::Serialize;

/// Distances in CSS pixels.
const LEFT: usize = 76;
const MARGIN: usize = 50;
const HEAD: usize = 44;
const ROW: usize = 34;
/// Width of a letter of a label.
const LETTER: usize = 7;

/// Shapes, and the size they need.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Drawing {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Names and life lines.
    pub(crate) lanes: Vec<Shape>,
    /// One group a message.
    pub(crate) arrows: Vec<Group>,
}

/// The shapes of one message.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Group {
    pub(crate) frame: usize,
    pub(crate) protocol: &'static str,
    /// The whole message in words, for those who do not see the arrow.
    pub(crate) title: String,
    pub(crate) shapes: Vec<Shape>,
}

/// An element of SVG; the names are those of SVG.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "tag", rename_all = "lowercase")]
pub(crate) enum Shape {
    Line {
        x1: usize,
        y1: usize,
        x2: usize,
        y2: usize,
        class: &'static str,
    },
    Polygon {
        points: String,
        class: &'static str,
    },
    Rect {
        x: usize,
        y: usize,
        width: usize,
        height: usize,
        class: &'static str,
    },
    Text {
        x: usize,
        y: usize,
        class: &'static str,
        text: String,
    },
}

impl Drawing {
    pub(crate) fn of(ladder: &Ladder) -> Self {
        let place = Lanes::of(ladder.lanes.len());
        let height = HEAD + ROW * ladder.arrows.len() + ROW / 2;
        let lane = |(number, name): (usize, &String)| {
            let line = Shape::Line {
                x1: place.x(number),
                y1: HEAD - 12,
                x2: place.x(number),
                y2: height,
                class: "life",
            };
            let class = if name == super::SUBJECT {
                "party subject"
            } else {
                "party"
            };
            let text = name.clone();
            [
                line,
                Shape::Text {
                    x: place.x(number),
                    y: HEAD - 20,
                    class,
                    text,
                },
            ]
        };
        let arrows = ladder.arrows.iter().enumerate();
        Self {
            width: place.width,
            height,
            lanes: ladder.lanes.iter().enumerate().flat_map(lane).collect(),
            arrows: arrows
                .map(|(row, arrow)| group(ladder, arrow, row, &place))
                .collect(),
        }
    }
}

/// Where the lanes stand.
struct Lanes {
    apart: usize,
    width: usize,
}

impl Lanes {
    /// Few lanes stand wide apart, many as near as their labels allow.
    fn of(count: usize) -> Self {
        let gaps = count.max(2) - 1;
        let apart = (620 / gaps).max(230);
        let width = LEFT + MARGIN + apart * gaps + MARGIN;
        Self { apart, width }
    }

    /// Middle of a lane.
    fn x(&self, lane: usize) -> usize {
        LEFT + MARGIN + self.apart * lane
    }
}

fn group(ladder: &Ladder, arrow: &Arrow, row: usize, lanes: &Lanes) -> Group {
    let (from, to) = (lanes.x(arrow.from), lanes.x(arrow.to));
    let y = HEAD + ROW * (row + 1) - 8;
    let (tip, back) = if to > from {
        (to, to - 9)
    } else {
        (to, to + 9)
    };
    let class = "time";
    let time = Shape::Text {
        x: LEFT - 12,
        y: y + 4,
        class,
        text: time(arrow.after_us),
    };
    let points = format!("{tip},{y} {back},{} {back},{}", y - 4, y + 4);
    let room = from.abs_diff(to) / LETTER;
    let text = fitting(arrow, room);
    let shapes = vec![
        Shape::Rect {
            x: 2,
            y: y - ROW + 10,
            width: lanes.width - 4,
            height: ROW,
            class: "row",
        },
        time,
        Shape::Line {
            x1: from,
            y1: y,
            x2: to,
            y2: y,
            class: "arrow",
        },
        Shape::Polygon {
            points,
            class: "tip",
        },
        Shape::Text {
            x: usize::midpoint(from, to),
            y: y - 6,
            class: "label",
            text,
        },
    ];
    let body = if arrow.body.is_empty() {
        String::new()
    } else {
        format!(", {}", arrow.body)
    };
    let title = format!(
        "{} to {}: {}{body}",
        ladder.lanes[arrow.from], ladder.lanes[arrow.to], arrow.label
    );
    Group {
        frame: arrow.frame,
        protocol: arrow.protocol,
        title,
        shapes,
    }
}

/// The label and, if there is room for it, what the body is.
fn fitting(arrow: &Arrow, room: usize) -> String {
    let kind = arrow.body.rsplit('/').next().unwrap_or_default();
    let whole = format!("{} · {kind}", arrow.label);
    if !kind.is_empty() && whole.chars().count() <= room {
        whole
    } else if arrow.label.chars().count() <= room {
        arrow.label.clone()
    } else {
        let short: String = arrow.label.chars().take(room.saturating_sub(1)).collect();
        format!("{short}…")
    }
}

/// Milliseconds, or seconds once there are many.
fn time(after_us: u64) -> String {
    match after_us {
        0..10_000_000 => format!("{}.{} ms", after_us / 1000, after_us / 100 % 10),
        _ => format!("{}.{} s", after_us / 1_000_000, after_us / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        let shown: Vec<String> = [0, 1_250, 9_999_999, 12_340_000].map(time).to_vec();
        assert_eq!(shown, ["0.0 ms", "1.2 ms", "9999.9 ms", "12.3 s"]);
    }

    #[test]
    fn labels_keep_to_their_room() {
        let mut arrow = Arrow {
            frame: 0,
            after_us: 0,
            from: 0,
            to: 1,
            protocol: "sip",
            label: "INVITE sip:ä@x".to_owned(),
            body: "application/sdp".to_owned(),
        };
        assert_eq!(fitting(&arrow, 30), "INVITE sip:ä@x · sdp");
        assert_eq!(fitting(&arrow, 14), "INVITE sip:ä@x");
        assert_eq!(fitting(&arrow, 13), "INVITE sip:ä…");
        arrow.body.clear();
        assert_eq!(fitting(&arrow, 30), "INVITE sip:ä@x");
    }
}
