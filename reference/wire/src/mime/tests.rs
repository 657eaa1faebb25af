//! Multipart bodies: the edges of delimiter lines, spans, and any octets at all.

use pretty_assertions::assert_eq;
use proptest::prelude::*;

use super::*;

const TYPE: &str = "multipart/mixed;boundary=\"b1\"";

fn bodies(body: &str) -> Result<Vec<String>, Violation> {
    let parts = parse(TYPE, body.as_bytes())?;
    for part in &parts {
        assert_eq!(&body.as_bytes()[part.span.clone()], part.body);
    }
    Ok(parts
        .into_iter()
        .map(|part| String::from_utf8(part.body).unwrap())
        .collect())
}

#[test]
fn delimiter_lines() {
    let table = [
        ("--b1\r\n\r\nx\r\n--b1--", vec!["x"]),
        (
            "preamble\r\n--b1\r\nA: b\r\n\r\nx\r\n\r\n--b1 \t\r\n\r\ny\r\n--b1--\r\nepilogue\r\n--b1\r\n",
            vec!["x\r\n", "y"],
        ),
        (
            "--b1\r\n\r\nx --b1\r\n--b12\r\n--b1x--\r\n--b1--\r\n",
            vec!["x --b1\r\n--b12\r\n--b1x--"],
        ),
        (
            "--b1\r\n--b1\r\nA: b\r\n--b1\r\nA: b\r\n\r\n\r\n--b1--",
            vec!["", "", ""],
        ),
        ("--b1--\r\n", vec![]),
    ];
    for (body, expected) in table {
        assert_eq!(bodies(body).unwrap(), expected, "{body:?}");
    }
}

#[test]
fn faults_are_named() {
    assert_eq!(bodies("nothing"), Err(Violation::NoDelimiter));
    assert_eq!(
        bodies("--b1\r\n\r\nx\r\n--b1\r\n"),
        Err(Violation::NotClosed)
    );
    assert_eq!(
        bodies("--b1\r\nnocolon\r\n\r\nx\r\n--b1--"),
        Err(Violation::PartHeader)
    );
    assert_eq!(
        bodies(&"--b1\r\n\r\n\r\n".repeat(70)),
        Err(Violation::TooManyParts { limit: 64 })
    );
    let many = format!("--b1\r\n{}\r\n--b1--", "A: b\r\n".repeat(65));
    assert_eq!(bodies(&many), Err(Violation::TooManyHeaders { limit: 64 }));
    assert_eq!(parse("text/plain", b""), Err(Violation::NotMultipart));
    for bad in [
        "multipart/mixed",
        "multipart/mixed;boundary=",
        "multipart/mixed;boundary=\"a",
        "multipart/mixed;boundary=\"a \"",
    ] {
        assert_eq!(parse(bad, b""), Err(Violation::Boundary), "{bad}");
    }
}

#[test]
fn the_boundary_parameter_is_found_among_others() {
    for good in [
        "Multipart/Mixed; type=\"a;boundary=no\" ; BOUNDARY=b1",
        "multipart/related;boundary = \"b\\1\";x=y",
    ] {
        assert_eq!(parse(good, b"--b1--"), Ok(vec![]), "{good}");
    }
}

#[test]
fn find_looks_into_nested_parts_and_at_the_body_itself() {
    let inner = "--in\r\nContent-Type: application/SDP; x=y\r\n\r\nv=0\r\n--in--";
    let body = format!(
        "--b1\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n{inner}\r\n--b1--"
    );
    let found = find(TYPE, body.as_bytes(), "application/sdp").unwrap();
    assert_eq!(
        (&body[found.span.clone()], found.body.as_slice()),
        ("v=0", &b"v=0"[..])
    );
    assert_eq!(
        find("application/sdp", b"v=0", "Application/SDP")
            .unwrap()
            .span,
        0..3
    );
    assert_eq!(find(TYPE, body.as_bytes(), "message/cpim"), None);
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(parts in prop::collection::vec((prop::collection::vec(("[A-Z][a-z-]{0,9}", "[!-~]([ -~]{0,20}[!-~])?"), 0..3), prop::collection::vec(any::<u8>(), 0..60)), 0..5)) {
        let parts: Vec<Part> = parts.into_iter().map(|(headers, body)| Part { headers, body, span: 0..0 }).collect();
        prop_assume!(!occurs("b1", &parts));
        let mut read = parse(TYPE, &write("b1", &parts)).unwrap();
        for part in &mut read {
            part.span = 0..0;
        }
        prop_assert_eq!(read, parts);
    }

    #[test]
    fn no_octets_panic(content_type in "multipart/m(;|boundary|=|\"|\\\\|b1| |é){0,9}", body in "(--b1|--|\r\n|[ -~]|:|é){0,40}", bytes in prop::collection::vec(any::<u8>(), 0..99)) {
        for input in [body.as_bytes(), &bytes] {
            let _ = parse(&content_type, input);
            let _ = find(TYPE, input, "a/b");
        }
    }
}
