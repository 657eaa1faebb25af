//! Stored runs in each view: which verdicts may flip, why, and where they were seen.

use std::io::{self, Write};

use maud::{Markup, html};

use super::markdown::{MOST, more, plain};
use crate::Proof;
use crate::change::{Impact, MayFlip, Searched};
use crate::page::mark;

/// Places that people are shown of one verdict; programs get all of them.
const SHOWN: usize = 3;

/// Each run, and the verdicts in it that may flip.
fn of_runs(impact: &Impact) -> impl Iterator<Item = (&Searched, Vec<&MayFlip>)> {
    impact.runs.iter().map(|run| {
        let own = impact.verdicts.iter().filter(|flip| flip.run == run.run);
        (run, own.collect())
    })
}

fn heading(run: &Searched) -> String {
    let certified = match &run.certified {
        Some(by) => format!(", certified, signed by {by}"),
        None => String::new(),
    };
    format!("{}: {} ({}{certified})", run.run, run.subject, run.edition)
}

fn count(flips: &[&MayFlip]) -> String {
    match flips.len() {
        0 => "no verdict may flip".to_owned(),
        1 => "1 verdict may flip".to_owned(),
        many => format!("{many} verdicts may flip"),
    }
}

fn turn(flip: &MayFlip) -> String {
    let verdict = flip.verdict.word();
    match (flip.becomes, flip.certain) {
        (None, _) => format!("{verdict} disappears"),
        (Some(becomes), true) => format!("{verdict} becomes {}", becomes.word()),
        (Some(becomes), false) => format!("{verdict} may become {}", becomes.word()),
    }
}

fn places(flip: &MayFlip) -> Vec<String> {
    let place = |proof: &Proof| {
        let (from, to) = proof.octets;
        format!(
            "frame {} (octets {from}..{to}) of {}, {}",
            proof.frame, proof.scenario, proof.transport
        )
    };
    let mut places: Vec<String> = flip.evidence.iter().take(SHOWN).map(place).collect();
    let more = flip.evidence.len().saturating_sub(SHOWN);
    if more > 0 {
        places.push(format!("{more} more, in the JSON"));
    }
    places
}

/// For a terminal.
pub(super) fn text(impact: &Impact, out: &mut impl Write) -> io::Result<()> {
    for (run, flips) in of_runs(impact) {
        writeln!(out, "\nstored run {}\n  {}", heading(run), count(&flips))?;
        for flip in flips {
            writeln!(out, "  {}  {}", flip.clause, turn(flip))?;
            writeln!(out, "      why    {}", flip.why)?;
            if !flip.reason.is_empty() {
                writeln!(out, "      was    {}", flip.reason)?;
            }
            for place in places(flip) {
                writeln!(out, "      seen   {place}")?;
            }
        }
    }
    Ok(())
}

/// For a mail.
pub(super) fn markdown(impact: &Impact, out: &mut impl Write) -> io::Result<()> {
    if !impact.runs.is_empty() {
        writeln!(out, "\n## Stored runs\n")?;
    }
    for (run, flips) in of_runs(impact) {
        writeln!(out, "- {}: **{}**", plain(&heading(run)), count(&flips))?;
        for flip in flips.iter().take(MOST) {
            let (turn, why) = (turn(flip), plain(&flip.why));
            writeln!(out, "  - {} {turn}: {why}", flip.clause)?;
            for place in places(flip).iter().take(1) {
                writeln!(out, "    - seen in {}", plain(place))?;
            }
        }
        if flips.len() > MOST {
            writeln!(out, "  - {}", more(flips.len() - MOST))?;
        }
    }
    Ok(())
}

/// For the page; the picture leads to a verdict by its number among all of them.
pub(super) fn html(impact: &Impact) -> Markup {
    let item = |(index, flip): (usize, &MayFlip)| {
        html! {
            li id={ "flip-" (index) } {
                (mark(flip.verdict.word())) " " code { (flip.clause) } " " (turn(flip)) ": "
                span.soft {
                    (flip.why)
                    @if !flip.reason.is_empty() { br; (flip.reason) }
                    @for place in places(flip) { br; "seen in " (place) }
                }
            }
        }
    };
    html! {
        @if !impact.runs.is_empty() { h3 #verdicts { "Verdicts that may flip" } }
        @for (run, flips) in of_runs(impact) {
            p.run { (heading(run)) ": " (count(&flips)) }
            ul.flips {
                @for numbered in impact.verdicts.iter().enumerate().filter(|(_, flip)| flip.run == run.run) {
                    (item(numbered))
                }
            }
        }
    }
}
