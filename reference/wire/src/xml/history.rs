//! History lists (OMA IM XDM): the metadata of what was recorded, one `history` a recording.

use roxmltree::Node;

use super::Violation;

/// The metadata of one recorded session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Where, or under what name, the recorded content is found.
    pub reference: String,
    /// Octets of the recorded content.
    pub size: Option<u64>,
    /// What the session was about.
    pub subject: Option<String>,
    /// When it was, as it was written.
    pub date: Option<String>,
    /// The `conference` branch.
    pub conference: Conference,
}

/// What is known of the session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conference {
    /// When it began, as it was written.
    pub time_start: Option<String>,
    /// When it ended, as it was written.
    pub time_end: Option<String>,
    /// The name of the recording; an IM Session Identity.
    pub recording_name: Option<String>,
    /// Address and display name of each participant.
    pub participants: Vec<(String, Option<String>)>,
}

/// Reads a list; elements other than the ones above are passed over.
pub fn parse(document: &[u8]) -> Result<Vec<History>, Violation> {
    let text = super::text_within(document, OCTETS)?;
    let tree = super::tree_within(text, NODES)?;
    let root = tree.root_element();
    if !root.has_tag_name((SPACE, "history-list")) {
        return Err(Violation::Root);
    }
    let all = root
        .children()
        .filter(|node| node.has_tag_name((SPACE, "history")));
    let mut found = Vec::new();
    for node in all {
        if found.len() == ENTRIES {
            return Err(Violation::TooManyEntries { limit: ENTRIES });
        }
        found.push(history(node)?);
    }
    Ok(found)
}

/// Writes a list.
pub fn write(list: &[History]) -> Vec<u8> {
    let mut text = format!("{}<history-list xmlns=\"{SPACE}\">\r\n", super::DECLARATION);
    for one in list {
        one.write(&mut text);
    }
    text += "</history-list>\r\n";
    text.into_bytes()
}

impl History {
    fn write(&self, text: &mut String) {
        let reference = super::escape(&self.reference);
        *text += &format!("  <history history-reference=\"{reference}\">\r\n");
        let size = self.size.map(|size| size.to_string());
        for (name, value) in [
            ("size", &size),
            ("subject", &self.subject),
            ("date", &self.date),
        ] {
            leaf(text, "    ", name, value.as_deref());
        }
        *text += "    <conference>\r\n";
        let one = &self.conference;
        for (name, value) in [
            ("time-start", &one.time_start),
            ("time-end", &one.time_end),
            ("recording-name", &one.recording_name),
        ] {
            leaf(text, "      ", name, value.as_deref());
        }
        *text += "      <conf-list>\r\n";
        for (uri, name) in &one.participants {
            *text += &format!("        <entry uri=\"{}\"", super::escape(uri));
            *text += &match name {
                Some(name) => format!(" display-name=\"{}\"/>\r\n", super::escape(name)),
                None => "/>\r\n".to_owned(),
            };
        }
        *text += "      </conf-list>\r\n    </conference>\r\n  </history>\r\n";
    }
}

fn leaf(text: &mut String, indent: &str, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        let value = super::escape(value);
        *text += &format!("{indent}<{name}>{value}</{name}>\r\n");
    }
}

// The reference is an attribute or a child: both are written by others.
fn history(node: Node<'_, '_>) -> Result<History, Violation> {
    let of = |node: Node<'_, '_>, name| super::child(node, SPACE, name).map(super::content);
    let reference = node.attribute("history-reference").map(str::to_owned);
    let reference = reference.or_else(|| of(node, "history-reference"));
    let reference = reference.filter(|text| !text.is_empty());
    let mut found = History {
        reference: reference.ok_or(Violation::Reference)?,
        size: of(node, "size").and_then(|text| text.parse().ok()),
        subject: of(node, "subject"),
        date: of(node, "date"),
        conference: Conference::default(),
    };
    let Some(branch) = super::child(node, SPACE, "conference") else {
        return Ok(found);
    };
    found.conference.time_start = of(branch, "time-start");
    found.conference.time_end = of(branch, "time-end");
    found.conference.recording_name = of(branch, "recording-name");
    let list = super::child(branch, SPACE, "conf-list");
    let entries = list.into_iter().flat_map(|list| list.children());
    for entry in entries.filter(|node| node.has_tag_name((SPACE, "entry"))) {
        let uri = entry.attribute("uri").filter(|uri| !uri.is_empty());
        let name = entry.attribute("display-name").map(str::to_owned);
        let uri = uri.ok_or(Violation::EntryWithoutUri)?.to_owned();
        found.conference.participants.push((uri, name));
    }
    Ok(found)
}

/// The namespace.
pub const SPACE: &str = "urn:oma:xml:im:history-list";
/// Recordings of one list.
pub const ENTRIES: usize = 1024;
const OCTETS: usize = 1 << 20;
const NODES: u32 = 65_536;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let list = vec![
            History {
                reference: "a&b".into(),
                size: Some(7),
                subject: Some("<lunch>".into()),
                date: Some("Sat, 13 Nov 2010 23:29:00 GMT".into()),
                conference: Conference {
                    time_start: Some("1".into()),
                    time_end: Some("2".into()),
                    recording_name: Some("sip:s@x".into()),
                    participants: vec![
                        ("sip:a@x".into(), Some("A \"B\"".into())),
                        ("sip:c@x".into(), None),
                    ],
                },
            },
            History {
                reference: "2".into(),
                ..History::default()
            },
        ];
        assert_eq!(parse(&write(&list)), Ok(list));
        assert_eq!(parse(&write(&[])), Ok(Vec::new()));
    }

    #[test]
    fn lists_are_refused_by_name() {
        let inside = |inner: &str| {
            let text = format!("<h:history-list xmlns:h='{SPACE}'>{inner}</h:history-list>");
            parse(text.as_bytes())
        };
        let child =
            "<h:history><h:history-reference> r </h:history-reference><h:pager/></h:history>";
        let found = inside(child).unwrap();
        assert_eq!(found[0].reference, "r");
        for (document, violation) in [
            ("<h:history/>", Violation::Reference),
            ("<h:history history-reference=''/>", Violation::Reference),
            (
                "<h:history history-reference='a'><h:conference><h:conf-list><h:entry/></h:conf-list></h:conference></h:history>",
                Violation::EntryWithoutUri,
            ),
        ] {
            assert_eq!(inside(document), Err(violation), "{document}");
        }
        assert_eq!(parse(b"<history-list/>"), Err(Violation::Root));
        let many = "<h:history history-reference='a'/>".repeat(ENTRIES + 1);
        assert_eq!(
            inside(&many),
            Err(Violation::TooManyEntries { limit: ENTRIES })
        );
    }
}
