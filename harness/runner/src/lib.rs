//! The `shall` program: chooses scenarios, plays them, and hands what was seen to the reports.

mod bundle;
mod cast;
mod certificate;
mod certify;
mod change;
mod clauses_command;
mod cli;
mod compare;
mod completions;
mod edition;
mod error;
mod files;
mod globs;
mod init;
mod interrupt;
mod judge;
mod man;
mod outcome;
mod perform;
mod phrases;
mod plan;
mod probe;
mod prove;
mod report;
mod run;
mod scaffold;
mod tags;
mod terminal;
mod verify;

use std::process::ExitCode;

use clap::Parser as _;

pub use bundle::Bundle;
pub use certificate::{Certificate, Fault, Refusal};
pub use error::Error;
pub use outcome::judgements;
pub use perform::{Played, perform};
pub use plan::{Plan, Selection, Turn};
pub use tags::Tags;

/// Runs the command line; the exit code is that of the design: 0 conformant, 1 a clause fails,
/// 2 usage or profile, 3 no verdict, 4 the harness itself.
#[must_use]
pub fn main() -> ExitCode {
    let command = cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal::error(&format!("cannot start: {error}"));
            return ExitCode::from(4);
        }
    };
    let result = runtime.block_on(async {
        match command.command {
            cli::Command::Init(options) => init::init(options),
            cli::Command::Probe(options) => probe::probe(&options).await,
            cli::Command::Run(options) => run::run(options).await,
            cli::Command::Judge(options) => judge::judge(options).await,
            cli::Command::Report(options) => report::report(&options),
            cli::Command::Compare(options) => compare::compare(&options),
            cli::Command::Change(options) => change::change(&options),
            cli::Command::Certify(options) => certify::certify(options).await,
            cli::Command::Verify(options) => verify::verify(options).await,
            cli::Command::Clauses(options) => clauses_command::clauses(&options),
            cli::Command::Prove(options) => prove::prove(options).await,
            cli::Command::Proxy(options) => prove::proxy(&options).await,
            cli::Command::Completions(options) => completions::completions(&options),
            cli::Command::Man(options) => man::man(&options),
        }
    });
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            terminal::error(&error.to_string());
            ExitCode::from(error.code())
        }
    }
}
