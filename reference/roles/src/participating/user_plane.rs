//! The MSRP session of a B2BUA towards one end: each description shows the other end's parameters under our address.

use machines::port::Local;
use wire::sdp::{Description, Line, Media};
use wire::sip::Message;
use wire::{mime, sip};

use crate::media::{self, Origin};

/// What one end has been shown.
#[derive(Clone, Debug)]
pub(super) struct Face {
    /// Our MSRP URI for that end.
    pub(super) own: String,
    number: u64,
    version: u32,
    /// The latest description, empty before the first.
    pub(super) sdp: String,
}

impl Face {
    pub(super) fn new(own: String, number: u64) -> Self {
        Self {
            own,
            number,
            version: 1,
            sdp: String::new(),
        }
    }

    /// Shows the other end's description: its MSRP line leads to us, any other is refused.
    pub(super) fn show(
        &mut self,
        theirs: &Description,
        taken: usize,
        setup: &str,
        local: &Local,
    ) -> String {
        let mut sdp = self.write(theirs, taken, setup, local);
        // RFC 3264 8: the version rises when, and only when, something changed.
        if !self.sdp.is_empty() && sdp != self.sdp {
            self.version += 1;
            sdp = self.write(theirs, taken, setup, local);
        }
        self.sdp.clone_from(&sdp);
        sdp
    }

    fn write(&self, theirs: &Description, taken: usize, setup: &str, local: &Local) -> String {
        let origin = Origin {
            number: self.number,
            version: self.version,
        };
        let time = theirs.lines.iter().find(|line| line.kind == 't');
        let time = time.map_or("0 0", |line| line.value.as_str());
        let media = theirs.media.iter().enumerate().map(|(index, one)| {
            if index != taken || one.port == 0 {
                let (port, lines) = (0, Vec::new());
                return Media {
                    port,
                    lines,
                    ..one.clone()
                };
            }
            let kept = |line: &&Line| line.kind == 'a' && !media::is_ours(media::name(line));
            let mut lines: Vec<Line> = one.lines.iter().filter(kept).cloned().collect();
            lines.push(media::attribute("setup", setup));
            lines.push(media::attribute("path", &self.own));
            let port = local.msrp.port();
            Media {
                port,
                lines,
                ..one.clone()
            }
        });
        let media = media.collect();
        let lines = media::session_lines(local.msrp, origin, time);
        Description { lines, media }.to_string()
    }
}

/// The description in a message.
pub(super) fn description(message: &Message) -> Option<Result<Description, ()>> {
    let kind = message.header("Content-Type")?;
    let part = mime::find(kind, &message.body, SDP)?;
    let text = String::from_utf8(part.body).map_err(|_| ());
    let read = text.and_then(|text| Description::parse(&text).map_err(|_| ()));
    Some(read.map(|mut one| {
        media::settle_direction(&mut one);
        one
    }))
}

/// Gives `to` the body of `from`, with another description in place of its own.
pub(super) fn copy_body(from: &Message, to: &mut Message, sdp: Option<String>) {
    let Some(kind) = from
        .header("Content-Type")
        .filter(|_| !from.body.is_empty())
    else {
        return;
    };
    let Some(sdp) = sdp else {
        return to.set_body(kind, from.body.clone());
    };
    let content = sip::ContentType::parse(kind).ok();
    let boundary = content
        .as_ref()
        .and_then(|kind| kind.params.value("boundary"));
    let parts = boundary.and_then(|_| mime::parse(kind, &from.body).ok());
    let (Some(boundary), Some(mut parts)) = (boundary.map(sip::unquote), parts) else {
        return to.set_body(SDP, sdp.into_bytes());
    };
    let is_sdp = |kind: &str| sip::ContentType::parse(kind).is_ok_and(|kind| kind.is(SDP));
    for part in &mut parts {
        if part.content_type().is_some_and(is_sdp) {
            part.headers
                .retain(|(name, _)| !name.eq_ignore_ascii_case("Content-Length"));
            part.body = sdp.clone().into_bytes();
        }
    }
    to.set_body(kind, mime::write(&boundary, &parts));
}

/// The type of descriptions.
pub(super) const SDP: &str = "application/sdp";
