//! Turns what a run found into reports; runs nothing and opens no file but by `load`.
//!
//! [`summarise`] applies the rules of judging, [`Expectations::apply`] the baseline, and
//! [`exit_code`] the outcome; the `render_*` functions only write.

mod badge;
pub mod change;
mod compare;
mod coverage;
mod date;
mod expectations;
mod html;
mod junit;
mod kills;
mod ladder;
mod markdown;
mod matrix;
mod page;
mod pcapng;
mod probe;
mod run;
mod sarif;
mod summarise;
mod summary;

pub use badge::render_badge;
pub use compare::{
    Comparison, Editions, Rewritten, Turned, render_comparison_json, render_comparison_text,
};
pub use coverage::{Coverage, CoveredClause, Place, render_coverage_json, render_coverage_text};
pub use date::Date;
pub use expectations::{Error, Expect, Expectation, Expectations};
pub use html::{Report, render_html};
pub use junit::render_junit;
pub use kills::{Kill, KillTotals, Kills, render_kills_json, render_kills_text};
pub use ladder::{Arrow, Ladder, render_ladder_mermaid, render_ladder_svg};
pub use markdown::render_markdown;
pub use matrix::{
    Column, Matrix, Row, render_matrix_json, render_matrix_markdown, render_matrix_text,
};
pub use pcapng::render_pcapng;
pub use probe::{Claim, Fact, Probe, Question, Seen, Shown, render_probe_json, render_probe_text};
pub use run::{Run, ScenarioRun, seconds};
pub use sarif::render_sarif;
pub(crate) use summarise::outcome;
pub use summarise::{exit_code, summarise};
pub use summary::{ClauseSummary, Proof, ScenarioVerdict, Summary, Totals, render_summary};

/// JSON Schema of `summary.json`.
pub const SUMMARY_SCHEMA: &str = include_str!("../schema/summary.schema.json");
/// JSON Schema of one line of `run.jsonl`.
pub const RUN_SCHEMA: &str = include_str!("../schema/run.schema.json");
/// JSON Schema of the comparison of two runs.
pub const COMPARE_SCHEMA: &str = include_str!("../schema/compare.schema.json");
/// JSON Schema of the analysis of a change request.
pub const CHANGE_SCHEMA: &str = include_str!("../schema/change.schema.json");
/// JSON Schema of the kill table.
pub const KILLS_SCHEMA: &str = include_str!("../schema/kills.schema.json");
/// JSON Schema of what `shall verify` says.
pub const VERIFICATION_SCHEMA: &str = include_str!("../schema/verification.schema.json");
/// JSON Schema of several subjects side by side.
pub const MATRIX_SCHEMA: &str = include_str!("../schema/matrix.schema.json");
/// JSON Schema of what `shall probe` saw.
pub const PROBE_SCHEMA: &str = include_str!("../schema/probe.schema.json");
