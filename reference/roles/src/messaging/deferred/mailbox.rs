//! The mailbox of one user: which message is on its way, and what comes next.

use std::time::Duration;

/// How far the delivery is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Stage {
    /// Messages may wait, and nothing happens until the user comes.
    #[default]
    Still,
    /// It waits for its turn among the mailboxes.
    Queued,
    /// The store is asked for the oldest message.
    Looking,
    /// That message is on its way.
    Underway(u64),
    /// The client has it: the store is asked to forget it.
    Removing(u64),
    /// It waits for a failure to pass.
    Resting,
    /// Likewise, and the client has the message: it is never sent again.
    Forgetting(u64),
}

/// What follows from a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Next {
    Nothing,
    /// No message waits: the mailbox is of no more use.
    Forget,
    /// The mailbox shall get its turn.
    Queue,
    /// Ask the store for the oldest message behind this one.
    Look {
        after: u64,
    },
    /// Ask it to forget this one.
    Remove {
        number: u64,
    },
    /// Start the timer.
    Arm(Duration),
}

/// A mailbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Mailbox {
    pub(super) stage: Stage,
    /// The last message that the client refused since the user came.
    after: u64,
    /// The user came, or a message did, since the store was last asked.
    again: bool,
}

impl Mailbox {
    /// Whether it waits for the store or for the client.
    pub(super) fn busy(&self) -> bool {
        matches!(
            self.stage,
            Stage::Looking | Stage::Underway(_) | Stage::Removing(_)
        )
    }

    /// Whether its timer runs.
    pub(super) fn armed(&self) -> bool {
        matches!(self.stage, Stage::Resting | Stage::Forgetting(_))
    }

    /// The user is there.
    pub(super) fn come(&mut self) -> Next {
        match self.stage {
            Stage::Still | Stage::Resting => {
                self.after = 0;
                self.queue()
            }
            Stage::Queued => Next::Nothing,
            Stage::Looking | Stage::Underway(_) | Stage::Removing(_) | Stage::Forgetting(_) => {
                self.again = true;
                Next::Nothing
            }
        }
    }

    /// The user is gone: what is underway will say so by itself.
    pub(super) fn gone(&mut self) -> Next {
        self.again = false;
        match self.stage {
            Stage::Resting => {
                self.stage = Stage::Still;
                Next::Forget
            }
            Stage::Still => Next::Forget,
            _ => Next::Nothing,
        }
    }

    /// Its turn has come.
    pub(super) fn turn(&mut self) -> Next {
        if self.stage == Stage::Queued {
            self.look()
        } else {
            Next::Nothing
        }
    }

    /// The store has nothing more.
    pub(super) fn empty(&mut self) -> Next {
        if self.again {
            self.after = 0;
            return self.queue();
        }
        self.stage = Stage::Still;
        // Refused ones still wait.
        if self.after == 0 {
            Next::Forget
        } else {
            Next::Nothing
        }
    }

    /// The message is on its way.
    pub(super) fn sent(&mut self, number: u64) -> Next {
        self.stage = Stage::Underway(number);
        Next::Nothing
    }

    /// The message is not for this client; the ones behind it may be.
    pub(super) fn skip(&mut self, number: u64) -> Next {
        self.after = number;
        self.queue()
    }

    /// The client has the message.
    pub(super) fn acknowledged(&mut self) -> Next {
        match self.stage {
            Stage::Underway(number) | Stage::Forgetting(number) => {
                self.stage = Stage::Removing(number);
                Next::Remove { number }
            }
            _ => Next::Nothing,
        }
    }

    /// The store has forgotten the message.
    pub(super) fn removed(&mut self) -> Next {
        self.queue()
    }

    /// The client cannot be reached: until the user comes again.
    pub(super) fn unreachable(&mut self) -> Next {
        if self.again {
            return self.queue();
        }
        self.stage = Stage::Still;
        Next::Nothing
    }

    /// Something failed that may pass.
    pub(super) fn rest(&mut self, pause: Duration) -> Next {
        self.stage = match self.stage {
            Stage::Removing(number) => Stage::Forgetting(number),
            _ => Stage::Resting,
        };
        Next::Arm(pause)
    }

    /// The pause is over.
    pub(super) fn fired(&mut self) -> Next {
        match self.stage {
            Stage::Resting => self.queue(),
            Stage::Forgetting(_) => self.acknowledged(),
            _ => Next::Nothing,
        }
    }

    fn queue(&mut self) -> Next {
        self.stage = Stage::Queued;
        Next::Queue
    }

    fn look(&mut self) -> Next {
        self.stage = Stage::Looking;
        self.again = false;
        Next::Look { after: self.after }
    }
}
