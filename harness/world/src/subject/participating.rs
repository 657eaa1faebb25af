//! The reference participating function, run inside the harness: one instance for each side and mode.

use std::path::Path;
use std::sync::Arc;

use machines::port::Node;
use machines::store::Store;
use roles::participating::{Bar, Config, Deferral, Mode, Participating, Side, router};

use crate::lab::Stand;
use crate::profile::Profile;
use crate::xdms::Xdms;

pub(super) async fn start(
    options: net::Options,
    profile: &Profile,
    stand: &Stand,
    xdms: &Xdms,
) -> Result<net::Handle, net::Error> {
    let mut config = Config {
        side: match stand.setting.terminating {
            true => Side::Terminating,
            false => Side::Originating,
        },
        mode: match stand.setting.proxy {
            true => Mode::Proxy,
            false => Mode::B2bua,
        },
        core: stand.core.address,
        core_transport: stand.transport,
        domain: profile.domain.clone(),
        barred: vec![Bar::entirely(&profile.barred_user)],
        xcap_root: Some(xdms.root()),
        ..Config::default()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (shards, router) = (config.shards(cores), router(&config));
    config.deferred = Some(Deferral {
        shards,
        ..Deferral::default()
    });
    // A store that forgets everything with the run; without it nothing is kept, and that is seen.
    let store = app::Records::open(Path::new(":memory:"), PAGES).ok();
    let store = store.map(|records| Arc::new(records) as Arc<dyn Store>);
    let options = net::Options { store, ..options };
    let nodes = move |local: &machines::port::Local| {
        (0..shards)
            .map(|shard| {
                Box::new(Participating::new(config.clone(), *local, shard)) as Box<dyn Node>
            })
            .collect()
    };
    net::serve(options, nodes, router).await
}

/// Size of the store, in pages of 4 KiB.
const PAGES: u32 = 1024;
