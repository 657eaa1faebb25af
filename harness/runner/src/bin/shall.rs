//! The `shall` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    runner::main()
}
