//! The tester's XDMS: hands documents to the subject, or what a scenario wants it to hand out instead, and takes some.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use trace::{Direction, Protocol};
use wire::scan::Scan;

use crate::Scene;
use crate::core::{lock, user_key};
use crate::profile::{GROUPS, Kind};
use crate::table::Table;

/// The chair's name in frames and snapshots.
pub const CHAIR: &str = "xdms";
/// Whose history a history function keeps, and on whose behalf it calls; nobody sits there.
pub(crate) const OWNER: &str = "owner";
/// Octets of one request; a subject that sends more is cut off.
const REQUEST: usize = 64 * 1024;
/// Connections at once; the next one waits.
const CONNECTIONS: usize = 1024;

/// What the chair answers when the subject asks for a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Served {
    /// 200 with this group document.
    Document(Vec<u8>),
    /// Whatever this is.
    Raw {
        status: u16,
        content_type: String,
        body: Vec<u8>,
    },
    /// Nothing at all: the request is read and the connection stays open.
    Never,
    /// 404: there is no such group.
    #[default]
    Absent,
}

/// Listens for all scenes of a run.
pub(crate) struct Xdms {
    pub(crate) address: SocketAddr,
    groups: Mutex<HashMap<String, Arc<Table>>>,
}

impl Xdms {
    pub(crate) async fn bind(address: SocketAddr) -> std::io::Result<Arc<Self>> {
        let listener = TcpListener::bind(address).await?;
        let xdms = Arc::new(Self {
            address: listener.local_addr()?,
            groups: Mutex::default(),
        });
        tokio::spawn(Arc::clone(&xdms).accept(listener));
        Ok(xdms)
    }

    /// One that nobody asks.
    pub(crate) fn absent(address: SocketAddr) -> Arc<Self> {
        Arc::new(Self {
            address,
            groups: Mutex::default(),
        })
    }

    /// The XCAP root that the subject is told.
    pub(crate) fn root(&self) -> String {
        format!("http://{}/services", self.address)
    }

    pub(crate) fn seat(&self, group: &str, table: &Arc<Table>) {
        lock(&self.groups).insert(user_key(group), Arc::clone(table));
    }

    pub(crate) fn leave(&self, table: &Arc<Table>) {
        lock(&self.groups).retain(|_, other| !Arc::ptr_eq(other, table));
    }

    async fn accept(self: Arc<Self>, listener: TcpListener) {
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        while let Ok(place) = Arc::clone(&room).acquire_owned().await {
            let Ok((stream, remote)) = listener.accept().await else {
                return;
            };
            let xdms = Arc::clone(&self);
            tokio::spawn(async move {
                // A connection that breaks shows as the answer that does not come.
                let _ = xdms.converse(stream, remote).await;
                drop(place);
            });
        }
    }

    async fn converse(&self, mut stream: TcpStream, remote: SocketAddr) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let ends = (self.address, remote);
        let mut buffer = Vec::new();
        let mut chunk = vec![0; 16_384];
        loop {
            while let Some(length) = whole(&buffer) {
                let request: Vec<u8> = buffer.drain(..length).collect();
                let table =
                    owner_of(&request).and_then(|key| lock(&self.groups).get(&key).cloned());
                let answers = match table {
                    Some(table) => table.serve(&request, ends),
                    // A group of no scene, or of one that is over: nobody records it.
                    None => vec![Served::Absent.response().unwrap_or_default()],
                };
                for answer in answers {
                    stream.write_all(&answer).await?;
                }
            }
            match stream.read(&mut chunk).await? {
                0 => return Ok(()),
                _ if buffer.len() > REQUEST => return Ok(()),
                length => buffer.extend_from_slice(&chunk[..length]),
            }
        }
    }
}

impl Table {
    /// Records a request and what is answered to it; gives what goes onto the wire.
    fn serve(&self, request: &[u8], ends: (SocketAddr, SocketAddr)) -> Vec<Vec<u8>> {
        let record = |direction, bytes: Vec<u8>| {
            self.record(direction, CHAIR, Protocol::Http, "tcp", ends, bytes);
        };
        let mut answers = Vec::new();
        for request in self.tampered(Direction::Received, Protocol::Http, request.to_vec()) {
            record(Direction::Received, request.clone());
            let served = match owner_of(&request) {
                Some(key) if request.starts_with(b"GET ") => {
                    lock(&self.documents).get(&key).cloned().unwrap_or_default()
                }
                Some(key) if request.starts_with(b"PUT ") && self.kind == Kind::History => {
                    self.take_document(key, &request)
                }
                Some(_) => Served::status(405),
                None => Served::Absent,
            };
            if let Some(response) = served.response() {
                record(Direction::Sent, response.clone());
                answers.extend(self.tampered(Direction::Sent, Protocol::Http, response));
            }
        }
        answers
    }
}

impl Table {
    /// A document that the subject gives: from now on it is handed out.
    fn take_document(&self, key: String, request: &[u8]) -> Served {
        if let Some(served) = lock(&self.puts).clone() {
            return served;
        }
        let scan = Scan::sip(request);
        let kind = scan.field("Content-Type").map(|field| field.value);
        let document = Served::Raw {
            status: 200,
            content_type: kind.unwrap_or_default(),
            body: scan.body().to_vec(),
        };
        let known = lock(&self.documents).insert(key, document);
        Served::status(if known.is_some() { 200 } else { 201 })
    }
}

