//! Frames as IP packets: a datagram each over UDP, segments of a connection that is consistent in itself over TCP.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};

use etherparse::{IpHeaders, PacketBuilder, PacketBuilderStep, TcpHeader};
use trace::{Direction, Frame};

/// Payload octets of one packet; with its headers it stays below the 65,535 of an IP packet.
const MOST: usize = 65_000;
const HOPS: u8 = 64;
const WINDOW: u16 = u16::MAX;
/// From the first sequence number of a connection to that of the next, so that none is taken for an older one.
const APART: u32 = 0x0100_0000;

/// Makes packets, and knows where each TCP connection stands.
#[derive(Default)]
pub(super) struct Packets {
    /// The next sequence number of an end towards another.
    next: BTreeMap<(SocketAddr, SocketAddr), u32>,
    /// How many connections were begun.
    begun: u32,
}

impl Packets {
    /// The packets of one frame: with a SYN from either side where a connection begins.
    pub(super) fn of(&mut self, frame: &Frame) -> io::Result<Vec<Vec<u8>>> {
        let (from, to) = match frame.direction {
            Direction::Sent => (frame.local, frame.remote),
            Direction::Received => (frame.remote, frame.local),
        };
        if frame.transport == "udp" {
            let datagram = |payload: &[u8]| udp(from, to, payload);
            return frame.bytes.chunks(MOST).map(datagram).collect();
        }
        let mut packets = Vec::new();
        if !self.next.contains_key(&(from, to)) {
            packets.extend(self.begin(from, to)?);
        }
        for payload in frame.bytes.chunks(MOST) {
            packets.push(self.segment(from, to, payload, TcpStep::psh)?);
        }
        if frame.bytes.is_empty() {
            packets.push(self.segment(from, to, &[], TcpStep::fin)?);
            self.next.remove(&(from, to));
            self.next.remove(&(to, from));
        }
        Ok(packets)
    }

    fn begin(&mut self, from: SocketAddr, to: SocketAddr) -> io::Result<[Vec<u8>; 2]> {
        let first = self.begun.wrapping_mul(APART);
        self.begun = self.begun.wrapping_add(1);
        let after = first.wrapping_add(1);
        self.next.insert((from, to), after);
        self.next.insert((to, from), after);
        let syn = tcp(from, to, first).syn();
        let answer = tcp(to, from, first).syn().ack(after);
        Ok([written(syn, &[])?, written(answer, &[])?])
    }

    fn segment(
        &mut self,
        from: SocketAddr,
        to: SocketAddr,
        payload: &[u8],
        flag: fn(TcpStep) -> TcpStep,
    ) -> io::Result<Vec<u8>> {
        let heard = self.next.get(&(to, from)).copied().unwrap_or_default();
        let next = self.next.entry((from, to)).or_default();
        let step = flag(tcp(from, to, *next)).ack(heard);
        let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
        *next = next.wrapping_add(length);
        written(step, payload)
    }
}

type TcpStep = PacketBuilderStep<TcpHeader>;

fn tcp(from: SocketAddr, to: SocketAddr, sequence: u32) -> TcpStep {
    ip(from.ip(), to.ip()).tcp(from.port(), to.port(), sequence, WINDOW)
}

fn written(step: TcpStep, payload: &[u8]) -> io::Result<Vec<u8>> {
    let mut packet = Vec::with_capacity(step.size(payload.len()));
    step.write(&mut packet, payload).map_err(io::Error::other)?;
    Ok(packet)
}

fn udp(from: SocketAddr, to: SocketAddr, payload: &[u8]) -> io::Result<Vec<u8>> {
    let step = ip(from.ip(), to.ip()).udp(from.port(), to.port());
    let mut packet = Vec::with_capacity(step.size(payload.len()));
    step.write(&mut packet, payload).map_err(io::Error::other)?;
    Ok(packet)
}

/// Two addresses of different kinds are both written as IPv6.
fn ip(from: IpAddr, to: IpAddr) -> PacketBuilderStep<IpHeaders> {
    let six = |ip: IpAddr| match ip {
        IpAddr::V4(four) => four.to_ipv6_mapped().octets(),
        IpAddr::V6(six) => six.octets(),
    };
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => PacketBuilder::ipv4(from.octets(), to.octets(), HOPS),
        _ => PacketBuilder::ipv6(six(from), six(to), HOPS),
    }
}
