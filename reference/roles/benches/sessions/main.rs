//! What sessions of 3, 30 and 300 participants cost: set-up, each message delivered, each NOTIFY, and idle memory.
//!
//! `cargo bench -p shall-roles`: the items a second of one bench are flat over its arguments when growth is linear.

mod room;

use divan::counter::ItemsCount;
use room::Room;

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

const SIZES: [usize; 3] = [3, 30, 300];
/// Subscribers of the NOTIFY bench.
const SUBSCRIBERS: usize = 30;
/// Sessions of the memory bench.
const SESSIONS: usize = 10_000;

/// From the INVITE to the factory to the last ACK; an item is a participant.
#[divan::bench(args = SIZES, max_time = 2)]
fn set_up(bencher: divan::Bencher<'_, '_>, participants: usize) {
    bencher
        .counter(ItemsCount::new(participants))
        .bench_local(|| Room::open(participants));
}

/// A message of 200 octets, the copies to all others and their responses; an item is a copy.
#[divan::bench(args = SIZES, max_time = 2)]
fn deliver(bencher: divan::Bencher<'_, '_>, participants: usize) {
    let mut room = Room::open(participants);
    room.connect();
    bencher
        .counter(ItemsCount::new(participants - 1))
        .bench_local(|| assert_eq!(room.say(), participants - 1));
}

/// Somebody leaves and every subscriber is told; an item is a NOTIFY.
#[divan::bench(args = SIZES, max_time = 4)]
fn notify(bencher: divan::Bencher<'_, '_>, participants: usize) {
    bencher
        .counter(ItemsCount::new(SUBSCRIBERS))
        .with_inputs(|| {
            let mut room = Room::open(participants.max(4));
            room.subscribe(SUBSCRIBERS);
            room
        })
        .bench_local_refs(|room| assert_eq!(room.leave(), SUBSCRIBERS));
}

/// Sessions of three in which nothing happens; `alloc` divided by the items is the memory of one.
#[divan::bench(sample_count = 1)]
fn idle(bencher: divan::Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(SESSIONS)).bench_local(|| {
        let mut room = Room::open(3);
        for _ in 1..SESSIONS {
            room.another(3);
        }
        room
    });
}
