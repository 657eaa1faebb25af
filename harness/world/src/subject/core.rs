//! The reference SIP/IP core, run inside the harness with the filter criteria of Appendix C.1.

use machines::port::{Node, Transport};
use roles::core::{Case, Config, Core, DefaultHandling, Filter, User};

use crate::lab::Stand;
use crate::profile::Profile;

/// Scenarios whose users the core knows; more than one run of the features has.
const SCENES: usize = 3000;

pub(super) async fn start(
    options: net::Options,
    profile: &Profile,
    stand: &Stand,
) -> Result<net::Handle, net::Error> {
    let place = stand.im_server.as_ref().unwrap_or(&stand.core).address;
    let transport = match stand.transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
    };
    let server = format!("sip:{place};transport={transport}");
    let mut filters = Filter::appendix_c(&server);
    // How the server hears of registrations is not printed there (F165).
    filters.push(Filter {
        case: Case::Originating,
        method: "REGISTER".to_owned(),
        accept_contact: None,
        to: Some(server),
        default_handling: DefaultHandling::Continue,
    });
    let config = Config {
        domain: profile.domain.clone(),
        users: (1..=SCENES).flat_map(|n| users(profile, n)).collect(),
        filters,
        ..Config::default()
    };
    let nodes = move |local: &machines::port::Local| {
        vec![Box::new(Core::new(config, *local)) as Box<dyn Node>]
    };
    net::serve(options, nodes, |_: &machines::port::Input, _| 0).await
}

fn users(profile: &Profile, n: usize) -> impl Iterator<Item = User> {
    ["alice", "bob", "carol"].into_iter().map(move |chair| {
        let address = profile.user(chair, n);
        User {
            name: crate::subscriber::name(&address),
            password: profile.password.clone(),
            identities: vec![address],
        }
    })
}
