//! 6.2.1.4: the client calls a group that has an identity of its own.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::Sip;

use super::look::on_call;
use super::one_to_one::is_for;
use crate::Stage;
use crate::words::Clause;

#[then(expr = "[{clause}] the client's INVITE is for the group {string}")]
async fn is_for_group(stage: &mut Stage, clause: Clause, name: String, step: &Step) {
    let uri = stage.scene().group(&name);
    let expected = format!("INVITE {uri}");
    let look = move |m: &Sip<'_>| is_for(m, &uri);
    stage.judge(&clause.0, step, on_call(expected, look)).await;
}
