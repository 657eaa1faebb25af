//! Words of 7.2.1.2: how the set-up of an ad-hoc session is checked, answered and ended.

mod answer;
mod ending;
mod guests;
mod media;
mod messages;
mod refusals;

use trace::matchers::Sip;
use trace::{Exchange, Finding};

use crate::look::{Seen, final_response, judged};

/// Judges the final response of the subject to a chair's INVITE by `look`.
fn on_final(
    chair: &str,
    expected: String,
    look: impl Fn(&Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let chair = chair.to_owned();
    move |ex| {
        let seen = final_response(ex, &chair).map(|m| look(&m, ex));
        judged(
            &expected,
            seen,
            &format!("no final response reached {chair}"),
        )
    }
}

fn code_of(message: &Sip<'_>) -> u16 {
    message.scan.code().unwrap_or_default()
}
