//! The frames of a run file, read by its published format alone.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::Path;

/// One message as the run file has it.
pub(super) struct Frame {
    pub(super) protocol: String,
    pub(super) transport: String,
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    pub(super) bytes: Vec<u8>,
}

#[derive(Deserialize)]
struct Line {
    kind: String,
    #[serde(default)]
    protocol: String,
    #[serde(default)]
    transport: String,
    local: Option<SocketAddr>,
    remote: Option<SocketAddr>,
    #[serde(default)]
    bytes: String,
}

/// Every SIP frame, in the order of the file.
pub(super) fn sip_frames(path: &Path) -> Result<Vec<Frame>, String> {
    let mut frames = frames(path)?;
    frames.retain(|frame| frame.protocol == "sip");
    Ok(frames)
}

/// Every frame, in the order of the file.
pub(super) fn frames(path: &Path) -> Result<Vec<Frame>, String> {
    let text =
        std::fs::read_to_string(path).map_err(|fault| format!("{}: {fault}", path.display()))?;
    let mut frames = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let fault = |what: &str| format!("{}:{}: {what}", path.display(), index + 1);
        let line: Line = serde_json::from_str(line).map_err(|error| fault(&error.to_string()))?;
        if line.kind != "frame" {
            continue;
        }
        let (Some(local), Some(remote)) = (line.local, line.remote) else {
            return Err(fault("a frame without its ends"));
        };
        let bytes = BASE64_STANDARD
            .decode(&line.bytes)
            .map_err(|error| fault(&error.to_string()))?;
        frames.push(Frame {
            protocol: line.protocol,
            transport: line.transport,
            local,
            remote,
            bytes,
        });
    }
    Ok(frames)
}
