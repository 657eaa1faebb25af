//! The repository's own checks as one program: `cargo ci` lists them, `cargo ci all` runs them.

mod command;
mod context;
mod files;
mod job;
mod jobs;
mod summary;

use context::Context;
use job::Job;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let asks = |word: &String| matches!(word.as_str(), "-h" | "--help" | "help");
    if words.is_empty() || words.iter().any(asks) {
        list();
        return ExitCode::SUCCESS;
    }
    let names = words.iter().take_while(|word| !word.starts_with('-'));
    let options = words.split_off(names.count());
    if let Some(name) = words.iter().find(|name| jobs_of(name).is_empty()) {
        eprintln!("cargo ci: there is no job `{name}`\n");
        list();
        return ExitCode::from(2);
    }
    let chosen: Vec<&Job> = words.iter().flat_map(|name| jobs_of(name)).collect();
    if chosen.is_empty() {
        eprintln!("cargo ci: name a job before its options\n");
        list();
        return ExitCode::from(2);
    }
    let context = match Context::of(options) {
        Ok(context) => context,
        Err(fault) => {
            eprintln!("cargo ci: {fault}");
            return ExitCode::from(2);
        }
    };
    let results = chosen.iter().map(|job| job.run(&context)).collect();
    summary::close(results)
}

/// The jobs that a word stands for; none for a stranger.
fn jobs_of(name: &str) -> Vec<&'static Job> {
    let named = |job: &&Job| job.name == name || (name == "all" && job.in_all);
    jobs::ALL.iter().filter(named).collect()
}

fn list() {
    println!("cargo ci JOB…\n");
    for job in jobs::ALL {
        println!("  {:<10} {}", job.name, job.about);
    }
    println!(
        "  {:<10} every job above except stability, in this order",
        "all"
    );
    println!("\nCI=true turns a check that cannot be made into a failure.");
    println!("Examples: cargo ci stability --runs 100, cargo ci pairs --features DIR");
}
