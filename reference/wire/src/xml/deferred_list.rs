//! Lists of deferred messages (OMA IM XDM): a history list with one `pager` branch a message.

use super::escape;
use super::history::SPACE;

/// What a user may know of a message that waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// What tells it from the others, as it is for [`super::history::History`].
    pub reference: String,
    /// Octets of it.
    pub size: usize,
    /// Until when it waits.
    pub expiry: Option<String>,
    /// What it is about.
    pub subject: Option<String>,
    /// When it came.
    pub date: Option<String>,
    /// Address of its sender.
    pub from: String,
    /// Address of its receiver.
    pub to: String,
}

/// Writes a list.
pub fn write(list: &[Waiting]) -> Vec<u8> {
    let mut text = format!("{}<history-list xmlns=\"{SPACE}\">\r\n", super::DECLARATION);
    for one in list {
        text += &format!(
            "  <history history-reference=\"{}\">\r\n    <size>{}</size>\r\n",
            escape(&one.reference),
            one.size
        );
        let named = [
            ("expiry", &one.expiry),
            ("subject", &one.subject),
            ("date", &one.date),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                text += &format!("    <{name}>{}</{name}>\r\n", escape(value));
            }
        }
        text += &format!(
            "    <pager>\r\n      <from>{}</from>\r\n      <to>{}</to>\r\n    </pager>\r\n  </history>\r\n",
            escape(&one.from),
            escape(&one.to)
        );
    }
    (text + "</history-list>\r\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::history;

    #[test]
    fn a_list_is_a_history_list() {
        let one = Waiting {
            reference: "7".into(),
            size: 240,
            subject: Some("a < b".into()),
            from: "sip:a@x".into(),
            to: "sip:b@x".into(),
            ..Waiting::default()
        };
        let found = history::parse(&write(&[one])).unwrap();
        assert_eq!(
            (found[0].reference.as_str(), found[0].size),
            ("7", Some(240))
        );
        assert_eq!(found[0].subject.as_deref(), Some("a < b"));
    }
}
