//! The part of the configuration that is about the XDMS.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

use crate::file::Fault;

/// The server's own XDMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XdmsConfig {
    /// Address of HTTP.
    pub listen: SocketAddr,
    /// Where documents are kept; `:memory:` keeps them as long as the server runs.
    pub database: PathBuf,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Xdms {
    listen: Option<SocketAddr>,
    database: Option<PathBuf>,
    xcap_root: Option<String>,
    groups_auid: Option<String>,
}

impl Xdms {
    pub(super) fn own(&self) -> Option<XdmsConfig> {
        Some(XdmsConfig {
            listen: self.listen?,
            database: self.database.clone()?,
        })
    }

    pub(super) fn applied(self, role: roles::Config) -> roles::Config {
        roles::Config {
            xcap_root: self.xcap_root,
            groups_auid: self.groups_auid.unwrap_or(role.groups_auid),
            ..role
        }
    }
}

pub(super) fn fault(xdms: &Xdms) -> Option<Fault> {
    let (problem, remedy) = match (&xdms.listen, &xdms.database, &xdms.xcap_root) {
        (Some(_), None, _) => (
            "an XDMS that listens has no place for its documents",
            "Add `database: FILE`, or `database: \":memory:\"` to keep nothing",
        ),
        (None, Some(_), _) => (
            "a database is named for an XDMS that does not listen",
            "Add `listen: 127.0.0.1:8090`, or take `database` away",
        ),
        (_, _, Some(root)) if !root.starts_with("http://") => (
            "the XCAP root is no http URI",
            "Write it as http://host:port/path",
        ),
        _ => return None,
    };
    Some(("xdms", problem.into(), remedy))
}
