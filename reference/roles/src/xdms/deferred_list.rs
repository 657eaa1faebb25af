//! The list of a user's deferred messages, as a document that is made when somebody asks; to delete an entry is to forget its message.

use std::collections::BTreeSet;

use machines::store::{Answer, Ask, Record, Store};
use wire::sip::{Message, date};
use wire::xml::deferred_list::{Waiting, write};
use wire::xml::history;
use wire::xml::node::Selector;

use super::conflict::Conflict;
use super::path::{self, Place, Tree};
use super::usage::{DEFERRED_AUID, DEFERRED_TYPE};
use super::{Request, Response, asserted, conditions, content_type, usage};
use crate::groups::name_of;
use crate::messaging::deferred::FOLDER;

/// Answers a request for such a list; `None` when it is for something else.
pub fn answer_deferred(root: &str, request: &Request, kept: &dyn Store) -> Option<Response> {
    let place = path::read(root, &request.target).ok()?;
    let Tree::User(key) = &place.tree else {
        return None;
    };
    if key.auid != DEFERRED_AUID {
        return None;
    }
    let mut users = asserted(request).into_iter();
    if !users.any(|who| path::same_user(who, &key.user)) {
        return Some(Response::new(403));
    }
    let user = name_of(&key.user).filter(|_| key.name == DOCUMENT);
    let Some(folder) = user.map(|user| format!("{FOLDER}{user}")) else {
        return Some(Response::new(404));
    };
    let list = List {
        request,
        place: &place,
        kept,
        folder,
    };
    let said = match (request.method.as_str(), &place.node) {
        ("GET", _) => list.get(),
        ("DELETE", Some(_)) => list.delete(),
        _ => return Some(Response::new(405).with("Allow", "GET, DELETE")),
    };
    Some(said.unwrap_or_else(Response::new))
}

struct List<'a> {
    request: &'a Request,
    place: &'a Place,
    kept: &'a dyn Store,
    folder: String,
}

impl List<'_> {
    fn document(&self) -> Result<Vec<u8>, u16> {
        let folder = self.folder.clone();
        let limit = LONGEST;
        match self.ask(Ask::List { folder, limit })? {
            Answer::List(records) => Ok(write(&records.iter().map(waiting).collect::<Vec<_>>())),
            _ => Err(500),
        }
    }

    fn ask(&self, ask: Ask) -> Result<Answer, u16> {
        let outcome = self.kept.carry_out(&[ask]).pop();
        outcome.and_then(Result::ok).ok_or(500)
    }

    fn selector(&self) -> Result<Option<Selector>, u16> {
        let Some(node) = &self.place.node else {
            return Ok(None);
        };
        let selector = Selector::parse(node, &self.place.bindings, history::SPACE);
        selector.map(Some).ok_or(404)
    }

    fn get(&self) -> Result<Response, u16> {
        let document = self.document()?;
        let etag = conditions::etag(&document);
        let selector = self.selector()?;
        let part = match &selector {
            None => document,
            Some(selector) => {
                let part = selector.get(&document).map_err(|_| 500_u16)?;
                part.ok_or(404_u16)?.into_bytes()
            }
        };
        let status = conditions::read(self.request, Some(&etag));
        let kind = match (usage::of(DEFERRED_AUID), &selector) {
            (Some(usage), Some(_)) => content_type(usage, selector.as_ref()),
            _ => DEFERRED_TYPE,
        };
        let response = Response::new(status).with("ETag", etag);
        Ok(match status {
            200 => response.carrying(kind, part),
            _ => response,
        })
    }

    fn delete(&self) -> Result<Response, u16> {
        let document = self.document()?;
        let etag = conditions::etag(&document);
        let selector = self.selector()?.ok_or(404_u16)?;
        let there = matches!(selector.get(&document), Ok(Some(_)));
        if !there {
            return Err(404);
        }
        if !conditions::write(self.request, Some(&etag), there) {
            return Err(412);
        }
        let before = references(&document)?;
        let after = match selector.delete(&document) {
            Ok(left) => references(left.as_bytes()).unwrap_or_default(),
            Err(refused) => return Ok(Conflict::of_part(refused).response()),
        };
        // Only whole entries: what is known of a message is not the user's to change.
        let gone: Vec<&u64> = before.difference(&after).collect();
        let [number] = gone[..] else {
            let why = "delete a history element as a whole".to_owned();
            return Ok(Conflict::Constraint(why).response());
        };
        let folder = self.folder.clone();
        let number = *number;
        match self.ask(Ask::Remove { folder, number })? {
            Answer::Removed(true) => Ok(Response::new(200)),
            // The client has it in the meantime.
            _ => Err(404),
        }
    }
}

fn references(document: &[u8]) -> Result<BTreeSet<u64>, u16> {
    let list = history::parse(document).map_err(|_| 500_u16)?;
    Ok(list
        .iter()
        .filter_map(|one| one.reference.parse().ok())
        .collect())
}

fn waiting(record: &Record) -> Waiting {
    let message = Message::parse(&record.bytes).ok();
    let header = |name: &str| message.as_ref()?.header(name).map(str::to_owned);
    let from = message.as_ref().and_then(Message::from);
    let to = message.as_ref().and_then(Message::to);
    Waiting {
        reference: record.number.to_string(),
        size: message.as_ref().map_or(0, |message| message.body.len()),
        expiry: record.expires.and_then(date::value),
        subject: header("Subject"),
        date: header("Date").or_else(|| date::value(record.stored)),
        from: from.map(|it| it.uri.to_string()).unwrap_or_default(),
        to: to.map(|it| it.uri.to_string()).unwrap_or_default(),
    }
}

/// The only document (IM-XDM 5.2.2).
const DOCUMENT: &str = "deferred-list";
/// Entries at most.
const LONGEST: u32 = 1000;