impl Served {
    /// This status, and nothing with it.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Raw {
            status,
            content_type: String::new(),
            body: Vec::new(),
        }
    }

    /// The response, if there is one.
    fn response(self) -> Option<Vec<u8>> {
        let (status, content_type, body) = match self {
            Self::Document(body) => (200, "application/vnd.oma.poc.groups+xml".to_owned(), body),
            Self::Raw {
                status,
                content_type,
                body,
            } => (status, content_type, body),
            Self::Absent => (404, String::new(), Vec::new()),
            Self::Never => return None,
        };
        let reason = match status {
            200 => "OK",
            201 => "Created",
            404 => "Not Found",
            405 => "Method Not Allowed",
            503 => "Service Unavailable",
            _ => "Answer",
        };
        let mut text = format!("HTTP/1.1 {status} {reason}\r\n");
        if !content_type.is_empty() {
            text += &format!("Content-Type: {content_type}\r\n");
        }
        text += &format!("Content-Length: {}\r\n\r\n", body.len());
        Some([text.into_bytes(), body].concat())
    }
}

impl Scene {
    /// Address of a group of this scenario, for which the XDMS is asked from now on.
    ///
    /// A server without groups cannot play what needs one: nothing more is sent, and what is not there yet is not
    /// applicable.
    pub fn group(&self, name: &str) -> String {
        if self.table.kind == Kind::Server && self.lab.profile.denies(GROUPS) {
            let why = format!("the profile claims `{GROUPS}: false`");
            lock(&self.table.cannot).get_or_insert(why);
        }
        let address = self.lab.profile.group(name, self.table.number);
        let fresh = lock(&self.table.groups)
            .insert(user_key(&address), name.to_owned())
            .is_none();
        if fresh {
            self.lab.xdms.seat(&address, &self.table);
        }
        address
    }

    /// What the XDMS answers when the subject asks for this group; at first [`Served::Absent`].
    pub fn serve_group(&mut self, name: &str, served: Served) {
        let address = self.group(name);
        lock(&self.table.documents).insert(user_key(&address), served);
    }

    /// What the XDMS answers when the subject asks for the access policy of a chair; at first [`Served::Absent`].
    pub fn serve_policy(&mut self, chair: &str, served: Served) {
        let address = self.user(chair);
        lock(&self.table.groups).insert(user_key(&address), chair.to_owned());
        lock(&self.table.documents).insert(user_key(&address), served);
        self.lab.xdms.seat(&address, &self.table);
    }

    /// Address of the one whose history the function keeps.
    pub fn owner(&self) -> String {
        self.user(OWNER)
    }

    /// What the XDMS answers to the documents that the subject gives it; at first it takes them.
    pub fn answer_documents(&mut self, served: Served) {
        *lock(&self.table.puts) = Some(served);
    }

    /// The addresses of groups, and of the one whose history is kept, as they stand in SIP and in a path, and how snapshots show them.
    pub(crate) fn group_names(&self) -> Vec<(String, String)> {
        let mut groups: BTreeMap<String, String> = lock(&self.table.groups).clone();
        if self.table.kind == Kind::History {
            groups.insert(user_key(&self.owner()), OWNER.to_owned());
        }
        let both = |(address, name): (String, String)| {
            let encoded = address.replace('@', "%40");
            let prefixed = format!("sip%3A{encoded}");
            [
                (prefixed, format!("sip%3A{name}")),
                (encoded, name.clone()),
                (address, name),
            ]
        };
        groups.into_iter().flat_map(both).collect()
    }
}

/// Octets of the first request, once all of it is there.
fn whole(buffer: &[u8]) -> Option<usize> {
    let end = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0_usize);
    let length = end.saturating_add(length);
    (buffer.len() >= length).then_some(length)
}

/// Key of the user whose document a request's path names, or of the group that its last segment names.
fn owner_of(request: &[u8]) -> Option<String> {
    let line = request.split(|byte| *byte == b'\r').next()?;
    let line = String::from_utf8_lossy(line).into_owned();
    let path = line.split(' ').nth(1)?.split('?').next()?.to_owned();
    let mut segments = path.split('/').skip_while(|one| *one != "users").skip(1);
    let segment = segments.next().or_else(|| path.rsplit('/').next())?;
    let segment = wire::percent::decode(segment.as_bytes());
    Some(user_key(&String::from_utf8_lossy(&segment)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_names_the_group_whatever_is_encoded() {
        for path in [
            "/services/a/global/byGroupID/sip:friends.7@Example.com",
            "/a/global/byGroupID/sip%3Afriends%2e7%40example.com?x=1",
        ] {
            let request = format!("GET {path} HTTP/1.1\r\n\r\n");
            assert_eq!(
                owner_of(request.as_bytes()).as_deref(),
                Some("friends.7@example.com")
            );
        }
        assert_eq!(owner_of(b"\r\n"), None);
        let put = b"PUT /a/conv-history/users/sip%3Aowner.7%40example.com/list HTTP/1.1\r\n\r\n";
        assert_eq!(owner_of(put).as_deref(), Some("owner.7@example.com"));
    }

    #[test]
    fn a_request_is_whole_with_its_body() {
        assert_eq!(whole(b"GET / HTTP/1.1\r\n\r\nGET"), Some(18));
        assert_eq!(
            whole(b"PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab"),
            None
        );
        assert_eq!(whole(b"GET / HT"), None);
    }

    #[test]
    fn what_is_served_is_one_response() {
        let text = |served: Served| String::from_utf8(served.response().unwrap()).unwrap();
        assert!(text(Served::Absent).starts_with("HTTP/1.1 404 Not Found\r\n"));
        assert!(
            text(Served::Document(b"<a/>".to_vec())).ends_with("Content-Length: 4\r\n\r\n<a/>")
        );
        assert_eq!(Served::Never.response(), None);
    }
}
