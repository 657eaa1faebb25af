//! Offer and answer (RFC 3264, RFC 6337): whose turn it is, and what was agreed.

use wire::sdp::Description;

/// Why a description cannot stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// An answer has as many media lines as its offer.
    #[error("the answer has another number of media lines (RFC 3264 6)")]
    MediaCount,
    /// Each media line of an answer is of the kind of its offer.
    #[error("a media line of the answer is of another kind (RFC 3264 6)")]
    MediaKind,
    /// A stream that was offered with port 0 stays refused.
    #[error("the answer takes up a stream that was not offered (RFC 3264 6)")]
    Revived,
    /// A new offer keeps the media lines of the old one.
    #[error("the new offer has fewer media lines (RFC 3264 8)")]
    MediaLost,
}

/// Where the exchange is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Nothing was offered.
    Idle,
    /// Our offer is out.
    OfferSent,
    /// We owe an answer.
    OfferReceived,
    /// An offer was answered.
    Agreed,
}

/// What can happen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// We offer.
    SendOffer(Description),
    /// We answer.
    SendAnswer(Description),
    /// The other end offers.
    ReceiveOffer(Description),
    /// The other end answers.
    ReceiveAnswer(Description),
    /// The request that carried the offer was refused.
    Rejected,
}

/// What follows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Output {
    /// Both ends agree now.
    Agreed,
    /// Both offered at once: answer 491 (RFC 3261 14.2).
    Retry,
    /// An offer came while one awaits our answer: answer 500 with Retry-After (RFC 3261 14.2).
    Refuse,
    /// The description breaks a rule; nothing changed.
    Invalid(Fault),
    /// The offer is void and what was agreed before stands (RFC 3264 4).
    Kept,
    /// The input means nothing in this state, and why.
    Ignored(&'static str),
}

/// The exchange of one session.
#[derive(Clone, Debug)]
pub struct OfferAnswer {
    state: State,
    pending: Option<Description>,
    agreed: Option<(Description, Description)>,
}

impl OfferAnswer {
    /// Nothing offered.
    pub fn new() -> OfferAnswer {
        OfferAnswer {
            state: State::Idle,
            pending: None,
            agreed: None,
        }
    }

    /// Where it is.
    pub fn state(&self) -> State {
        self.state
    }

    /// What was agreed last: ours, then the other end's.
    pub fn agreed(&self) -> Option<(&Description, &Description)> {
        self.agreed.as_ref().map(|(local, remote)| (local, remote))
    }

    /// The offer that awaits its answer.
    pub fn pending(&self) -> Option<&Description> {
        self.pending.as_ref()
    }

    /// Takes one input and appends what it causes.
    pub fn handle(&mut self, input: Input, out: &mut Vec<Output>) {
        match (self.state, input) {
            (State::Idle | State::Agreed, Input::SendOffer(offer)) => self.offer(offer, true, out),
            (State::Idle | State::Agreed, Input::ReceiveOffer(offer)) => {
                self.offer(offer, false, out)
            }
            (State::OfferSent, Input::ReceiveAnswer(answer)) => self.answer(answer, out),
            (State::OfferReceived, Input::SendAnswer(answer)) => self.answer(answer, out),
            (State::OfferSent, Input::ReceiveOffer(_)) => out.push(Output::Retry),
            (State::OfferReceived, Input::ReceiveOffer(_)) => out.push(Output::Refuse),
            (State::OfferSent | State::OfferReceived, Input::Rejected) => {
                self.pending = None;
                self.state = if self.agreed.is_some() {
                    State::Agreed
                } else {
                    State::Idle
                };
                out.push(Output::Kept);
            }
            (State::OfferSent | State::OfferReceived, Input::SendOffer(_)) => {
                out.push(Output::Ignored("an offer is open"));
            }
            (_, Input::SendAnswer(_) | Input::ReceiveAnswer(_)) => {
                out.push(Output::Ignored("no offer to answer"))
            }
            (_, Input::Rejected) => out.push(Output::Ignored("no offer is open")),
        }
    }

    fn offer(&mut self, offer: Description, ours: bool, out: &mut Vec<Output>) {
        if let Some((local, remote)) = &self.agreed {
            let before = if ours { local } else { remote };
            if offer.media.len() < before.media.len() {
                return out.push(Output::Invalid(Fault::MediaLost));
            }
        }
        self.pending = Some(offer);
        self.state = if ours {
            State::OfferSent
        } else {
            State::OfferReceived
        };
    }

    fn answer(&mut self, answer: Description, out: &mut Vec<Output>) {
        let Some(offer) = self.pending.take() else {
            return;
        };
        if let Err(fault) = check_answer(&offer, &answer) {
            self.pending = Some(offer);
            return out.push(Output::Invalid(fault));
        }
        self.agreed = Some(if self.state == State::OfferSent {
            (offer, answer)
        } else {
            (answer, offer)
        });
        self.state = State::Agreed;
        out.push(Output::Agreed);
    }
}

impl Default for OfferAnswer {
    fn default() -> OfferAnswer {
        OfferAnswer::new()
    }
}

/// Whether the answer fits the offer (RFC 3264 6).
pub fn check_answer(offer: &Description, answer: &Description) -> Result<(), Fault> {
    if offer.media.len() != answer.media.len() {
        return Err(Fault::MediaCount);
    }
    for (offered, answered) in offer.media.iter().zip(&answer.media) {
        if offered.kind != answered.kind || offered.protocol != answered.protocol {
            return Err(Fault::MediaKind);
        }
        if offered.port == 0 && answered.port != 0 {
            return Err(Fault::Revived);
        }
    }
    Ok(())
}
