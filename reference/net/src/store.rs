//! Carries questions of the shards to durable storage: one thread, as many questions at a time as are there.

use std::sync::Arc;

use machines::port::Input;
use machines::store::{Ask, Outcome, Store, StoreId};
use tokio::sync::mpsc;

use crate::hub::{Event, Hub};

/// The way to the store.
pub(crate) struct Queue(mpsc::Sender<Asked>);

/// A question and who wants to know.
pub(crate) struct Asked {
    shard: usize,
    id: StoreId,
    ask: Ask,
}

/// A queue that has room for so many questions.
pub(crate) fn queue() -> (Queue, mpsc::Receiver<Asked>) {
    let (sender, receiver) = mpsc::channel(ASKED);
    (Queue(sender), receiver)
}

impl Queue {
    /// Asks on behalf of a shard; the error is the outcome when nobody will get to the question.
    pub(crate) fn ask(&self, shard: usize, id: StoreId, ask: Ask) -> Result<(), String> {
        self.0
            .try_send(Asked { shard, id, ask })
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => BUSY.to_owned(),
                mpsc::error::TrySendError::Closed(_) => ENDED.to_owned(),
            })
    }
}

/// Works until the driver stops. Questions that came together share one wait for the disk.
pub(crate) async fn work(
    hub: Arc<Hub>,
    store: Option<Arc<dyn Store>>,
    mut asked: mpsc::Receiver<Asked>,
) {
    let mut batch = Vec::new();
    while asked.recv_many(&mut batch, AT_ONCE).await > 0 {
        let (who, asks): (Vec<_>, Vec<_>) = batch
            .drain(..)
            .map(|one| ((one.shard, one.id), one.ask))
            .unzip();
        let mut outcomes = carried_out(store.clone(), asks).await.into_iter();
        for (shard, id) in who {
            let outcome = outcomes.next().unwrap_or_else(|| Err(ENDED.to_owned()));
            hub.tell(shard, Event::Input(Input::Stored { id, outcome }.into()))
                .await;
        }
    }
}

async fn carried_out(store: Option<Arc<dyn Store>>, asks: Vec<Ask>) -> Vec<Outcome> {
    let count = asks.len();
    let Some(store) = store else {
        return vec![Err(NONE.to_owned()); count];
    };
    // Only a store that panicked has no outcomes.
    tokio::task::spawn_blocking(move || store.carry_out(&asks))
        .await
        .unwrap_or_else(|_| vec![Err(ENDED.to_owned()); count])
}

/// Questions that wait.
const ASKED: usize = 4096;
/// Questions that share a wait for the disk.
const AT_ONCE: usize = 256;

const NONE: &str = "this server has no store: name one in its configuration";
const BUSY: &str =
    "the store has too much to do: look for a slow disk, or for more senders than it can serve";
const ENDED: &str = "the store ended at work: look into the log for its last words";
