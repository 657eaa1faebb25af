//! The XDMS: an XCAP server (RFC 4825) as a function from a request and a store to a response.

mod conditions;
mod conflict;
mod deferred_list;
mod path;
mod store;
mod usage;

pub use deferred_list::answer_deferred;
pub use path::group_address;
pub(crate) use path::user_address;
pub use store::{Fault, Key, Put, Store, Stored};
pub(crate) use usage::{
    ACCESS_AUID, ACCESS_DOCUMENT, HISTORY_AUID, HISTORY_DOCUMENT, HISTORY_TYPE,
};

use conflict::Conflict;
use path::{Place, Tree};
use usage::Usage;
use wire::xml::node::{End, Selector};

/// What somebody asks for over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `PUT`, `DELETE` or what else was said.
    pub method: String,
    /// Path and query as they were written.
    pub target: String,
    /// Header fields in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// The values of a header field, list elements apart; quotes stay.
    fn values(&self, name: &str) -> Vec<&str> {
        let of_name = |field: &&(String, String)| field.0.eq_ignore_ascii_case(name);
        let fields = self.headers.iter().filter(of_name);
        fields
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .collect()
    }
}

/// What is answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// Three digits.
    pub status: u16,
    /// Header fields; Content-Length and Date are the carrier's.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    fn new(status: u16) -> Response {
        Response {
            status,
            ..Response::default()
        }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.headers.push((name, value.into()));
        self
    }

    fn carrying(self, content_type: &str, body: impl Into<Vec<u8>>) -> Response {
        Response {
            body: body.into(),
            ..self.with("Content-Type", content_type)
        }
    }
}

/// Answers one request. `root` is the path of the XCAP root, such as `/services`, without a slash at its end.
///
/// Everybody may read the global tree. The users tree is its owner's, whom the trusted network in front of
/// us names in X-XCAP-Asserted-Identity or X-3GPP-Asserted-Identity.
pub fn answer(root: &str, request: &Request, store: &mut dyn Store) -> Response {
    let place = match path::read(root, &request.target) {
        Ok(place) => place,
        Err(status) => return Response::new(status),
    };
    if request.body.len() > DOCUMENT {
        return Response::new(413);
    }
    let said = match (&place.tree, request.method.as_str()) {
        (Tree::Capabilities, "GET") => return usage::capabilities(),
        (Tree::Group(uri), "GET") => store.group(&path::identity(uri)).map(|key| {
            key.map_or_else(
                || Ok(Response::new(404)),
                |key| {
                    Exchange {
                        request,
                        place: &place,
                        key,
                        store: &mut *store,
                    }
                    .get()
                },
            )
        }),
        (Tree::Capabilities | Tree::Group(_), _) => {
            return Response::new(405).with("Allow", "GET");
        }
        // Without a store of messages there are no deferred ones.
        (Tree::User(key), _) if key.auid == usage::DEFERRED_AUID => return Response::new(404),
        (Tree::User(_), method) if !matches!(method, "GET" | "PUT" | "DELETE") => {
            return Response::new(405).with("Allow", "GET, PUT, DELETE");
        }
        (Tree::User(key), method) => {
            if !asserted(request)
                .iter()
                .any(|who| path::same_user(who, &key.user))
            {
                return Response::new(403);
            }
            let key = key.clone();
            let mut exchange = Exchange {
                request,
                place: &place,
                key,
                store,
            };
            Ok(match method {
                "GET" => exchange.get(),
                "PUT" => exchange.put(),
                _ => exchange.delete(),
            })
        }
    };
    match said.and_then(|said| said) {
        Ok(response) => response,
        Err(Fault::Full) => Response::new(507),
        Err(Fault::Broken(_)) => Response::new(500),
    }
}

/// Who asks, as the network asserts.
fn asserted(request: &Request) -> Vec<&str> {
    ["X-XCAP-Asserted-Identity", "X-3GPP-Asserted-Identity"]
        .iter()
        .flat_map(|name| request.values(name))
        .map(|value| value.trim_matches('"'))
        .collect()
}

/// One request for one document or a part of it.
struct Exchange<'a> {
    request: &'a Request,
    place: &'a Place,
    key: Key,
    store: &'a mut dyn Store,
}

