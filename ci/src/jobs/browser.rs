//! A Chromium that a check drives by WebDriver, as a person would use a page.

mod person;

pub(super) use person::{Check, demand, tried};

use super::interop::Tool;
use super::program::Program;
use crate::command;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What has to be there.
pub(super) const TOOLS: &[Tool] = &[
    ("chromium", || command::on_path("chromium")),
    ("chromium-driver", || command::on_path("chromedriver")),
];
/// How long one command may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Octets of one answer: a picture of a long page.
const LARGEST: u64 = 64 << 20;

/// Keys by their numbers in WebDriver.
pub(super) const TAB: &str = "\u{e004}";
pub(super) const ENTER: &str = "\u{e007}";
pub(super) const DOWN: &str = "\u{e015}";

/// An open window.
pub(super) struct Browser {
    /// Ends with us.
    _driver: Program,
    agent: ureq::Agent,
    /// Address of the session.
    session: String,
}

impl Browser {
    /// Starts a driver and opens a window of 1280 by 1000.
    pub(super) fn open(profile: &Path) -> Result<Self, String> {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0");
        let driver = Program::start("chromedriver", command)?;
        let port = driver.says("its port", |line| {
            let port = line.rsplit_once("on port ")?.1.trim_end_matches('.');
            // Its first line names the port that was asked for, and any is 0.
            port.parse::<u16>().ok().filter(|port| *port > 0)
        })?;
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE));
        let mut browser = Self {
            _driver: driver,
            agent: config.build().into(),
            session: format!("http://127.0.0.1:{port}/session"),
        };
        let folder = format!("--user-data-dir={}", profile.display());
        let quiet = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage"];
        // Chromium has no sandbox for root.
        let words = [
            &quiet[..],
            &["--no-sandbox", "--window-size=1280,1000", &folder],
        ]
        .concat();
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": words },
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "script": 20_000 },
        } } });
        let answer = browser.post("", &wanted)?;
        let id = answer["sessionId"].as_str().ok_or("no session")?;
        browser.session = format!("{}/{id}", browser.session);
        Ok(browser)
    }

    fn post(&self, command: &str, body: &Value) -> Result<Value, String> {
        let address = format!("{}{command}", self.session);
        let failed = |fault: ureq::Error| format!("WebDriver {command}: {fault}");
        let mut answer = self.agent.post(&address).send_json(body).map_err(failed)?;
        let body = answer.body_mut().with_config().limit(LARGEST);
        let mut body: Value = body.read_json().map_err(failed)?;
        let value = body["value"].take();
        match value.get("error") {
            Some(error) => Err(format!(
                "WebDriver {command}: {error}: {}",
                value["message"]
            )),
            None => Ok(value),
        }
    }

    /// Opens an address; another fragment of the same page is a step within it.
    pub(super) fn go(&self, address: &str) -> Result<(), String> {
        self.post("/url", &json!({ "url": address })).map(drop)
    }

    /// What a script gives with `return`.
    pub(super) fn run(&self, script: &str) -> Result<Value, String> {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Returns once an expression is true.
    pub(super) fn until(&self, expression: &str) -> Result<(), String> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             const look = () => ({expression}) ? done(true) : requestAnimationFrame(look);
             look();"
        );
        let body = json!({ "script": script, "args": [] });
        let seen = self.post("/execute/async", &body);
        seen.map(drop)
            .map_err(|fault| format!("`{expression}` never came true: {fault}"))
    }

    /// Presses keys one after the other.
    pub(super) fn press(&self, keys: &str) -> Result<(), String> {
        let each = |key: char| {
            let down = json!({ "type": "keyDown", "value": key });
            [down, json!({ "type": "keyUp", "value": key })]
        };
        let actions: Vec<Value> = keys.chars().flat_map(each).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.post("/actions", &json!({ "actions": [keyboard] }))
            .map(drop)
    }

    /// Sets the size of the window.
    pub(super) fn resize(&self, width: u32, height: u32) -> Result<(), String> {
        self.post("/window/rect", &json!({ "width": width, "height": height }))
            .map(drop)
    }

    /// Pretends a medium (`screen`, `print`) and a colour scheme.
    pub(super) fn pretend(&self, medium: &str, scheme: &str) -> Result<(), String> {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        let told = json!({ "media": medium, "features": [feature] });
        let body = json!({ "cmd": "Emulation.setEmulatedMedia", "params": told });
        self.post("/goog/cdp/execute", &body).map(drop)
    }

    /// Keeps pages from running their scripts, or lets them.
    pub(super) fn without_script(&self, without: bool) -> Result<(), String> {
        let told = json!({ "value": without });
        let body = json!({ "cmd": "Emulation.setScriptExecutionDisabled", "params": told });
        self.post("/goog/cdp/execute", &body).map(drop)
    }

    /// Saves what the window shows.
    pub(super) fn picture(&self, path: &Path) -> Result<(), String> {
        let address = format!("{}/screenshot", self.session);
        let failed = |fault: ureq::Error| format!("WebDriver /screenshot: {fault}");
        let mut answer = self.agent.get(&address).call().map_err(failed)?;
        let body = answer.body_mut().with_config().limit(LARGEST);
        let body: Value = body.read_json().map_err(failed)?;
        keep(&body["value"], path).map(drop)
    }

    /// Saves the page as PDF; gives its octets.
    pub(super) fn print(&self, path: &Path) -> Result<Vec<u8>, String> {
        let told = json!({ "background": true, "page": { "width": 21.0, "height": 29.7 } });
        keep(&self.post("/print", &told)?, path)
    }

    /// What the browser's console has said since it was asked last.
    pub(super) fn console(&self) -> Result<Vec<String>, String> {
        let said = self.post("/se/log", &json!({ "type": "browser" }))?;
        let said = said.as_array().cloned().unwrap_or_default();
        let line = |entry: &Value| format!("{} {}", entry["level"], entry["message"]);
        Ok(said.iter().map(line).collect())
    }
}

impl Drop for Browser {
    /// Closes the window; the driver ends when its program is dropped.
    fn drop(&mut self) {
        if self.agent.delete(&self.session).call().is_err() {
            println!("  the browser was gone already");
        }
    }
}

/// Writes what an answer holds in base64.
fn keep(value: &Value, path: &Path) -> Result<Vec<u8>, String> {
    let text = value.as_str().ok_or("the driver gave no picture")?;
    let octets = BASE64_STANDARD
        .decode(text)
        .map_err(|fault| fault.to_string())?;
    std::fs::write(path, &octets).map_err(|fault| format!("{}: {fault}", path.display()))?;
    Ok(octets)
}
