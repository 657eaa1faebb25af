//! How a chair behaves: what it offers, answers and lists, and the SDP that follows from it.

use wire::sip::Message;

/// What a chair puts into its messages; a feature's Given lines change it.
#[derive(Clone, Debug)]
pub struct Manner {
    pub display_name: Option<String>,
    /// Value of Allow, or none.
    pub allow: Option<String>,
    /// Allow in provisional responses, where it differs.
    pub allow_in_180: Option<String>,
    pub supported: Option<String>,
    pub session_expires: Option<String>,
    pub accept_types: String,
    /// Further `a=` attributes of the MSRP line.
    pub attributes: Vec<String>,
    /// Further media sections, whole lines.
    pub further_media: Vec<String>,
    pub setup: String,
    /// User part of the Contact of provisional and of final responses.
    pub contact_180: Option<String>,
    pub contact: Option<String>,
    /// Behind the Contact of its requests, such as `;isfocus`.
    pub contact_parameters: String,
    pub privacy: Option<String>,
    /// The chair whose identity it asserts to a SIP/IP core, and the values of its Accept-Contact there.
    pub asserts: Option<String>,
    pub features: Vec<String>,
    /// Whether it writes Accept-Contact in compact form.
    pub compact: bool,
    /// Its Max-Forwards there.
    pub hops: u8,
    pub require: Vec<String>,
    /// copyControl of every entry of its list, or none.
    pub copy_control: Option<String>,
    /// Guests whose entries are bcc all the same, and guests whose entries are anonymised.
    pub blind: Vec<String>,
    pub hidden: Vec<String>,
    /// What follows the address of every entry, such as a `method` parameter.
    pub behind_address: String,
    /// Content-Type and content of its pager-mode messages.
    pub writes: (String, String),
    /// Date and Expires of these messages, or neither.
    pub validity: Option<(String, u32)>,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            display_name: None,
            allow: Some("INVITE, ACK, CANCEL, BYE, UPDATE, NOTIFY, MESSAGE, OPTIONS".to_owned()),
            allow_in_180: None,
            supported: Some("timer".to_owned()),
            session_expires: None,
            accept_types: "message/cpim text/plain".to_owned(),
            attributes: Vec::new(),
            further_media: Vec::new(),
            setup: "actpass".to_owned(),
            contact_180: None,
            contact: None,
            contact_parameters: String::new(),
            privacy: None,
            asserts: None,
            features: vec!["*;+g.oma.sip-im;require;explicit".to_owned()],
            compact: false,
            hops: 70,
            require: vec!["recipient-list-invite".to_owned()],
            copy_control: None,
            blind: Vec::new(),
            hidden: Vec::new(),
            behind_address: String::new(),
            writes: ("text/plain".to_owned(), "Hello".to_owned()),
            validity: None,
        }
    }
}

impl Manner {
    /// What an INVITE or a change says of the chair: its methods, its extensions, the interval it asks for.
    pub(crate) fn announce(&self, request: &mut Message) {
        for (name, value) in [
            ("Allow", &self.allow),
            ("Supported", &self.supported),
            ("Session-Expires", &self.session_expires),
        ] {
            if let Some(value) = value {
                request.push(name, value.clone());
            }
        }
    }

    /// A session description with `path` as the MSRP address.
    pub(crate) fn sdp(
        &self,
        host: &str,
        port: u16,
        path: &str,
        setup: &str,
        version: u32,
    ) -> String {
        let family = if host.contains(':') { "IP6" } else { "IP4" };
        let mut lines = vec![
            "v=0".to_owned(),
            format!("o=- 1 {version} IN {family} {host}"),
            "s=-".to_owned(),
            format!("c=IN {family} {host}"),
            "t=0 0".to_owned(),
            format!("m=message {port} TCP/MSRP *"),
            format!("a=accept-types:{}", self.accept_types),
            format!("a=path:{path}"),
            format!("a=setup:{setup}"),
        ];
        lines.extend(self.attributes.iter().map(|a| format!("a={a}")));
        lines.extend(self.further_media.iter().cloned());
        lines.join("\r\n") + "\r\n"
    }
}
