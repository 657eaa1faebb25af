//! Who was in the session according to the wire, and whether a subscriber could see it.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Sip, received_responses, sent_requests, sent_responses, sip_messages};
use trace::{Direction, Evidence, Exchange};
use wire::sip::NameAddr;

use super::view::View;
use super::{document, notifies};
use crate::Stage;
use crate::look::{Seen, calls, invitations, is, judged};
use crate::words::Clause;

/// One stay in the session, in frames.
struct Stay {
    address: String,
    /// It cannot have begun before.
    asked: usize,
    joined: usize,
    left: Option<usize>,
}

/// Everybody's stays.
fn stays(ex: &Exchange, names: &[(String, String)]) -> Vec<Stay> {
    let mut all = Vec::new();
    for (address, chair) in names {
        let outgoing = calls(ex, chair)
            .into_iter()
            .map(|m| (accepted_at(received_responses(ex, m.frame)), m));
        let incoming = invitations(ex, chair)
            .into_iter()
            .map(|m| (accepted_at(sent_responses(ex, m.frame)), m));
        for (joined, invite) in outgoing.chain(incoming) {
            if let Some(joined) = joined {
                all.push(Stay {
                    address: format!("sip:{address}"),
                    asked: invite.frame.index,
                    joined,
                    left: left_at(ex, &invite),
                });
            }
        }
    }
    all
}

fn accepted_at(responses: Vec<Sip<'_>>) -> Option<usize> {
    let accepts = |m: &Sip<'_>| m.scan.code().is_some_and(|code| (200..300).contains(&code));
    responses.into_iter().find(accepts).map(|m| m.frame.index)
}

fn left_at(ex: &Exchange, invite: &Sip<'_>) -> Option<usize> {
    let (sent, received) = (Direction::Sent, Direction::Received);
    sip_messages(ex, sent)
        .chain(sip_messages(ex, received))
        .filter(|m| m.scan.method().as_deref() == Some("BYE"))
        .filter(|m| m.frame.chair == invite.frame.chair && m.call_id() == invite.call_id())
        .map(|m| m.frame.index)
        .min()
}

/// The leave that ends the session: fewer than two are left after it.
fn end(stays: &[Stay]) -> Option<usize> {
    let present = |at: usize| {
        let here = |one: &&Stay| one.joined < at && one.left.is_none_or(|left| left > at);
        stays.iter().filter(here).count()
    };
    let leaves = stays.iter().filter_map(|one| one.left);
    leaves.filter(|left| present(*left) < 2).min()
}

struct Told<'a> {
    views: Vec<(Sip<'a>, View)>,
    end: Option<usize>,
    ex: &'a Exchange,
    /// Protocol seconds in a second.
    scale: f64,
}

