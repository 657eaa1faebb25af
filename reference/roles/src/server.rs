//! One shard of an IM server: takes every input and gives it to the procedure that it belongs to.

use machines::port::{Input, Local, Node, Output};

use crate::Config;

/// One shard of an IM server.
#[derive(Debug)]
pub struct Server {
    config: Config,
    local: Local,
    shard: usize,
}

impl Server {
    /// A shard without sessions; `local` are the addresses it prints, `shard` its number from 0.
    pub fn new(config: Config, local: Local, shard: usize) -> Self {
        Self { config, local, shard }
    }
}

impl Node for Server {
    fn handle(&mut self, _input: Input, out: &mut Vec<Output>) {
        out.push(Output::Ignored(format!("{} {} {}", self.config.domain, self.local.sip, self.shard)));
    }
}
