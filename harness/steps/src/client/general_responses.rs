//! Words of 004:6.2.1.1: what the responses of an invited client carry, and what it remembers.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Sip, received_requests};
use trace::{Exchange, Finding};
use wire::sip::NameAddr;

use crate::Stage;
use crate::controlling::general_responses::copied;
use crate::controlling::general_responses::supervision::allowed_method;
use crate::look::{
    Seen, address, calls, final_response, inside, is, judged, responses, same_uri, tag, well_formed,
};
use crate::words::Clause;

/// Judges every response to a chair's invitation but 100, once the last has come.
fn on_every(
    chair: &str,
    expected: String,
    look: impl Fn(&Sip<'_>, &Exchange) -> Seen + Send + Sync + 'static,
) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let chair = chair.to_owned();
    move |ex| {
        let seen = final_response(ex, &chair).map(|_| {
            let (mut words, mut evidence) = (Vec::new(), Vec::new());
            for response in responses(ex, &chair) {
                let (found, more) = look(&response, ex)?;
                if !words.contains(&found) {
                    words.push(found);
                }
                evidence.extend(more);
            }
            Ok((words.join("; "), evidence))
        });
        judged(&expected, seen, "no final response came")
    }
}

pub(super) fn built(m: &Sip<'_>, ex: &Exchange, chair: &str) -> Seen {
    let (_, mut evidence) = copied(m, ex, chair)?;
    evidence.push(m.header("To"));
    well_formed(m)?;
    is(tag(m, "To").is_some(), "the fields of the INVITE", evidence)
}

pub(super) fn released(m: &Sip<'_>) -> Seen {
    let value = m.scan.field("Server").map(|f| f.value);
    // Appendix F: the product IM-client with the release; other products may stand beside it.
    let good = value.as_deref().is_some_and(|v| {
        let mut products = v.split_ascii_whitespace();
        products.any(|p| p.starts_with("IM-client/OMA"))
    });
    let found = value.map_or("no Server header".to_owned(), |v| format!("Server: {v}"));
    is(good, found, vec![m.header("Server")])
}

/// The user's address in P-Asserted-Identity, or as the hint from which a proxy makes one (RFC 3325).
pub(super) fn identified(m: &Sip<'_>, user: &str) -> Seen {
    let fields = ["P-Asserted-Identity", "P-Preferred-Identity"];
    for name in fields {
        let found = m.scan.values(name);
        let same = |value: &str| {
            NameAddr::parse(value).is_ok_and(|found| same_uri(&found.uri.to_string(), user))
        };
        if found.iter().any(|field| same(&field.value)) {
            return Ok((format!("{name}: <{user}>"), vec![m.header(name)]));
        }
    }
    let found = fields
        .iter()
        .filter_map(|name| Some(format!("{name}: {}", address(m, name)?)))
        .collect::<Vec<String>>();
    let found = match found.is_empty() {
        true => "neither field".to_owned(),
        false => found.join(", "),
    };
    Err((found, vec![m.start()]))
}

#[then(expr = "[{clause}] every response of the client to {word} is built from her INVITE")]
async fn all_built(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let expected = "the INVITE's Via, From, Call-ID and CSeq, and a tag in To".to_owned();
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &Exchange| built(m, ex, &seat);
    stage
        .judge(&clause.0, step, on_every(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] every response of the client to {word} names its release in Server")]
async fn all_released(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let expected = "a Server header with the product IM-client/OMA…".to_owned();
    stage
        .judge(
            &clause.0,
            step,
            on_every(&chair, expected, |m, _| released(m)),
        )
        .await;
}

#[then(expr = "[{clause}] every response of the client to {word} lists its methods in Allow")]
async fn all_allow(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let expected = "Allow with at least INVITE, ACK, CANCEL and BYE".to_owned();
    let look = |m: &Sip<'_>, _: &Exchange| {
        let listed = m.scan.values("Allow").into_iter().map(|f| f.value);
        let listed: Vec<String> = listed.collect();
        let has = |wanted: &&str| listed.iter().any(|m| m == wanted);
        let good = ["INVITE", "ACK", "CANCEL", "BYE"].iter().all(has);
        let found = format!("Allow: {}", listed.join(", "));
        is(good, found, vec![m.header("Allow")])
    };
    stage
        .judge(&clause.0, step, on_every(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] every response of the client to {word} carries the address of the user")]
async fn all_identified(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let user = stage.scene().user_address();
    let expected = format!("P-Asserted-Identity or P-Preferred-Identity with {user}");
    let look = move |m: &Sip<'_>, _: &Exchange| identified(m, &user);
    stage
        .judge(&clause.0, step, on_every(&chair, expected, look))
        .await;
}

fn refusal(chair: &str) -> impl Fn(&Exchange) -> Finding + Send + Sync + 'static {
    let chair = chair.to_owned();
    move |ex| {
        let seen = final_response(ex, &chair).map(|m| {
            let code = m.scan.code().unwrap_or_default();
            is(
                (300..700).contains(&code),
                m.scan.start_line(),
                vec![m.start()],
            )
        });
        let expected = "a final response from 300 to 699";
        judged(expected, seen, "no final response came")
    }
}

#[then(expr = "[{clause}] the invitation of {word} is refused")]
async fn refused(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage.judge(&clause.0, step, refusal(&chair)).await;
}

#[then(expr = "[{clause}] the invitation of {word} is refused without asking the user")]
async fn busy(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = responses(ex, &chair).first().map(|m| {
                let code = m.scan.code().unwrap_or_default();
                let good = (400..500).contains(&code) || (600..700).contains(&code);
                is(good, m.scan.start_line(), vec![m.start()])
            });
            let expected = "a refusal with 4xx or 6xx as the first response";
            judged(expected, seen, "no response came")
        })
        .await;
}

/// URI of the Contact that the client's peer gave with its INVITE.
pub(super) fn identity(ex: &Exchange, chair: &str) -> Option<String> {
    let calls = calls(ex, chair);
    Some(address(calls.last()?, "Contact")?.uri.to_string())
}

#[then(expr = "[{clause}] what the client sends about the session of {word} goes to its identity")]
async fn to_identity(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let mut about = inside(ex, &chair);
            let ended = !about.is_empty();
            about.extend(received_requests(ex, "SUBSCRIBE"));
            let seen = identity(ex, &chair).filter(|_| ended).map(|identity| {
                for m in &about {
                    let target = m.scan.request_uri().unwrap_or_default();
                    if !same_uri(&target, &identity) {
                        return Err((m.scan.start_line(), vec![m.start()]));
                    }
                }
                Ok((identity, about.iter().map(Sip::start).collect()))
            });
            let expected = "the URI of the server's Contact in every Request-URI";
            judged(expected, seen, "the client sent nothing about the session")
        })
        .await;
}

#[then(expr = "[{clause}] the client refreshes the session of {word} by a method in her Allow")]
async fn refreshes(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let interval = f64::from(stage.scene().lab.profile.session_interval);
    let seat = chair.clone();
    let refreshed = move |ex: &Exchange| (!inside(ex, &seat).is_empty()).then_some(());
    stage.scene().wait(Some(interval), refreshed).await;
    stage
        .judge(&clause.0, step, move |ex| {
            let inside = inside(ex, &chair);
            // A BYE ends the session and refreshes nothing.
            let refresh = inside.first();
            let refresh = refresh.filter(|m| m.scan.method().as_deref() != Some("BYE"));
            let seen = refresh.map(|m| allowed_method(m, ex, &chair));
            let expected = "a refresh by a method that the server's Allow lists";
            judged(expected, seen, "no refresh came")
        })
        .await;
}
