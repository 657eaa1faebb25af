//! A capture made of a run file, `exchange.pcapng`: every frame in IP, UDP or TCP headers that are made up.

mod packets;

use std::borrow::Cow;
use std::io::{self, Write};
use std::time::Duration;

use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::{DataLink, Endianness};
use trace::run_file::{self, Scenario};
use trace::{Direction, Frame, Protocol, Verdict};

use packets::Packets;

/// Timestamps count units of 10^-9 s.
const NANOSECONDS: u8 = 9;
/// Bits of a packet's flags: into the tester, out of it.
const INBOUND: u32 = 1;
const OUTBOUND: u32 = 2;

/// Writes the capture: packets in the order of time, each with scenario, frame and what it costs as comments.
///
/// Addresses, ports, times and payload octets are as recorded; the rest of the headers is made up. What a client's
/// user does and sees crossed no wire and is left out.
pub fn render_pcapng(run: &run_file::Run, out: &mut impl Write) -> io::Result<()> {
    let mut writer =
        PcapNgWriter::with_section_header(out, section(run)).map_err(io::Error::other)?;
    writer
        .write_pcapng_block(interface())
        .map_err(io::Error::other)?;
    let mut packets = Packets::default();
    for (scenario, frame) in in_time(run) {
        let at = Duration::from_millis(run.started_ms) + Duration::from_micros(frame.at_us);
        let comments = comments(scenario, frame);
        for data in packets.of(frame)? {
            let block = EnhancedPacketBlock {
                interface_id: 0,
                timestamp: at,
                original_len: u32::try_from(data.len()).map_err(io::Error::other)?,
                data: data.into(),
                options: options(frame.direction, &comments),
            };
            writer.write_pcapng_block(block).map_err(io::Error::other)?;
        }
    }
    writer.into_inner().flush()
}

fn in_time(run: &run_file::Run) -> Vec<(&Scenario, &Frame)> {
    let mut frames = Vec::new();
    for scenario in &run.scenarios {
        frames.extend(
            scenario
                .exchange
                .frames
                .iter()
                .map(|frame| (scenario, frame)),
        );
    }
    frames.retain(|(_, frame): &(&Scenario, &Frame)| frame.protocol != Protocol::User);
    frames.sort_by_key(|(_, frame)| frame.at_us);
    frames
}

fn section(run: &run_file::Run) -> SectionHeaderBlock<'static> {
    let comment = format!(
        "{}, judged by {}. Made of run.jsonl: payloads, addresses and times are as recorded, other header fields are made up.",
        run.subject, run.edition
    );
    SectionHeaderBlock {
        endianness: Endianness::Little,
        options: vec![
            SectionHeaderOption::UserApplication("shall".into()),
            SectionHeaderOption::Comment(comment.into()),
        ],
        ..SectionHeaderBlock::default()
    }
}

fn interface() -> InterfaceDescriptionBlock<'static> {
    InterfaceDescriptionBlock {
        linktype: DataLink::RAW,
        snaplen: 0,
        options: vec![
            InterfaceDescriptionOption::IfName("shall".into()),
            InterfaceDescriptionOption::IfTsResol(NANOSECONDS),
        ],
    }
}

/// Where a frame stands, and the clauses that it does not keep.
fn comments(scenario: &Scenario, frame: &Frame) -> Vec<String> {
    let place = format!(
        "scenario {}: {} ({}); frame {}; {} {}; {}:{}",
        scenario.id,
        scenario.name,
        scenario.transport,
        frame.index,
        match frame.direction {
            Direction::Sent => "sent by",
            Direction::Received => "received by",
        },
        frame.chair,
        scenario.feature,
        scenario.line,
    );
    let mut all = vec![place];
    for judgement in &scenario.judgements {
        let broken = matches!(judgement.verdict, Verdict::Fail | Verdict::Warning);
        let evidence = judgement.finding.evidence.iter();
        for evidence in evidence.filter(|e| broken && e.frame == frame.index) {
            let (from, to) = evidence.octets;
            all.push(format!(
                "{} {}: octets {from} to {to} of the message",
                judgement.verdict.word(),
                judgement.clause
            ));
        }
    }
    all
}

fn options(direction: Direction, comments: &[String]) -> Vec<EnhancedPacketOption<'_>> {
    let flags = match direction {
        Direction::Received => INBOUND,
        Direction::Sent => OUTBOUND,
    };
    let comments = comments.iter().map(|text| Cow::Borrowed(text.as_str()));
    let mut options: Vec<_> = comments.map(EnhancedPacketOption::Comment).collect();
    options.push(EnhancedPacketOption::Flags(flags));
    options
}
