//! What the registries know: headers, option tags, methods, status codes, RFCs and drafts, as data.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;

/// All tables; each file names its source.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) headers: BTreeMap<String, u32>,
    pub(super) option_tags: BTreeMap<String, OptionTag>,
    pub(super) methods: BTreeMap<String, u32>,
    pub(super) status: BTreeMap<u32, String>,
    pub(super) rfcs: Rfcs,
    pub(super) drafts: Vec<Draft>,
    pub(super) names: Names,
}

#[derive(Debug, Deserialize)]
pub(super) struct OptionTag {
    pub(super) rfc: u32,
    /// The method that it concerns; none for several.
    pub(super) method: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Rfcs {
    pub(super) latest: u32,
    pub(super) obsolete: BTreeMap<u32, u32>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Draft {
    pub(super) draft: String,
    pub(super) rfc: u32,
    #[serde(default)]
    pub(super) known_as: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Names {
    pub(super) bodies: BTreeMap<String, String>,
    pub(super) features: BTreeMap<String, u32>,
    pub(super) capitals: Vec<String>,
    pub(super) ordinals: Vec<String>,
    /// Words one letter away from another that are no slip.
    pub(super) words: BTreeSet<String>,
}

/// The tables that the program carries.
pub(super) fn tables() -> &'static Tables {
    static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
        headers: read(include_str!("../../data/change/headers.yaml")),
        option_tags: read(include_str!("../../data/change/option_tags.yaml")),
        methods: read(include_str!("../../data/change/methods.yaml")),
        status: read(include_str!("../../data/change/status_codes.yaml")),
        rfcs: read(include_str!("../../data/change/rfcs.yaml")),
        drafts: read(include_str!("../../data/change/drafts.yaml")),
        names: read(include_str!("../../data/change/names.yaml")),
    });
    &TABLES
}

pub(super) fn read<T: for<'a> Deserialize<'a>>(text: &str) -> T {
    serde_yaml::from_str(text).expect("a table of ours, read by every test")
}
