//! `im-client chat`: a call from its invitation to its end.

use app::client::RunningClient;
use roles::client::upper::{Command, Told};

use crate::{finish, lines, show, started};

/// Calls, sends each line of the input, and leaves when all of it has arrived.
pub(crate) async fn chat(mut client: RunningClient, invite: Command) -> Result<u8, app::Error> {
    let ended = app::signals()?;
    tokio::pin!(ended);
    let mut talk = Talk::default();
    if started(&mut client).await {
        client.say(&invite).await;
        let mut lines = lines();
        while !talk.over {
            let patience = tokio::time::sleep(LAST_WORDS);
            tokio::select! {
                () = &mut ended, if !talk.leaving => talk.leave(&client).await,
                () = patience, if talk.closing && !talk.leaving => talk.leave(&client).await,
                line = lines.recv(), if talk.open && !talk.closing => match line {
                    Some(text) if text.trim() != "/leave" => talk.send(text, &client).await,
                    _ => {
                        talk.closing = true;
                        talk.settle(&client).await;
                    }
                },
                line = client.told.recv() => match line.map(|line| Told::read(&line)) {
                    Some(Ok(told)) => {
                        show(&told);
                        talk.hear(told, &client).await;
                    }
                    Some(Err(_)) => {}
                    None => break,
                },
            }
        }
    }
    finish(client).await;
    Ok(u8::from(!talk.open))
}

/// How far a chat is.
#[derive(Default)]
struct Talk {
    /// The session was established.
    open: bool,
    /// Nothing more is to be sent.
    closing: bool,
    leaving: bool,
    over: bool,
    /// What was sent and not yet confirmed.
    waiting: usize,
}

impl Talk {
    async fn send(&mut self, text: String, client: &RunningClient) {
        self.waiting += 1;
        let (call, to) = (CALL.into(), None);
        client.say(&Command::Send { call, text, to }).await;
    }

    /// Leaves once everything has arrived.
    async fn settle(&mut self, client: &RunningClient) {
        if self.closing && self.waiting == 0 {
            self.leave(client).await;
        }
    }

    async fn leave(&mut self, client: &RunningClient) {
        if !std::mem::replace(&mut self.leaving, true) {
            let (call, anonymous) = (CALL.into(), false);
            client.say(&Command::Leave { call, anonymous }).await;
        }
    }

    async fn hear(&mut self, told: Told, client: &RunningClient) {
        match told {
            Told::Established { call, .. } if call == CALL => self.open = true,
            Told::Delivered { .. } => {
                self.waiting = self.waiting.saturating_sub(1);
                self.settle(client).await;
            }
            Told::Incoming { call, .. } => {
                client.say(&Command::Reject { call, code: None }).await;
            }
            Told::Ended { call, .. } | Told::Refused { call, .. } if call == CALL => {
                self.over = true;
            }
            // A call that was never made: nothing else will be heard of it.
            Told::Notice { .. } if !self.open && self.waiting == 0 => self.over = true,
            _ => {}
        }
    }
}

/// The name of the call that `chat` makes.
pub(crate) const CALL: &str = "chat";
/// How long the end of the input waits for what was sent to arrive.
const LAST_WORDS: std::time::Duration = std::time::Duration::from_secs(5);
