//! What the crash test found, as JSON and as text.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::ledger::Ledger;

/// The figures of one test.
#[derive(Serialize)]
pub(super) struct Report {
    schema: &'static str,
    seed: u64,
    seconds: f64,
    kills: u64,
    /// Messages sent to the server, and those of them that it answered by 202.
    offered: usize,
    accepted: usize,
    /// Accepted ones that a client answered by 200.
    delivered: usize,
    /// Accepted ones that no client got.
    lost: Vec<usize>,
    /// Delivered ones whose sender heard no 202 in the same life of the server: accepted twice over, kept once.
    accepted_after_a_crash: usize,
    /// Messages that came once more after a crash, under the same Call-ID, CSeq and tag, by which the client knew them.
    known_again: u64,
    /// Other answers than 202.
    refusals: u64,
    faults: Vec<String>,
}

impl Report {
    pub(super) fn of(ledger: &Ledger, seed: u64, took: Duration) -> Report {
        let entries = &ledger.entries;
        let count = |has: fn(&super::ledger::Entry) -> bool| {
            entries.iter().filter(|entry| has(entry)).count()
        };
        let lost = entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.accepted.is_some() && entry.acknowledged.is_none());
        Report {
            schema: "shall.crash/1",
            seed,
            seconds: (took.as_secs_f64() * 10.0).round() / 10.0,
            kills: ledger.life - 1,
            offered: count(|entry| entry.offered.is_some()),
            accepted: count(|entry| entry.accepted.is_some()),
            delivered: count(|entry| entry.accepted.is_some() && entry.acknowledged.is_some()),
            lost: lost.map(|(number, _)| number).collect(),
            accepted_after_a_crash: count(|entry| entry.accepted > entry.offered),
            known_again: entries.iter().map(|entry| entry.repeats).sum(),
            refusals: entries.iter().map(|entry| entry.refused).sum(),
            faults: ledger.faults.clone(),
        }
    }

    /// Why the test has failed.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = self.faults.clone();
        if !self.lost.is_empty() {
            faults.push(format!("accepted and lost: {:?}", self.lost));
        }
        if self.accepted < self.offered || self.offered == 0 {
            let (accepted, offered) = (self.accepted, self.offered);
            faults.push(format!(
                "{accepted} of {offered} messages were accepted in the end"
            ));
        }
        faults
    }

    pub(super) fn line(&self) -> String {
        format!(
            "{} offered, {} accepted, {} delivered, {} lost, {} kills, {} known again, {} s",
            self.offered,
            self.accepted,
            self.delivered,
            self.lost.len(),
            self.kills,
            self.known_again,
            self.seconds
        )
    }

    /// Writes `report.json` and `report.txt`.
    pub(super) fn write(&self, out: &Path) -> Result<(), String> {
        let json = serde_json::to_string_pretty(self).map_err(|fault| fault.to_string())?;
        let text = format!(
            "Deferred messages through {} kills (seed {})\n\n\
             offered                  {}\n\
             accepted (202)           {}\n\
             delivered (200)          {}\n\
             accepted and lost        {}\n\
             accepted after a crash   {}\n\
             known again by clients   {}\n\
             refusals                 {}\n\
             seconds                  {}\n\n{}\n",
            self.kills,
            self.seed,
            self.offered,
            self.accepted,
            self.delivered,
            self.lost.len(),
            self.accepted_after_a_crash,
            self.known_again,
            self.refusals,
            self.seconds,
            match self.faults() {
                faults if faults.is_empty() => "No accepted message was lost, and none came twice to a client that could not know it.".into(),
                faults => faults.join("\n"),
            }
        );
        for (name, content) in [("report.json", json), ("report.txt", text)] {
            let path = out.join(name);
            std::fs::write(&path, content)
                .map_err(|fault| format!("{}: {fault}", path.display()))?;
        }
        Ok(())
    }
}