impl Told<'_> {
    /// The first NOTIFY after this frame whose view is as wanted.
    fn find(&self, from: usize, wanted: impl Fn(&View) -> bool) -> Option<Evidence> {
        let mut all = self.views.iter();
        all.find(|(m, view)| m.frame.index > from && wanted(view))
            .map(|(m, _)| m.body())
    }

    /// Whether a leave may be told together with the session's end: there was no time to tell it before.
    fn ends_soon_after(&self, left: usize) -> bool {
        let at = |frame: usize| self.ex.frame(frame).map_or(0, |frame| frame.at_us);
        let us = self.end.map(|end| at(end).saturating_sub(at(left)));
        us.is_some_and(|us| us as f64 / 1e6 * self.scale < HASTE)
    }

    /// Whether nothing more can be told of what happened before the session's end.
    fn closed(&self) -> bool {
        let over = |(_, view): &(Sip<'_>, View)| view.deleted;
        self.end.is_some() || self.views.iter().any(over)
    }

    /// Nobody is shown in the session before the wire says so.
    fn too_early(&self, stays: &[Stay]) -> Option<Seen> {
        for (m, view) in &self.views {
            let early = view.users().find(|entity| {
                let joined = |one: &Stay| {
                    one.asked < m.frame.index && crate::look::same_uri(&one.address, entity)
                };
                view.status(entity) == Some("connected")
                    && !entity.contains("anonymous")
                    && !stays.iter().any(joined)
            });
            if let Some(entity) = early {
                let found = format!("{entity} is connected, but has not joined");
                return Some(Err((found, vec![m.body()])));
            }
        }
        None
    }

    fn judge(&self, stays: &[Stay]) -> Option<Seen> {
        if let Some(early) = self.too_early(stays) {
            return Some(early);
        }
        let first = self.views.first()?.0.frame.index;
        let (mut evidence, mut changes) = (Vec::new(), 0);
        for stay in stays {
            let name = &stay.address;
            if stay.left.is_none_or(|left| left > first) {
                // Its own 200 may come by another way, later than the NOTIFY.
                let seen = self.find(stay.asked, |view| view.connected(name));
                evidence.push(self.seen(seen, format!("{name} joined"))?);
                changes += usize::from(stay.joined > first);
            }
            let left = stay
                .left
                .filter(|left| *left > first && self.end.is_none_or(|end| *left < end));
            if let Some(left) = left {
                let hasty = self.ends_soon_after(left);
                let seen = self.find(left, |view| {
                    (hasty || !view.deleted) && !view.connected(name)
                });
                evidence.push(self.seen(seen, format!("{name} left"))?);
                changes += 1;
            }
        }
        let broken = evidence.iter().find_map(|one| one.clone().err());
        match broken {
            Some(what) => Some(is(
                false,
                format!("untold: {what}"),
                vec![self.views[0].0.body()],
            )),
            None if changes == 0 => None,
            None => {
                let evidence = evidence.into_iter().flatten().collect();
                Some(is(true, format!("{changes} changes told"), evidence))
            }
        }
    }

    // `None` while it may still be told.
    fn seen(&self, evidence: Option<Evidence>, what: String) -> Option<Result<Evidence, String>> {
        match evidence {
            Some(evidence) => Some(Ok(evidence)),
            None => self.closed().then_some(Err(what)),
        }
    }
}

/// The views of a chair after each NOTIFY; a document that cannot be read is what was found.
fn views<'a>(ex: &'a Exchange, chair: &str) -> Result<Vec<(Sip<'a>, View)>, Evidence> {
    let (mut view, mut all) = (View::default(), Vec::new());
    for m in notifies(ex, chair) {
        let info = document(&m).ok_or_else(|| m.body())?;
        view.apply(&info);
        all.push((m, view.clone()));
    }
    Ok(all)
}

#[then(expr = "[{clause}] the conference view of {word} follows who joins and who leaves")]
async fn follows(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let (names, scale) = (stage.scene().names(), stage.scene().scale);
    stage
        .judge(&clause.0, step, move |ex| {
            let stays = stays(ex, &names);
            let seen = match views(ex, &chair) {
                Err(place) => Some(Err((
                    "a document that cannot be read".to_owned(),
                    vec![place],
                ))),
                Ok(views) => Told {
                    views,
                    end: end(&stays),
                    ex,
                    scale,
                }
                .judge(&stays),
            };
            judged(
                "a NOTIFY of each join and leave, and nobody connected who has not joined",
                seen,
                "not every change has been told yet",
            )
        })
        .await;
}

/// Seconds for which a change may be held back: the 5 of RFC 4575 3.10, and one for the way.
const HASTE: f64 = 6.0;

/// What a chair asked for, as it is printed.
fn requested(ex: &Exchange, chair: &str) -> Option<String> {
    let mut all = sent_requests(ex, "SUBSCRIBE");
    all.retain(|m| m.frame.chair == chair);
    all.first()?.scan.request_uri()
}

#[then(expr = "[{clause}] the documents to {word} are about what she subscribed to")]
async fn entity(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let wanted = requested(ex, &chair).unwrap_or_default();
            let bare = NameAddr::parse(&format!("<{wanted}>")).map(|a| a.uri.to_string());
            let wanted = bare.unwrap_or(wanted);
            let all = notifies(ex, &chair);
            let read: Vec<_> = all.iter().filter_map(|m| Some((m, document(m)?))).collect();
            let other = read
                .iter()
                .find(|(_, info)| !crate::look::same_uri(&info.entity, &wanted));
            let seen = read.first().map(|first| {
                let (m, info) = other.unwrap_or(first);
                is(other.is_none(), info.entity.clone(), vec![m.body()])
            });
            judged(&format!("entity {wanted}"), seen, "no document came")
        })
        .await;
}