impl Exchange<'_> {
    fn selector(&self, usage: &Usage) -> Result<Option<Selector>, Response> {
        let Some(node) = &self.place.node else {
            return Ok(None);
        };
        let selector = Selector::parse(node, &self.place.bindings, usage.namespace);
        // RFC 4825 section 8: a URI that selects nothing that could ever be.
        selector.map(Some).ok_or_else(|| Response::new(404))
    }

    fn get(&mut self) -> Result<Response, Fault> {
        let Some(usage) = usage::of(&self.key.auid) else {
            return Ok(Response::new(404));
        };
        let Some(stored) = self.store.get(&self.key)? else {
            return Ok(Response::new(404));
        };
        let selector = match self.selector(usage) {
            Ok(selector) => selector,
            Err(response) => return Ok(response),
        };
        let part = match &selector {
            None => Some(stored.document.clone()),
            Some(selector) => selector
                .get(&stored.document)
                .map_err(|violation| Fault::Broken(violation.to_string()))?
                .map(String::into_bytes),
        };
        let Some(part) = part else {
            return Ok(Response::new(404));
        };
        let status = conditions::read(self.request, Some(&stored.etag));
        let response = Response::new(status).with("ETag", stored.etag);
        Ok(match status {
            200 => response.carrying(content_type(usage, selector.as_ref()), part),
            _ => response,
        })
    }

    fn put(&mut self) -> Result<Response, Fault> {
        let Some(usage) = usage::of(&self.key.auid) else {
            return Ok(Response::new(404));
        };
        let selector = match self.selector(usage) {
            Ok(selector) => selector,
            Err(response) => return Ok(response),
        };
        let said = self.request.values("Content-Type");
        let said = said
            .first()
            .and_then(|said| said.split(';').next())
            .unwrap_or_default();
        if !said
            .trim()
            .eq_ignore_ascii_case(content_type(usage, selector.as_ref()))
        {
            return Ok(Response::new(415));
        }
        let stored = self.store.get(&self.key)?;
        if let Some(status) = self.forbidden(stored.as_ref(), selector.as_ref()) {
            return Ok(Response::new(status));
        }
        let (document, created) = match (&selector, &stored) {
            (None, _) => (self.request.body.clone(), stored.is_none()),
            (Some(_), None) => return Ok(Conflict::NoParent.response()),
            (Some(selector), Some(stored)) => {
                let Ok(part) = std::str::from_utf8(&self.request.body) else {
                    return Ok(Conflict::NotUtf8.response());
                };
                match selector.put(&stored.document, part) {
                    Ok(changed) => (changed.document.into_bytes(), changed.created),
                    Err(refused) => return Ok(Conflict::of_part(refused).response()),
                }
            }
        };
        self.keep(usage, document, created, stored.is_none())
    }

    /// Checks a changed document as a whole and stores it.
    fn keep(
        &mut self,
        usage: &Usage,
        document: Vec<u8>,
        created: bool,
        fresh: bool,
    ) -> Result<Response, Fault> {
        if document.len() > DOCUMENT {
            return Ok(Response::new(413));
        }
        let group = match usage::check(usage, &document) {
            Ok(group) => group,
            Err(conflict) => return Ok(conflict.response()),
        };
        if fresh && self.store.count(&self.key.user)? >= DOCUMENTS {
            return Ok(Conflict::Constraint("this user has too many documents".into()).response());
        }
        let etag = conditions::etag(&document);
        let stored = Stored {
            document,
            etag: etag.clone(),
        };
        Ok(match self.store.put(&self.key, stored, group.as_deref())? {
            Put::Stored => Response::new(if created { 201 } else { 200 }).with("ETag", etag),
            Put::Claimed => Conflict::Uniqueness("group/list-service/@uri").response(),
        })
    }

    fn delete(&mut self) -> Result<Response, Fault> {
        let Some(usage) = usage::of(&self.key.auid) else {
            return Ok(Response::new(404));
        };
        let selector = match self.selector(usage) {
            Ok(selector) => selector,
            Err(response) => return Ok(response),
        };
        let stored = self.store.get(&self.key)?;
        if let Some(status) = self.forbidden(stored.as_ref(), selector.as_ref()) {
            return Ok(Response::new(status));
        }
        let Some(stored) = stored else {
            return Ok(Response::new(404));
        };
        let Some(selector) = selector else {
            self.store.delete(&self.key)?;
            return Ok(Response::new(200));
        };
        match selector.delete(&stored.document) {
            Ok(document) => self.keep(usage, document.into_bytes(), false, false),
            Err(wire::xml::node::Refused::Nothing) => Ok(Response::new(404)),
            Err(refused) => Ok(Conflict::of_part(refused).response()),
        }
    }

    /// The status of a condition that does not hold (RFC 4825 section 7.11).
    fn forbidden(&self, stored: Option<&Stored>, selector: Option<&Selector>) -> Option<u16> {
        let there = match (stored, selector) {
            (Some(stored), Some(selector)) => {
                matches!(selector.get(&stored.document), Ok(Some(_)))
            }
            (stored, _) => stored.is_some(),
        };
        let etag = stored.map(|stored| stored.etag.as_str());
        (!conditions::write(self.request, etag, there)).then_some(412)
    }
}

fn content_type(usage: &Usage, selector: Option<&Selector>) -> &'static str {
    match selector.map(Selector::end) {
        None => usage.content_type,
        Some(End::Element) => "application/xcap-el+xml",
        Some(End::Attribute(..)) => "application/xcap-att+xml",
        Some(End::Namespaces) => "application/xcap-ns+xml",
    }
}

/// Octets of one document.
pub const DOCUMENT: usize = 1 << 20;
/// Documents of one user.
const DOCUMENTS: usize = 1000;
