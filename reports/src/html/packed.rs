//! The exchanges as they lie in the page: what was said about each, then its octets, deflated, in base64.
//!
//! Unpacked, a scenario is the length of its JSON (four octets, most significant first), the JSON, and
//! the octets of its frames one after the other.

use crate::ladder::{Drawing, Ladder};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use flate2::{Compression, write::DeflateEncoder};
use maud::{Markup, html};
use serde::Serialize;
use std::io::{self, Write as _};
use trace::run_file::{Run, Scenario};
use trace::{Frame, Judgement};

/// Octets of one frame that the page carries; `run.jsonl` has them all.
const LARGEST: usize = 64 << 10;

#[derive(Serialize)]
struct Packed<'a> {
    name: &'a str,
    feature: &'a str,
    line: usize,
    transport: &'a str,
    /// Why it went no further.
    trouble: Vec<&'a str>,
    steps: &'a [(usize, String)],
    judgements: Vec<Judged<'a>>,
    frames: Vec<Message>,
    drawing: Drawing,
}

#[derive(Serialize)]
struct Judged<'a> {
    clause: &'a str,
    line: usize,
    verdict: &'static str,
    expected: &'a str,
    found: &'a str,
    reason: &'a str,
    /// Frame, first octet, and the octet after the last.
    evidence: Vec<(usize, usize, usize)>,
}

#[derive(Serialize)]
struct Message {
    index: usize,
    /// Who sent it to whom.
    title: String,
    /// Octets of it that follow.
    length: usize,
    /// Octets of it that were recorded.
    whole: usize,
}

/// One element a scenario; data to the browser, nothing that it runs or shows.
pub(super) fn elements(run: &Run) -> io::Result<Markup> {
    let mut packed = Vec::new();
    for scenario in &run.scenarios {
        packed.push((scenario.id, BASE64_STANDARD.encode(deflated(scenario)?)));
    }
    Ok(html! {
        @for (id, text) in &packed {
            script type="application/octet-stream" id={ "scenario-" (id) } { (text) }
        }
    })
}

fn deflated(scenario: &Scenario) -> io::Result<Vec<u8>> {
    let text = serde_json::to_vec(&described(scenario))?;
    let length = u32::try_from(text.len()).map_err(io::Error::other)?;
    let mut sink = DeflateEncoder::new(Vec::new(), Compression::new(4));
    sink.write_all(&length.to_be_bytes())?;
    sink.write_all(&text)?;
    for frame in &scenario.exchange.frames {
        sink.write_all(&frame.bytes[..frame.bytes.len().min(LARGEST)])?;
    }
    sink.finish()
}

fn described(scenario: &Scenario) -> Packed<'_> {
    let ladder = Ladder::of(scenario);
    let frames = scenario.exchange.frames.iter().zip(&ladder.arrows);
    let message = |(frame, arrow): (&Frame, &crate::Arrow)| Message {
        index: frame.index,
        title: format!(
            "{} → {}: {}",
            ladder.lanes[arrow.from], ladder.lanes[arrow.to], arrow.label
        ),
        length: frame.bytes.len().min(LARGEST),
        whole: frame.bytes.len(),
    };
    let staging = &scenario.staging;
    let trouble = [&staging.fault, &staging.blocked, &staging.unable];
    Packed {
        name: &scenario.name,
        feature: &scenario.feature,
        line: scenario.line,
        transport: &scenario.transport,
        trouble: trouble.into_iter().filter_map(Option::as_deref).collect(),
        steps: &staging.steps,
        judgements: scenario.judgements.iter().map(judged).collect(),
        frames: frames.map(message).collect(),
        drawing: Drawing::of(&ladder),
    }
}

fn judged(judgement: &Judgement) -> Judged<'_> {
    let finding = &judgement.finding;
    let places = finding.evidence.iter();
    Judged {
        clause: &judgement.clause,
        line: judgement.line,
        verdict: judgement.verdict.word(),
        expected: &finding.expected,
        found: &finding.found,
        reason: &judgement.reason,
        evidence: places
            .map(|place| (place.frame, place.octets.0, place.octets.1))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::DeflateDecoder;
    use std::io::Read as _;
    use trace::{Direction, Exchange, Protocol};

    fn frame(index: usize, bytes: Vec<u8>) -> Frame {
        Frame {
            index,
            at_us: 0,
            direction: Direction::Sent,
            chair: "alice".to_owned(),
            protocol: Protocol::Msrp,
            transport: "tcp".to_owned(),
            local: ([127, 0, 0, 1], 1).into(),
            remote: ([127, 0, 0, 1], 2).into(),
            bytes,
        }
    }

    #[test]
    fn octets_stand_behind_their_description_as_they_were() {
        let frames = vec![
            frame(0, b"\x00\xff</script>\r\n".to_vec()),
            frame(1, vec![7; LARGEST + 1]),
        ];
        let exchange = Exchange { frames };
        let scenario = Scenario {
            name: "x".to_owned(),
            exchange,
            ..Scenario::default()
        };
        let mut octets = Vec::new();
        let packed = deflated(&scenario).expect("a buffer takes all");
        DeflateDecoder::new(packed.as_slice())
            .read_to_end(&mut octets)
            .expect("it was deflated");
        let (length, rest) = octets.split_at(4);
        let length = u32::from_be_bytes(length.try_into().expect("four octets")) as usize;
        let told: serde_json::Value = serde_json::from_slice(&rest[..length]).expect("JSON");
        assert_eq!(told["frames"][0]["length"], 13);
        assert_eq!(told["frames"][1]["whole"], LARGEST + 1);
        assert_eq!(&rest[length..length + 13], b"\x00\xff</script>\r\n");
        assert_eq!(rest.len(), length + 13 + LARGEST);
    }
}
