//! The closing lines and the exit code.

use crate::job::{Ended, Outcome};
use std::process::ExitCode;

/// Prints how everything ended; the last line counts.
pub(crate) fn close(results: Vec<Ended>) -> ExitCode {
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    println!();
    for ended in &results {
        let word = match ended.outcome {
            Outcome::Failed(_) => {
                failed += 1;
                "FAILED"
            }
            Outcome::Passed(_) => {
                passed += 1;
                "passed"
            }
            Outcome::Skipped(_) => {
                skipped += 1;
                "SKIPPED"
            }
        };
        if results.len() > 1 {
            println!(
                "{word:<8}{:<10}{:>7.1} s",
                ended.name,
                ended.wall.as_secs_f64()
            );
        }
    }
    let tail = if skipped > 0 {
        format!(", {skipped} skipped")
    } else {
        String::new()
    };
    println!("{passed} passed, {failed} failed{tail}");
    if failed > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
