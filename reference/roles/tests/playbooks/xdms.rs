//! The XDMS asked and answered: documents, parts, conditions, owners and errors.

use std::collections::BTreeMap;

use roles::xdms::{Fault, Key, Put, Request, Response, Store, Stored, answer, group_address};

const ALICE: &str = "sip:alice@example.com";
const HOME: &str = "/services/org.openmobilealliance.groups/users/sip:alice@example.com";
const GROUPS: &str = "application/vnd.oma.poc.groups+xml";

#[derive(Default)]
pub(crate) struct Memory {
    documents: BTreeMap<Key, (Stored, Option<String>)>,
    full: bool,
}

impl Store for Memory {
    fn get(&self, key: &Key) -> Result<Option<Stored>, Fault> {
        Ok(self.documents.get(key).map(|(stored, _)| stored.clone()))
    }

    fn put(&mut self, key: &Key, stored: Stored, group: Option<&str>) -> Result<Put, Fault> {
        if self.full {
            return Err(Fault::Full);
        }
        let claims = |other: &(&Key, &(Stored, Option<String>))| {
            other.0 != key && other.1.1.as_deref() == group
        };
        if group.is_some() && self.documents.iter().any(|other| claims(&other)) {
            return Ok(Put::Claimed);
        }
        self.documents
            .insert(key.clone(), (stored, group.map(str::to_owned)));
        Ok(Put::Stored)
    }

    fn delete(&mut self, key: &Key) -> Result<(), Fault> {
        self.documents.remove(key);
        Ok(())
    }

    fn group(&self, uri: &str) -> Result<Option<Key>, Fault> {
        let found = self
            .documents
            .iter()
            .find(|(_, (_, group))| group.as_deref() == Some(uri));
        Ok(found.map(|(key, _)| key.clone()))
    }

    fn count(&self, user: &str) -> Result<usize, Fault> {
        Ok(self.documents.keys().filter(|key| key.user == user).count())
    }
}

