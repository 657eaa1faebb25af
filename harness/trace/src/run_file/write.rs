//! Writing a run file: a record a line, and a whole run at once.

use std::io::Write;

use super::{Error, Record, Run, SCHEMA, Scenario};

/// Writes records, one line each and in one piece, so that a cut run keeps what it had.
pub struct Writer<W: Write> {
    sink: W,
    line: usize,
}

impl<W: Write> Writer<W> {
    /// A writer over a file, a buffer or a pipe.
    pub fn new(sink: W) -> Self {
        Self { sink, line: 0 }
    }

    /// Appends one record.
    pub fn write(&mut self, record: &Record) -> Result<(), Error> {
        self.line += 1;
        let line = self.line;
        let mut text = serde_json::to_vec(record).map_err(|error| Error::Io {
            line,
            source: error.into(),
        })?;
        text.push(b'\n');
        self.sink
            .write_all(&text)
            .map_err(|source| Error::Io { line, source })
    }

    /// Hands buffered lines on; worth calling after each scenario.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.sink.flush().map_err(|source| Error::Io {
            line: self.line,
            source,
        })
    }

    /// Gives the sink back.
    pub fn into_inner(self) -> W {
        self.sink
    }
}

impl Run {
    /// Writes the whole run, as [`read`](super::read) takes it back.
    pub fn write(&self, sink: impl Write) -> Result<(), Error> {
        let mut writer = Writer::new(sink);
        writer.write(&Record::Run {
            schema: SCHEMA.to_owned(),
            subject: self.subject.clone(),
            edition: self.edition.clone(),
            change_requests: self.change_requests.clone(),
            transports: self.transports.clone(),
            started_ms: self.started_ms,
            profiles: self.profiles.clone(),
            selected: self.selected.clone(),
            shard: self.shard.clone(),
        })?;
        for scenario in &self.scenarios {
            scenario.write(&mut writer)?;
        }
        if let Some(wall_seconds) = self.wall_seconds {
            writer.write(&Record::End {
                wall_seconds,
                interrupted: self.interrupted,
            })?;
        }
        writer.flush()
    }
}

impl Scenario {
    fn write<W: Write>(&self, writer: &mut Writer<W>) -> Result<(), Error> {
        let scenario_id = self.id;
        writer.write(&Record::Scenario {
            id: scenario_id,
            name: self.name.clone(),
            feature: self.feature.clone(),
            line: self.line,
            transport: self.transport.clone(),
            staging: self.staging.clone(),
        })?;
        for frame in &self.exchange.frames {
            let frame = frame.clone();
            writer.write(&Record::Frame { scenario_id, frame })?;
        }
        for judgement in &self.judgements {
            let judgement = judgement.clone();
            writer.write(&Record::Judgement {
                scenario_id,
                judgement,
            })?;
        }
        Ok(())
    }
}
