//! Selectors on a small document, after the examples' shapes of RFC 4825 sections 6.3, 7 and 8.

use super::*;

const DOCUMENT: &str = "<?xml version=\"1.0\"?>\n<a xmlns=\"u\" xmlns:p=\"v\">\n  <b k=\"1\">one</b><b k=\"2\"/>\n  <p:c p:k='x/y'/>\n  <d/>\n</a>";

fn selector(text: &str) -> Selector {
    let bindings = [("q".to_owned(), "v".to_owned())];
    Selector::parse(text, &bindings, "u").unwrap_or_else(|| panic!("{text}"))
}

fn get(text: &str) -> Option<String> {
    selector(text).get(DOCUMENT.as_bytes()).unwrap()
}

#[test]
fn one_part_is_found_and_never_a_choice() {
    for (text, found) in [
        ("a/b[1]", Some("<b k=\"1\">one</b>")),
        ("a/b[@k=\"2\"]", Some("<b k=\"2\"/>")),
        ("a/b[2][@k='2']", Some("<b k=\"2\"/>")),
        ("a/b[1][@k='2']", None),
        ("a/b", None),
        ("a/*[3]", Some("<p:c p:k='x/y'/>")),
        ("a/q:c[@q:k=\"x/y\"]/@q:k", Some("x/y")),
        ("a/q:c/@k", None),
        ("a/b[1]/@k", Some("1")),
        ("a/c", None),
        ("a/d/namespace::*", Some("<d xmlns=\"u\" xmlns:p=\"v\"/>")),
    ] {
        assert_eq!(get(text).as_deref(), found, "{text}");
    }
}

#[test]
fn what_is_no_selector_is_refused() {
    for text in [
        "",
        "/a",
        "a//b",
        "a/",
        "a[0]",
        "a[@k=1]",
        "a[@k='1",
        "x:a",
        "a/@k/b",
        "a[@k='1'][1]",
        "@k",
        "a b",
    ] {
        assert_eq!(Selector::parse(text, &[], "u"), None, "{text}");
    }
    assert_eq!(Selector::parse(&"a/".repeat(40), &[], "u"), None);
}

#[test]
fn parts_are_replaced_and_inserted_where_they_are_selected() {
    let put = |text: &str, part: &str| selector(text).put(DOCUMENT.as_bytes(), part);
    let changed = put("a/b[1]", "<b>new</b>").unwrap();
    assert!(!changed.created && changed.document.contains("<b>new</b><b k=\"2\"/>"));
    let changed = put("a/b[@k='3']", "<b k=\"3\"/>").unwrap();
    assert!(changed.created && changed.document.contains("<b k=\"2\"/><b k=\"3\"/>"));
    let changed = put("a/b[1][@k='0']", "<b k=\"0\"/>").unwrap();
    assert!(changed.document.contains("<b k=\"0\"/><b k=\"1\">"));
    let changed = put("a/d/e", "<e/>").unwrap();
    assert!(changed.document.contains("<d><e/></d>"));
    let changed = put("a/b[1]/@k", "9").unwrap();
    assert!(!changed.created && changed.document.contains("<b k=\"9\">one"));
    let changed = put("a/d/@q:new", "w").unwrap();
    assert!(changed.created && changed.document.contains("<d p:new=\"w\"/>"));
}

#[test]
fn a_put_that_would_not_be_got_is_refused() {
    let put = |text: &str, part: &str| selector(text).put(DOCUMENT.as_bytes(), part).unwrap_err();
    assert_eq!(put("a/b[@k='3']", "<b k=\"4\"/>"), Refused::CannotInsert);
    assert_eq!(put("a/b[9]", "<b/>"), Refused::CannotInsert);
    assert_eq!(put("a/x/y", "<y/>"), Refused::NoParent);
    assert_eq!(put("a/x/@k", "1"), Refused::NoParent);
    assert_eq!(put("z", "<z/>"), Refused::CannotInsert);
    assert_eq!(put("a/b[1]", "<b/><b/>"), Refused::NotXmlFragment);
    assert_eq!(put("a/b[1]", "<b></a><b>"), Refused::NotXmlFragment);
    assert_eq!(put("a/b[1]", "<zz:b/>"), Refused::NotXmlFragment);
    assert_eq!(put("a/b[1]", "</w><w>"), Refused::NotXmlFragment);
    assert_eq!(put("a/b[1]/@k", "a\" l=\"b"), Refused::NotAttributeValue);
    assert_eq!(put("a/b[1]/@k", "a&b"), Refused::NotAttributeValue);
    assert_eq!(put("a/namespace::*", "x"), Refused::CannotInsert);
}

#[test]
fn parts_are_deleted_unless_another_takes_their_place() {
    let delete = |text: &str| selector(text).delete(DOCUMENT.as_bytes());
    assert!(delete("a/b[@k='1']").unwrap().contains("\n  <b k=\"2\"/>"));
    assert!(delete("a/b[2]/@k").unwrap().contains("<b/>"));
    assert_eq!(delete("a/b[1]"), Err(Refused::CannotDelete));
    assert_eq!(delete("a"), Err(Refused::CannotDelete));
    assert_eq!(delete("a/e"), Err(Refused::Nothing));
    assert_eq!(delete("a/d/@k"), Err(Refused::Nothing));
}

#[test]
fn a_document_that_cannot_be_read_is_told_so() {
    let bomb = b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>";
    assert_eq!(selector("a").get(bomb), Err(Violation::DocumentType));
}