impl Memory {
    pub(crate) fn ask(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        let mut all = vec![(
            "X-XCAP-Asserted-Identity".to_owned(),
            format!("\"{ALICE}\""),
        )];
        all.extend(
            headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let request = Request {
            method: method.into(),
            target: target.into(),
            headers: all,
            body: body.into(),
        };
        answer("/services", &request, self)
    }

    fn put(&mut self, name: &str, body: &str) -> Response {
        self.ask(
            "PUT",
            &format!("{HOME}/{name}"),
            &[("Content-Type", GROUPS)],
            body,
        )
    }

    /// With the group `friends` in it, and its entity tag.
    fn with_group() -> (Memory, String) {
        let mut memory = Memory::default();
        let response = memory.put("friends", &group("friends"));
        assert_eq!(response.status, 201);
        (memory, header(&response, "ETag"))
    }
}

fn group(name: &str) -> String {
    format!(
        "<group xmlns=\"urn:oma:xml:poc:list-service\"><list-service uri=\"sip:{name}@example.com\"><list><entry uri=\"sip:alice@example.com\"/><entry uri=\"sip:bob@example.com\"/></list></list-service></group>"
    )
}

fn header(response: &Response, name: &str) -> String {
    let found = response.headers.iter().find(|(found, _)| *found == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

fn text(response: &Response) -> &str {
    std::str::from_utf8(&response.body).expect("UTF-8")
}

/// The element of a 409's error document.
fn conflict(response: &Response) -> &str {
    assert_eq!(response.status, 409, "{}", text(response));
    assert_eq!(
        header(response, "Content-Type"),
        "application/xcap-error+xml"
    );
    let inner = text(response).split("xcap-error\">").nth(1);
    let inner = inner.expect("an error document");
    inner[1..].split([' ', '/', '>']).next().unwrap_or_default()
}

#[test]
fn a_group_is_put_by_its_owner_and_read_by_everybody() {
    let (mut memory, etag) = Memory::with_group();
    for auid in [
        "org.openmobilealliance.groups",
        "org.openmobilealliance.poc-groups",
    ] {
        let target = group_address("/services", auid, "sip:friends@EXAMPLE.com");
        let response = answer(
            "/services",
            &Request {
                method: "GET".into(),
                target,
                headers: Vec::new(),
                body: Vec::new(),
            },
            &mut memory,
        );
        assert_eq!(
            (response.status, text(&response)),
            (200, group("friends").as_str())
        );
        assert_eq!(header(&response, "Content-Type"), GROUPS);
        assert_eq!(header(&response, "ETag"), etag);
    }
    assert_eq!(memory.put("friends", &group("friends")).status, 200);
    assert_eq!(
        memory
            .ask("DELETE", &format!("{HOME}/friends"), &[], "")
            .status,
        200
    );
    let target = group_address(
        "/services",
        "org.openmobilealliance.groups",
        "sip:friends@example.com",
    );
    assert_eq!(memory.ask("GET", &target, &[], "").status, 404);
    assert_eq!(
        memory
            .ask("DELETE", &format!("{HOME}/friends"), &[], "")
            .status,
        404
    );
}

#[test]
fn the_home_of_a_user_is_nobody_elses() {
    let (mut memory, _) = Memory::with_group();
    let target = format!("{HOME}/friends");
    for identity in [
        None,
        Some("\"sip:bob@example.com\""),
        Some("sip:alice@example.org"),
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            let headers =
                identity.map(|value| ("X-3GPP-Asserted-Identity".to_owned(), value.to_owned()));
            let request = Request {
                method: method.into(),
                target: target.clone(),
                headers: headers.into_iter().collect(),
                body: Vec::new(),
            };
            assert_eq!(answer("/services", &request, &mut memory).status, 403);
        }
    }
    let global = group_address(
        "/services",
        "org.openmobilealliance.groups",
        "sip:friends@example.com",
    );
    let response = memory.ask("PUT", &global, &[("Content-Type", GROUPS)], "");
    assert_eq!(
        (response.status, header(&response, "Allow").as_str()),
        (405, "GET")
    );
    assert_eq!(memory.ask("POST", &target, &[], "").status, 405);
}

#[test]
fn conditions_are_kept() {
    let (mut memory, etag) = Memory::with_group();
    let target = format!("{HOME}/friends");
    let mut status = |method: &str, name: &str, value: &str| {
        let headers = [(name, value), ("Content-Type", GROUPS)];
        memory
            .ask(method, &target, &headers, &group("friends"))
            .status
    };
    assert_eq!(status("GET", "If-None-Match", &etag), 304);
    assert_eq!(status("GET", "If-None-Match", "\"other\""), 200);
    assert_eq!(status("GET", "If-Match", "\"other\""), 412);
    assert_eq!(status("PUT", "If-None-Match", "*"), 412);
    assert_eq!(status("PUT", "If-Match", "\"other\""), 412);
    assert_eq!(status("DELETE", "If-Match", "\"other\""), 412);
    assert_eq!(
        status("PUT", "If-Match", &format!("\"other\", {etag}")),
        200
    );
    assert_eq!(status("DELETE", "If-Match", "*"), 200);
    assert_eq!(status("PUT", "If-Match", "*"), 412);
    assert_eq!(status("PUT", "If-None-Match", "*"), 201);
}

#[test]
fn parts_are_read_put_and_deleted() {
    let (mut memory, _) = Memory::with_group();
    let node = |node: &str| format!("{HOME}/friends/~~/group/list-service/{node}");
    let element = [("Content-Type", "application/xcap-el+xml")];
    let carol = "<entry uri=\"sip:carol@example.com\"/>";
    let target = node("list/entry%5b@uri=%22sip:carol@example.com%22%5d");
    assert_eq!(memory.ask("GET", &target, &[], "").status, 404);
    assert_eq!(memory.ask("PUT", &target, &element, carol).status, 201);
    let response = memory.ask("GET", &target, &[], "");
    assert_eq!((response.status, text(&response)), (200, carol));
    assert_eq!(header(&response, "Content-Type"), "application/xcap-el+xml");
    assert_eq!(memory.ask("PUT", &target, &element, carol).status, 200);
    assert_eq!(memory.ask("DELETE", &target, &[], "").status, 200);
    assert_eq!(memory.ask("DELETE", &target, &[], "").status, 404);
    let prefixed = format!(
        "{HOME}/friends/~~/p:group/p:list-service/@uri?xmlns(p=urn:oma:xml:poc:list-service)"
    );
    let response = memory.ask("GET", &prefixed, &[], "");
    assert_eq!(
        (response.status, text(&response)),
        (200, "sip:friends@example.com")
    );
    assert_eq!(
        header(&response, "Content-Type"),
        "application/xcap-att+xml"
    );
    let attribute = [("Content-Type", "application/xcap-att+xml")];
    assert_eq!(
        memory
            .ask("PUT", &prefixed, &attribute, "sip:foes@example.com")
            .status,
        200
    );
    let global = group_address(
        "/services",
        "org.openmobilealliance.groups",
        "sip:foes@example.com",
    );
    assert_eq!(memory.ask("GET", &global, &[], "").status, 200);
}

#[test]
fn what_cannot_be_done_says_why() {
    let (mut memory, _) = Memory::with_group();
    assert_eq!(conflict(&memory.put("a", "<group")), "not-well-formed");
    assert_eq!(
        conflict(&memory.put("a", "<group/>")),
        "schema-validation-error"
    );
    assert_eq!(
        conflict(&memory.put("a", &group("friends"))),
        "uniqueness-failure"
    );
    assert_eq!(
        conflict(&memory.put("a", &group("x").replace("bob", "alice"))),
        "uniqueness-failure"
    );
    assert_eq!(
        conflict(&memory.put("a", &group("x").replace("sip:x@", "tel:"))),
        "constraint-failure"
    );
    let bomb = format!("<!DOCTYPE g [<!ENTITY e 'ee'>]>{}", group("x"));
    assert_eq!(conflict(&memory.put("a", &bomb)), "constraint-failure");
    assert_eq!(memory.put("a", &" ".repeat(1 << 21)).status, 413);
    let wrong = memory.ask(
        "PUT",
        &format!("{HOME}/a"),
        &[("Content-Type", "text/xml")],
        &group("x"),
    );
    assert_eq!(wrong.status, 415);
    memory.full = true;
    assert_eq!(memory.put("b", &group("b")).status, 507);
}

#[test]
fn a_part_that_cannot_be_put_says_why() {
    let (mut memory, _) = Memory::with_group();
    let mut part = |node: &str, body: &str| {
        let target = format!("{HOME}/{node}");
        let kind = if node.contains('@') && !node.contains('[') {
            "att"
        } else {
            "el"
        };
        let kind = format!("application/xcap-{kind}+xml");
        conflict(&memory.ask("PUT", &target, &[("Content-Type", &kind)], body)).to_owned()
    };
    assert_eq!(part("none/~~/group/list-service", "<a/>"), "no-parent");
    assert_eq!(part("friends/~~/group/x/y", "<y/>"), "no-parent");
    assert_eq!(
        part(
            "friends/~~/group/list-service/list/entry[@uri='a']",
            "<entry uri='b'/>"
        ),
        "cannot-insert"
    );
    assert_eq!(
        part("friends/~~/group/list-service/list", "<list>"),
        "not-xml-frag"
    );
    assert_eq!(
        part("friends/~~/group/list-service/@uri", "a\"b"),
        "not-xml-att-value"
    );
    assert_eq!(
        part("friends/~~/group/list-service", "<a/>"),
        "cannot-insert"
    );
    let response = memory.ask(
        "DELETE",
        &format!("{HOME}/friends/~~/group/list-service/@uri"),
        &[],
        "",
    );
    assert_eq!(conflict(&response), "schema-validation-error");
}

#[test]
fn other_usages_and_the_capabilities_are_served() {
    let mut memory = Memory::default();
    let home = "/services/resource-lists/users/sip:alice@example.com/index";
    let lists = |inner: &str| {
        format!(
            "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list>{inner}</list></resource-lists>"
        )
    };
    let kind = [("Content-Type", "application/resource-lists+xml")];
    let entry = "<entry uri=\"sip:a@x\"/>";
    assert_eq!(memory.ask("PUT", home, &kind, &lists(entry)).status, 201);
    assert_eq!(
        conflict(&memory.ask("PUT", home, &kind, &lists(&entry.repeat(2)))),
        "uniqueness-failure"
    );
    let home =
        "/services/org.openmobilealliance.access-rules/users/sip:alice@example.com/access-rules";
    let kind = [("Content-Type", "application/auth-policy+xml; charset=utf-8")];
    let rules =
        "<ruleset xmlns=\"urn:ietf:params:xml:ns:common-policy\"><rule id=\"a\"/></ruleset>";
    assert_eq!(memory.ask("PUT", home, &kind, rules).status, 201);
    let response = memory.ask("GET", "/services/xcap-caps/global/index", &[], "");
    assert_eq!(
        header(&response, "Content-Type"),
        "application/xcap-caps+xml"
    );
    assert!(text(&response).contains("<auid>org.openmobilealliance.groups</auid>"));
    assert_eq!(
        memory
            .ask("DELETE", "/services/xcap-caps/global/index", &[], "")
            .status,
        405
    );
    assert_eq!(memory.ask("GET", "/elsewhere", &[], "").status, 404);
}
