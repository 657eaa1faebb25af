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
    let mut words = std::env::args().skip(1);
    let Some(name) = words.next() else {
        list();
        return ExitCode::SUCCESS;
    };
    let words: Vec<String> = words.collect();
    let asks = |word: &str| matches!(word, "-h" | "--help" | "help");
    if asks(&name) || words.iter().any(|word| asks(word)) {
        list();
        return ExitCode::SUCCESS;
    }
    let chosen: Vec<&Job> = match name.as_str() {
        "all" => jobs::ALL.iter().filter(|job| job.in_all).collect(),
        _ => jobs::ALL.iter().filter(|job| job.name == name).collect(),
    };
    if chosen.is_empty() {
        eprintln!("cargo ci: there is no job `{name}`\n");
        list();
        return ExitCode::from(2);
    }
    let context = match Context::of(words) {
        Ok(context) => context,
        Err(fault) => {
            eprintln!("cargo ci: {fault}");
            return ExitCode::from(2);
        }
    };
    let results = chosen.iter().map(|job| job.run(&context)).collect();
    summary::close(results)
}

fn list() {
    println!("cargo ci JOB\n");
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
