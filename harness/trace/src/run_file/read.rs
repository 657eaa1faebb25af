//! Reading a run file back, within bounds and with the line of every fault.

use std::io::{BufRead, Read as _};

use super::{Bounds, Error, Record, Run, SCHEMA, Scenario};

/// Reads a whole run file; a cut run is read as far as its lines are whole.
pub fn read(source: impl BufRead, bounds: &Bounds) -> Result<Run, Error> {
    let mut run = Run::default();
    let mut reader = Lines {
        source,
        number: 0,
        total: 0,
        bounds: *bounds,
    };
    while let Some((text, whole)) = reader.next_line()? {
        match serde_json::from_slice(&text) {
            Ok(record) => run.add(record, reader.number)?,
            // The last line of a run that was killed in the middle of writing it.
            Err(_) if !whole && reader.number > 1 => break,
            Err(error) => {
                let said = error.to_string();
                // Its line is that of a text of one line.
                let reason = said.split(" at line ").next().unwrap_or(&said);
                return Err(Error::Syntax {
                    line: reader.number,
                    column: error.column(),
                    reason: reason.to_owned(),
                });
            }
        }
    }
    if reader.number == 0 {
        return Err(Error::Syntax {
            line: 1,
            column: 1,
            reason: "the file is empty".to_owned(),
        });
    }
    Ok(run)
}

struct Lines<R> {
    source: R,
    number: usize,
    total: usize,
    bounds: Bounds,
}

impl<R: BufRead> Lines<R> {
    /// The next line without its end, and whether it had one.
    fn next_line(&mut self) -> Result<Option<(Vec<u8>, bool)>, Error> {
        let mut text = Vec::new();
        let most = self.bounds.line as u64 + 1;
        let line = self.number + 1;
        let length = (&mut self.source)
            .take(most)
            .read_until(b'\n', &mut text)
            .map_err(|source| Error::Io { line, source })?;
        if length == 0 {
            return Ok(None);
        }
        self.number = line;
        self.total += length;
        let whole = text.last() == Some(&b'\n');
        if whole {
            text.pop();
        }
        let too_long = |what, limit| Err(Error::TooLong { line, what, limit });
        if text.len() > self.bounds.line {
            return too_long("the line", self.bounds.line);
        }
        if self.number > self.bounds.records {
            return too_long("the number of lines", self.bounds.records);
        }
        if self.total > self.bounds.total {
            return too_long("the file", self.bounds.total);
        }
        Ok(Some((text, whole)))
    }
}

impl Run {
    fn add(&mut self, record: Record, line: usize) -> Result<(), Error> {
        match record {
            Record::Run {
                schema,
                subject,
                edition,
                change_requests,
                transports,
                started_ms,
                profiles,
                selected,
                shard,
            } => {
                check_head(&schema, line)?;
                *self = Self {
                    subject,
                    edition,
                    change_requests,
                    transports,
                    started_ms,
                    profiles,
                    selected,
                    shard,
                    ..Self::default()
                };
            }
            _ if line == 1 => return Err(headless()),
            Record::Scenario {
                id,
                name,
                feature,
                line: at,
                transport,
                staging,
            } => {
                let scenario = Scenario {
                    id,
                    name,
                    feature,
                    line: at,
                    transport,
                    staging,
                    ..Scenario::default()
                };
                self.begin(scenario, line)?;
            }
            Record::Frame { scenario_id, frame } => {
                let scenario = self.scenario(scenario_id, line)?;
                scenario.exchange.frames.push(frame);
            }
            Record::Judgement {
                scenario_id,
                judgement,
            } => self.scenario(scenario_id, line)?.judgements.push(judgement),
            Record::End {
                wall_seconds,
                interrupted,
            } => self.end(wall_seconds, interrupted),
        }
        Ok(())
    }

    fn end(&mut self, wall_seconds: f64, interrupted: bool) {
        self.wall_seconds = Some(wall_seconds);
        self.interrupted = interrupted;
    }

    fn begin(&mut self, scenario: Scenario, line: usize) -> Result<(), Error> {
        if self.place(scenario.id).is_some() {
            return Err(misplaced(
                line,
                format!("scenario {} began before", scenario.id),
            ));
        }
        let at = self
            .scenarios
            .partition_point(|other| other.id < scenario.id);
        self.scenarios.insert(at, scenario);
        Ok(())
    }

    fn place(&self, id: usize) -> Option<usize> {
        self.scenarios
            .binary_search_by_key(&id, |scenario| scenario.id)
            .ok()
    }

    fn scenario(&mut self, id: usize, line: usize) -> Result<&mut Scenario, Error> {
        let place = self.place(id);
        place
            .and_then(|place| self.scenarios.get_mut(place))
            .ok_or_else(|| misplaced(line, format!("scenario {id} has not begun")))
    }
}

/// The run record stands first, and its format is ours.
fn check_head(schema: &str, line: usize) -> Result<(), Error> {
    if line != 1 {
        return Err(misplaced(line, "the run record stands first".to_owned()));
    }
    if schema != SCHEMA {
        return Err(misplaced(
            line,
            format!("the schema is {schema}; this program reads {SCHEMA}"),
        ));
    }
    Ok(())
}

fn headless() -> Error {
    misplaced(1, "a run file begins with a run record".to_owned())
}

fn misplaced(line: usize, reason: String) -> Error {
    Error::Syntax {
        line,
        column: 1,
        reason,
    }
}
