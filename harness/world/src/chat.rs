//! What a chair does in a chat room (RFC 7701): messages to somebody, chunks of a message, nicknames.

use wire::msrp::{Flag, Frame, Kind};

use crate::Scene;
use crate::agent::Call;
use crate::core::lock;
use crate::media::peer_path;

/// A message of a chair as a scenario wants it; what it leaves open is as RFC 7701 asks.
#[derive(Clone, Debug, Default)]
pub struct Utterance {
    /// Address in From of the envelope; the chair's own when none is given.
    pub from: Option<String>,
    /// Addresses in To of the envelope; the room's when there are none.
    pub to: Vec<String>,
    /// Further headers of the envelope, whole lines.
    pub envelope: Vec<String>,
    /// Type of the content in the envelope.
    pub content_type: Option<String>,
    pub text: String,
    /// Without an envelope the text is the whole message, as `text/plain`.
    pub bare: bool,
}

/// One chunk of a message.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Tells the chair's messages apart.
    pub message: String,
    /// Value of Byte-Range.
    pub range: String,
    pub flag: Flag,
}

impl Scene {
    /// The session that `chair` is in, and the switch's path towards it.
    fn room(&self, chair: &str) -> Option<(Call, String)> {
        let agent = lock(&self.table.agent);
        let mut calls = agent.calls.iter().rev();
        let call =
            calls.find(|c| c.chair == chair && !c.ended && c.request.method() == Some("INVITE"))?;
        let peer = peer_path(call.remote_sdp.as_deref()?)?;
        Some((call.clone(), peer))
    }

    /// `chair` sends a whole message into its session.
    pub async fn utter(&mut self, chair: &str, said: &Utterance) {
        if !self.act() {
            return;
        }
        let Some((call, peer)) = self.room(chair) else {
            return self.block(format!("{chair} is in no session with an MSRP path"));
        };
        let (kind, body) = self.content(chair, &call.target, said);
        self.send_msrp(chair, &peer, Some((kind, body)), false)
            .await;
    }

    /// `chair` sends one chunk of a message; the first holds the envelope, later ones nothing but text.
    pub async fn utter_chunk(&mut self, chair: &str, chunk: &Chunk, said: &Utterance) {
        if !self.act() {
            return;
        }
        let Some((call, peer)) = self.room(chair) else {
            return self.block(format!("{chair} is in no session with an MSRP path"));
        };
        let first = chunk.range.starts_with("1-");
        let body = match first {
            true => self.content(chair, &call.target, said).1,
            false => said.text.clone().into_bytes(),
        };
        let number = self.table.number;
        let Ok(endpoint) = self.endpoint(chair).await else {
            return;
        };
        let mut frame = endpoint.send_frame(&peer, Some(("message/cpim", body)), false);
        for (name, value) in &mut frame.headers {
            match name.as_str() {
                "Message-ID" => *value = format!("{}{number}", chunk.message),
                "Byte-Range" => value.clone_from(&chunk.range),
                _ => {}
            }
        }
        frame.flag = chunk.flag;
        self.send_frame(chair, frame).await;
    }

    /// `chair` asks for a nickname; `header` is the whole value of Use-Nickname, quotes included.
    pub async fn ask_nickname(&mut self, chair: &str, header: Option<&str>) {
        if !self.act() {
            return;
        }
        let Some((_, peer)) = self.room(chair) else {
            return self.block(format!("{chair} is in no session with an MSRP path"));
        };
        let Ok(endpoint) = self.endpoint(chair).await else {
            return;
        };
        let frame = endpoint.send_frame(&peer, None, false);
        let headers = header.map(|value| ("Use-Nickname".to_owned(), value.to_owned()));
        let frame = Frame {
            kind: Kind::Request("NICKNAME".to_owned()),
            headers: headers.into_iter().collect(),
            ..frame
        };
        self.send_frame(chair, frame).await;
    }

    fn content(&self, chair: &str, room: &str, said: &Utterance) -> (&'static str, Vec<u8>) {
        if said.bare {
            return ("text/plain", said.text.clone().into_bytes());
        }
        let from = said.from.clone().unwrap_or_else(|| self.user(chair));
        let mut lines = vec![format!("From: <{from}>")];
        match said.to.as_slice() {
            [] => lines.push(format!("To: <{room}>")),
            to => lines.extend(to.iter().map(|to| format!("To: <{to}>"))),
        }
        lines.extend(said.envelope.iter().cloned());
        let kind = said.content_type.as_deref();
        let kind = kind.unwrap_or("text/plain;charset=utf-8");
        let head = lines.join("\r\n");
        let whole = format!("{head}\r\n\r\nContent-Type: {kind}\r\n\r\n{}", said.text);
        ("message/cpim", whole.into_bytes())
    }
}
