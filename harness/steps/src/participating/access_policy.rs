//! Words of the user access policy: the rules that a user has left at the XDMS.

use cucumber::given;
use world::Served;

use crate::Stage;

const SESSION: &str = "allow-session";
const MESSAGE: &str = "allow-pager-mode-message";

/// A rule: about whom, and what it allows.
fn rule(id: &str, identity: &str, action: &str) -> String {
    format!(
        "  <cp:rule id=\"{id}\">\r\n    <cp:conditions><cp:identity>{identity}</cp:identity></cp:conditions>\r\n    \
         <cp:actions><im:{action}>true</im:{action}></cp:actions>\r\n  </cp:rule>\r\n"
    )
}

fn one(address: &str) -> String {
    format!("<cp:one id=\"{address}\"/>")
}

fn serve(stage: &mut Stage, chair: &str, rules: &str) {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n\
         <cp:ruleset xmlns:cp=\"urn:ietf:params:xml:ns:common-policy\" xmlns:im=\"urn:oma:xml:im:access-rules\">\r\n\
         {rules}</cp:ruleset>\r\n"
    );
    let served = Served::Raw {
        status: 200,
        content_type: "application/auth-policy+xml".to_owned(),
        body: text.into_bytes(),
    };
    stage.scene().serve_policy(chair, served);
}

#[given(expr = "{word} lets nobody but {word} send messages")]
async fn only(stage: &mut Stage, chair: String, other: String) {
    let other = stage.scene().user(&other);
    serve(stage, &chair, &rule("one", &one(&other), MESSAGE));
}

#[given(expr = "{word} lets everybody but {word} send messages")]
async fn all_but(stage: &mut Stage, chair: String, other: String) {
    let other = stage.scene().user(&other);
    let many = format!("<cp:many><cp:except id=\"{other}\"/></cp:many>");
    serve(stage, &chair, &rule("many", &many, MESSAGE));
}

#[given(expr = "one rule of {word} lets {word} set up sessions and another send messages")]
async fn both(stage: &mut Stage, chair: String, other: String) {
    let other = one(&stage.scene().user(&other));
    let rules = rule("sessions", &other, SESSION) + &rule("messages", &other, MESSAGE);
    serve(stage, &chair, &rules);
}

#[given(expr = "{word} lets {word} send messages when the place is known")]
async fn conditional(stage: &mut Stage, chair: String, other: String) {
    let other = stage.scene().user(&other);
    let rule = rule("place", &one(&other), MESSAGE);
    let sphere = "</cp:identity><cp:sphere value=\"home\"/>";
    serve(stage, &chair, &rule.replace("</cp:identity>", sphere));
}
