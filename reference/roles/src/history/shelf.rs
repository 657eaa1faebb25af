//! Where recorded content is kept: in the driver's durable store, else in memory with a bound.

use std::collections::{HashMap, VecDeque};

use machines::port::Output;
use machines::store::{Answer, Ask, Outcome, Record, Room, StoreId, Validity};
use wire::xml::history::{self, History as Metadata};

/// The recorded content and the metadata that are not written yet.
#[derive(Debug)]
pub(super) struct Shelf {
    durable: bool,
    owner: String,
    room: Room,
    kept: VecDeque<(String, Vec<u8>)>,
    octets: u64,
    asked: HashMap<u64, Question>,
    count: u64,
    /// The numbers of metadata that wait in the store, by reference.
    unwritten: HashMap<String, u64>,
}

#[derive(Debug)]
enum Question {
    Keep(String, Vec<u8>),
    List(String, Option<String>),
    Wait(String),
    Waiting,
    Gone,
}

/// Where what was recorded is.
#[derive(Debug)]
pub(super) enum Content {
    Here(Vec<Vec<u8>>),
    /// In the store, which has to be asked.
    Asked(Output),
}

/// What an answer of the store means.
#[derive(Debug)]
pub(super) enum Said {
    Nothing,
    /// The content that a session shall deliver.
    Content(String, Vec<Vec<u8>>),
    /// Metadata that waited when this function ended last.
    Waiting(Vec<Metadata>),
    /// Something for the operator.
    Notice(String),
}

impl Shelf {
    pub(super) fn new(durable: bool, owner: &str, room: Room) -> Self {
        Self {
            durable,
            owner: owner.to_owned(),
            room,
            kept: VecDeque::new(),
            octets: 0,
            asked: HashMap::new(),
            count: 0,
            unwritten: HashMap::new(),
        }
    }

    fn ask(&mut self, question: Question, ask: Ask) -> Output {
        self.count += 1;
        self.asked.insert(self.count, question);
        let id = StoreId(self.count);
        Output::Store { id, ask }
    }

    fn folder(&self) -> String {
        format!("history/{}", self.owner)
    }

    fn waiting_folder(&self) -> String {
        format!("history-unwritten/{}", self.owner)
    }

    /// Keeps an envelope of a recording; an error says that there is no room.
    pub(super) fn keep(
        &mut self,
        reference: &str,
        name: String,
        bytes: Vec<u8>,
    ) -> Result<Option<Output>, &'static str> {
        if !self.durable {
            return self.keep_here(reference.to_owned(), bytes).map(|()| None);
        }
        let ask = Ask::Append {
            folder: self.folder(),
            name: format!("{reference}/{name}"),
            bytes: bytes.clone(),
            validity: Validity::default(),
            room: self.room,
        };
        Ok(Some(
            self.ask(Question::Keep(reference.to_owned(), bytes), ask),
        ))
    }

    fn keep_here(&mut self, reference: String, bytes: Vec<u8>) -> Result<(), &'static str> {
        let octets = self.octets + bytes.len() as u64;
        if octets > self.room.octets || self.kept.len() as u64 >= self.room.records {
            return Err("there is no room for what is recorded");
        }
        self.octets = octets;
        self.kept.push_back((reference, bytes));
        Ok(())
    }

    /// What was recorded, of one session or of all, for a session that delivers it.
    pub(super) fn content(&mut self, call: &str, of: Option<String>) -> Content {
        if !self.durable {
            return Content::Here(self.content_here(of.as_deref()));
        }
        let ask = Ask::List {
            folder: self.folder(),
            limit: u32::try_from(self.room.records).unwrap_or(u32::MAX),
        };
        Content::Asked(self.ask(Question::List(call.to_owned(), of), ask))
    }

    fn content_here(&self, of: Option<&str>) -> Vec<Vec<u8>> {
        let wanted = |(reference, _): &&(String, Vec<u8>)| of.is_none_or(|of| of == reference);
        let kept = self.kept.iter().filter(wanted);
        kept.map(|(_, bytes)| bytes.clone()).collect()
    }

    /// Keeps metadata until the XDMS has taken them.
    pub(super) fn wait(&mut self, metadata: &Metadata) -> Option<Output> {
        let ask = Ask::Append {
            folder: self.waiting_folder(),
            name: metadata.reference.clone(),
            bytes: history::write(std::slice::from_ref(metadata)),
            validity: Validity::default(),
            room: self.room,
        };
        let question = Question::Wait(metadata.reference.clone());
        self.durable.then(|| self.ask(question, ask))
    }

    /// The metadata that waited when this function ended last.
    pub(super) fn restore(&mut self) -> Option<Output> {
        let ask = Ask::List {
            folder: self.waiting_folder(),
            limit: u32::try_from(history::ENTRIES).unwrap_or(u32::MAX),
        };
        self.durable.then(|| self.ask(Question::Waiting, ask))
    }

    /// The XDMS has taken the metadata of this recording.
    pub(super) fn written(&mut self, reference: &str) -> Option<Output> {
        let number = self.unwritten.remove(reference)?;
        let folder = self.waiting_folder();
        Some(self.ask(Question::Gone, Ask::Remove { folder, number }))
    }

    /// The store has answered.
    pub(super) fn stored(&mut self, id: StoreId, outcome: Outcome) -> Said {
        let Some(question) = self.asked.remove(&id.0) else {
            return Said::Notice("an answer of the store to nothing".into());
        };
        match (question, outcome) {
            (Question::Keep(..) | Question::Gone, Ok(Answer::Kept { .. } | Answer::Removed(_))) => {
                Said::Nothing
            }
            (Question::Keep(reference, bytes), outcome) => {
                let kept = self.keep_here(reference, bytes);
                let where_to = kept.map_or("and lost", |()| "and is kept in memory");
                Said::Notice(format!(
                    "what is recorded was not stored ({}) {where_to}",
                    why(&outcome)
                ))
            }
            (Question::List(call, of), Ok(Answer::List(records))) => {
                let mut content = records_of(records, of.as_deref());
                content.extend(self.content_here(of.as_deref()));
                Said::Content(call, content)
            }
            (Question::List(call, of), _) => Said::Content(call, self.content_here(of.as_deref())),
            (Question::Wait(reference), Ok(Answer::Kept { number })) => {
                self.unwritten.insert(reference, number);
                Said::Nothing
            }
            (Question::Waiting, Ok(Answer::List(records))) => {
                let mut waiting = Vec::new();
                for record in records {
                    self.unwritten.insert(record.name, record.number);
                    waiting.extend(history::parse(&record.bytes).unwrap_or_default());
                }
                Said::Waiting(waiting)
            }
            (Question::Wait(_) | Question::Waiting | Question::Gone, outcome) => {
                Said::Notice(format!("metadata were not stored: {}", why(&outcome)))
            }
        }
    }
}

fn records_of(records: Vec<Record>, of: Option<&str>) -> Vec<Vec<u8>> {
    let wanted = |record: &Record| {
        let reference = record.name.split('/').next();
        of.is_none_or(|of| reference == Some(of))
    };
    let wanted = records.into_iter().filter(wanted);
    wanted.map(|record| record.bytes).collect()
}

fn why(outcome: &Outcome) -> String {
    match outcome {
        Ok(Answer::NoRoom) => "there is no room".to_owned(),
        Ok(answer) => format!("the store says {answer:?}"),
        Err(why) => why.clone(),
    }
}
