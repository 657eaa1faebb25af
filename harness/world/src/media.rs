//! What a chair does on its MSRP leg: connect, send, wait for the response.

use std::time::Duration;

use tokio::sync::watch;
use trace::{Direction, Exchange};

use crate::Scene;
use crate::core::lock;
use crate::msrp::Link;
use crate::scene::LINGER;

impl Scene {
    /// Connects the chair's MSRP endpoint to the peer of its call when it is the active side.
    pub(crate) async fn join(&mut self, chair: &str, call_id: &str) {
        let sdp = lock(&self.table.agent)
            .call_mut(call_id)
            .and_then(|c| c.remote_sdp.clone());
        let peer = sdp.as_deref().and_then(peer_path);
        let Some(peer) = peer else { return };
        let result = match self.endpoint(chair).await {
            Ok(endpoint) => endpoint.connect(&peer).await,
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            return self.block(format!(
                "{chair} cannot connect to the MSRP path {peer}: {error}"
            ));
        }
        self.send_msrp(chair, &peer, None, false).await;
    }

    /// Takes the media path of an accepted call: connects when the answer says passive.
    pub async fn take_leg(&mut self, chair: &str) {
        if !self.act() {
            return;
        }
        let Some(call) = self
            .answered(chair)
            .await
            .filter(|c| c.code.is_some_and(|c| c < 300))
        else {
            return self.block(format!("{chair} was not let into the session"));
        };
        let setup = call
            .remote_sdp
            .as_deref()
            .and_then(|s| wire::sdp::Description::parse(s).ok())
            .and_then(|d| {
                d.media
                    .first()
                    .and_then(|m| m.attribute("setup"))
                    .map(str::to_owned)
            });
        // Without setup the offerer connects (RFC 6135 section 5).
        if setup.as_deref() != Some("active") {
            self.join(chair, &call.id).await;
        }
    }

    pub(crate) async fn send_msrp(
        &mut self,
        chair: &str,
        peer: &str,
        content: Option<(&str, Vec<u8>)>,
        report: bool,
    ) {
        let Ok(endpoint) = self.endpoint(chair).await else {
            return;
        };
        let frame = endpoint.send_frame(peer, content, report);
        self.send_frame(chair, frame).await;
    }

    /// Sends a request on the chair's link and waits for the response.
    pub(crate) async fn send_frame(&mut self, chair: &str, frame: wire::msrp::Frame) {
        let Ok(endpoint) = self.endpoint(chair).await else {
            return;
        };
        let answered = response_to(frame.transaction.clone());
        match connected(endpoint.links()).await {
            Some(link) => {
                if link.send(frame.to_bytes()).await.is_err() {
                    self.block(format!("the MSRP connection of {chair} is gone"));
                }
                self.wait(Some(LINGER), answered).await;
            }
            None => self.block(format!("{chair} has no MSRP connection")),
        }
    }

    /// Waits until `chair` has a connection at the port that it described last.
    pub async fn reached(&mut self, chair: &str) {
        if let Ok(endpoint) = self.endpoint(chair).await {
            let links = endpoint.links();
            connected(links).await;
        }
    }

    /// `chair` sends a CPIM message with this text into its session.
    pub async fn say(&mut self, chair: &str, text: &str, report: bool) {
        let content = self.session_target(chair).map(|target| {
            format!(
                "From: <{}>\r\nTo: <{target}>\r\n\r\nContent-Type: text/plain;charset=utf-8\r\n\r\n{text}",
                self.user(chair),
            )
        });
        self.say_as(chair, "message/cpim", &content.unwrap_or_default(), report)
            .await;
    }

    fn session_target(&self, chair: &str) -> Option<String> {
        let agent = lock(&self.table.agent);
        let mut calls = agent.calls.iter().rev();
        calls
            .find(|c| c.chair == chair && !c.ended && c.request.method() == Some("INVITE"))
            .map(|c| c.target.clone())
    }

    /// `chair` sends content of this type into its session.
    pub async fn say_as(&mut self, chair: &str, kind: &str, content: &str, report: bool) {
        if !self.act() {
            return;
        }
        let call = lock(&self.table.agent)
            .calls
            .iter()
            .rev()
            .find(|c| c.chair == chair && !c.ended && c.request.method() == Some("INVITE"))
            .cloned();
        let Some(peer) = call.and_then(|c| c.remote_sdp.as_deref().and_then(peer_path)) else {
            return self.block(format!("{chair} is in no session with an MSRP path"));
        };
        self.send_msrp(
            chair,
            &peer,
            Some((kind, content.as_bytes().to_vec())),
            report,
        )
        .await;
    }

    /// `chair` sends a message to a session identifier that the switch never gave.
    pub async fn say_nowhere(&mut self, chair: &str, text: &str) {
        if !self.act() {
            return;
        }
        let sdp = lock(&self.table.agent)
            .calls
            .iter()
            .rev()
            .find(|c| c.chair == chair && !c.ended)
            .and_then(|c| c.remote_sdp.clone());
        let peer = sdp
            .as_deref()
            .and_then(peer_path)
            .and_then(|p| wire::msrp::Uri::parse(&p).ok());
        let Some(mut peer) = peer else {
            return self.block(format!("{chair} has no MSRP path"));
        };
        peer.session = "no-such-session".to_owned();
        self.send_msrp(
            chair,
            &peer.to_string(),
            Some(("text/plain", text.as_bytes().to_vec())),
            false,
        )
        .await;
    }
}

/// Whether the subject answered the MSRP request of this transaction (RFC 4975 7.2).
fn response_to(transaction: String) -> impl Fn(&Exchange) -> Option<()> {
    move |exchange| {
        trace::matchers::msrp_frames(exchange, Direction::Received)
            .any(|m| {
                m.message.transaction == transaction
                    && matches!(m.message.kind, wire::msrp::Kind::Response(..))
            })
            .then_some(())
    }
}

pub(crate) fn peer_path(sdp: &str) -> Option<String> {
    let description = wire::sdp::Description::parse(sdp).ok()?;
    let media = description.media.iter().find(|m| m.kind == "message")?;
    media.path().first().cloned()
}

/// The connection of an endpoint, once it is there; connecting takes no time of the protocol.
async fn connected(mut links: watch::Receiver<Option<Link>>) -> Option<Link> {
    let patience = Duration::from_secs(2);
    let link = tokio::time::timeout(patience, links.wait_for(Option::is_some)).await;
    link.ok().and_then(Result::ok).and_then(|link| link.clone())
}
