//! Arguments of `shall change`.

use std::path::PathBuf;

use clap::Args;

use super::Format;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  shall change CR-0042.docx                          what changes, what is wrong, what it touches
  shall change CR-0042.docx --out out/cr42           the same as page, Markdown and JSON
  shall change CR-0042.docx --against CR-0007.txt    old wording beside the new, from the text that brought it
  shall change CR-0042.docx --results out/ours       whose verdicts may flip
  shall change CR-0042.docx --scaffold my-features   pending entries and scenarios to fill in
  shall change --explain dangling-reference          what a rule means

Exit codes: 0 nothing wrong with the text, 1 findings of class error, 2 the file cannot be read")]
pub(crate) struct ChangeOptions {
    /// The change request: text (UTF-8), or .docx with or without tracked changes
    #[arg(value_name = "FILE", required_unless_present_any = ["explain", "rules"])]
    pub(crate) file: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    /// Folder for change.html, change.md and change.json
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Stored runs whose verdicts may flip: folders, run.jsonl files, or certified bundles (.zip)
    #[arg(long, value_name = "RUN", num_args = 1..)]
    pub(crate) results: Vec<PathBuf>,
    /// Earlier change requests, as text or .docx: their sentences are shown as the old wording
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) against: Vec<PathBuf>,
    /// Folder of role files whose comments cite clauses; in a checkout reference/roles/src
    #[arg(long, value_name = "DIR")]
    pub(crate) source: Option<PathBuf>,
    /// YAML file of findings to keep silent about: rule, quote, reason
    #[arg(long, value_name = "FILE")]
    pub(crate) silence: Option<PathBuf>,
    /// Compares with the catalogue as of these change requests, such as 000..002 or 000,003
    #[arg(long, value_name = "SET")]
    pub(crate) edition: Option<String>,
    /// Writes pending catalogue entries and scenarios to fill in for what is added or reworded, below a copy of features/
    #[arg(long, value_name = "DIR")]
    pub(crate) scaffold: Option<PathBuf>,
    /// Says what a rule finds, why that is wrong, and what to do instead
    #[arg(long, value_name = "RULE")]
    pub(crate) explain: Option<String>,
    /// Lists the rules
    #[arg(long)]
    pub(crate) rules: bool,
    /// Reads catalogue and features from here instead of from the binary
    #[arg(long, value_name = "DIR")]
    pub(crate) features: Option<PathBuf>,
}
