//! Words of 7.2.1.1: what responses to the initial INVITE carry.

use std::time::Duration;

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Sip, sent_responses};
use wire::sip::{NameAddr, SessionExpires};

use crate::Stage;
use crate::look::{
    Seen, address, branches, calls, inside, invitations, is, judged, on_response, response,
    responses, same_uri, tag, well_formed,
};
use crate::words::Clause;

fn copied(message: &Sip<'_>, exchange: &trace::Exchange, chair: &str) -> Seen {
    let calls = calls(exchange, chair);
    let Some(request) = calls.last() else {
        return Err(("no INVITE was sent".to_owned(), Vec::new()));
    };
    for name in ["From", "Call-ID", "CSeq"] {
        let (asked, got) = (
            request.scan.field(name).map(|f| f.value),
            message.scan.field(name).map(|f| f.value),
        );
        if asked != got {
            let found = format!("{name} is {}", got.unwrap_or_else(|| "missing".to_owned()));
            return Err((found, vec![message.header(name)]));
        }
    }
    is(
        branches(request) == branches(message),
        "Via, From, Call-ID and CSeq of the INVITE",
        vec![message.header("Via")],
    )
}

#[then(expr = "[{clause}] the {int} to {word} copies Via, From, Call-ID and CSeq")]
async fn copies(stage: &mut Stage, clause: Clause, code: u16, chair: String, step: &Step) {
    let expected = format!("a {code} with Via, From, Call-ID and CSeq as in the INVITE");
    let seat = chair.clone();
    stage
        .judge(
            &clause.0,
            step,
            on_response(&chair, code, expected, move |m, ex| copied(m, ex, &seat)),
        )
        .await;
}

#[then(expr = "[{clause}] the {int} to {word} is built from her INVITE")]
async fn built(stage: &mut Stage, clause: Clause, code: u16, chair: String, step: &Step) {
    let expected = format!("a {code} with the INVITE's Via, From, Call-ID, CSeq and a tag in To");
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &trace::Exchange| {
        let (_, mut evidence) = copied(m, ex, &seat)?;
        evidence.push(m.header("To"));
        well_formed(m)?;
        is(tag(m, "To").is_some(), "the fields of the INVITE", evidence)
    };
    stage
        .judge(&clause.0, step, on_response(&chair, code, expected, look))
        .await;
}

#[then(expr = "[{clause}] every response to {word} has the same tag in To")]
async fn same_tag(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let all = responses(ex, &chair);
            let tags: Vec<Option<String>> = all.iter().map(|m| tag(m, "To")).collect();
            let seen = (!all.is_empty()).then(|| {
                let good = tags[0].is_some() && tags.iter().all(|t| *t == tags[0]);
                is(
                    good,
                    format!("tags {tags:?}"),
                    all.iter().map(|m| m.header("To")).collect(),
                )
            });
            judged(
                "one tag in To of every response of the transaction",
                seen,
                "no response came",
            )
        })
        .await;
}

fn releases(message: &Sip<'_>) -> Seen {
    let value = message.scan.field("Server").map(|f| f.value);
    // Appendix F: the product IM-serv with the release; other products may stand beside it.
    let good = value.as_deref().is_some_and(|v| {
        v.split_ascii_whitespace()
            .any(|p| p.starts_with("IM-serv/OMA"))
    });
    is(
        good,
        value.map_or_else(|| "no Server header".to_owned(), |v| format!("Server: {v}")),
        vec![message.header("Server")],
    )
}

#[then(expr = "[{clause}] the {int} to {word} names the IM release in Server")]
async fn release(stage: &mut Stage, clause: Clause, code: u16, chair: String, step: &Step) {
    let expected = "a Server header with the product IM-serv/OMA…".to_owned();
    stage
        .judge(
            &clause.0,
            step,
            on_response(&chair, code, expected, |m, _| releases(m)),
        )
        .await;
}

#[then(expr = "[{clause}] the first response to {word} after 100 names the IM release in Server")]
async fn release_first(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            // Only a response without an earlier provisional one has to carry it.
            let seen = responses(ex, &chair).first().map(releases);
            judged(
                "a Server header with the product IM-serv/OMA…",
                seen,
                "no response came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the {int} to {word} lists the methods of the server in Allow")]
async fn allow(stage: &mut Stage, clause: Clause, code: u16, chair: String, step: &Step) {
    let expected = "Allow with at least INVITE, ACK, CANCEL and BYE".to_owned();
    let look = |m: &Sip<'_>, _: &trace::Exchange| {
        let methods: Vec<String> = m
            .scan
            .values("Allow")
            .into_iter()
            .map(|f| f.value)
            .collect();
        let good = ["INVITE", "ACK", "CANCEL", "BYE"]
            .iter()
            .all(|wanted| methods.iter().any(|m| m == wanted));
        is(
            good,
            format!("Allow: {}", methods.join(", ")),
            vec![m.header("Allow")],
        )
    };
    stage
        .judge(&clause.0, step, on_response(&chair, code, expected, look))
        .await;
}

#[then(expr = "[{clause}] the {int} to {word} carries P-Asserted-Identity")]
async fn asserts(stage: &mut Stage, clause: Clause, code: u16, chair: String, step: &Step) {
    let expected = "P-Asserted-Identity with one address".to_owned();
    let look = |m: &Sip<'_>, _: &trace::Exchange| {
        let found = m.scan.field("P-Asserted-Identity").map(|f| f.value);
        let good = address(m, "P-Asserted-Identity").is_some();
        is(
            good,
            found.unwrap_or_else(|| "no P-Asserted-Identity".to_owned()),
            vec![m.header("P-Asserted-Identity")],
        )
    };
    stage
        .judge(&clause.0, step, on_response(&chair, code, expected, look))
        .await;
}

#[then(expr = "[{clause}] the {int} to {word} asserts the conference factory")]
async fn asserts_factory(stage: &mut Stage, clause: Clause, code: u16, chair: String, step: &Step) {
    let factory = stage.scene().lab.profile.conference_factory.clone();
    let expected = format!("P-Asserted-Identity: <{factory}>");
    let look = move |m: &Sip<'_>, _: &trace::Exchange| {
        let found = address(m, "P-Asserted-Identity").map(|a| a.uri.to_string());
        let good = found.as_deref().is_some_and(|f| same_uri(f, &factory));
        is(
            good,
            found.unwrap_or_else(|| "no P-Asserted-Identity".to_owned()),
            vec![m.header("P-Asserted-Identity")],
        )
    };
    stage
        .judge(&clause.0, step, on_response(&chair, code, expected, look))
        .await;
}

/// Contact of the focus: a SIP URI that is not the factory, with both feature tags.
pub(super) fn focus(message: &Sip<'_>, factory: &str) -> Seen {
    let evidence = vec![message.header("Contact")];
    let Some(contact) = address(message, "Contact") else {
        return Err(("no readable Contact".to_owned(), evidence));
    };
    let named =
        contact.uri.scheme.starts_with("sip") && !same_uri(&contact.uri.to_string(), factory);
    // RFC 3840: both are parameters of the header, not of the URI (F146).
    let tags = contact.params.has("isfocus") && contact.params.has("+g.oma.sip-im");
    is(named && tags, format!("Contact: {contact}"), evidence)
}

#[then(
    expr = "[{clause}] the {int} to {word} names the session with isfocus and +g.oma.sip-im in Contact"
)]
async fn names_session(stage: &mut Stage, clause: Clause, code: u16, chair: String, step: &Step) {
    let factory = stage.scene().lab.profile.conference_factory.clone();
    let expected = "Contact: <session identity>;isfocus;+g.oma.sip-im".to_owned();
    stage
        .judge(
            &clause.0,
            step,
            on_response(&chair, code, expected, move |m, _| focus(m, &factory)),
        )
        .await;
}

#[then(expr = "[{clause}] the {int} to {word} has one Contact with a SIP URI")]
async fn one_contact(stage: &mut Stage, clause: Clause, code: u16, chair: String, step: &Step) {
    let expected = "one Contact, a SIP or SIPS URI".to_owned();
    let look = |m: &Sip<'_>, _: &trace::Exchange| {
        let contacts = m.scan.values("Contact");
        let sip = contacts
            .first()
            .and_then(|c| NameAddr::parse(&c.value).ok())
            .is_some_and(|c| matches!(c.uri.scheme.as_str(), "sip" | "sips"));
        is(
            contacts.len() == 1 && sip,
            format!("{} Contact values", contacts.len()),
            vec![m.header("Contact")],
        )
    };
    stage
        .judge(&clause.0, step, on_response(&chair, code, expected, look))
        .await;
}

fn interval(message: &Sip<'_>) -> Option<SessionExpires> {
    SessionExpires::parse(&message.scan.field("Session-Expires")?.value).ok()
}

#[then(expr = "[{clause}] the {int} to {word} carries Session-Expires with refresher {string}")]
async fn refresher(
    stage: &mut Stage,
    clause: Clause,
    code: u16,
    chair: String,
    wanted: String,
    step: &Step,
) {
    let expected = format!("Session-Expires: <seconds>;refresher={wanted}");
    let look = move |m: &Sip<'_>, _: &trace::Exchange| {
        let found = interval(m);
        let good = found
            .as_ref()
            .is_some_and(|t| t.refresher.as_deref() == Some(&wanted));
        is(
            good,
            found.map_or_else(
                || "no Session-Expires".to_owned(),
                |t| format!("Session-Expires: {t}"),
            ),
            vec![m.header("Session-Expires")],
        )
    };
    stage
        .judge(&clause.0, step, on_response(&chair, code, expected, look))
        .await;
}

#[then(expr = "[{clause}] the {int} to {word} requires timer")]
async fn requires_timer(stage: &mut Stage, clause: Clause, code: u16, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, _: &trace::Exchange| {
        let tags = m.scan.values("Require");
        is(
            tags.iter().any(|t| t.value == "timer"),
            format!("{} tags in Require", tags.len()),
            vec![m.header("Require")],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_response(&chair, code, "Require: timer".to_owned(), look),
        )
        .await;
}

#[then(expr = "[{clause}] the {int} to {word} does not raise the session interval")]
async fn not_raised(stage: &mut Stage, clause: Clause, code: u16, chair: String, step: &Step) {
    let seat = chair.clone();
    let look = move |m: &Sip<'_>, ex: &trace::Exchange| {
        let asked = calls(ex, &seat).last().and_then(interval).map(|t| t.delta);
        let found = interval(m).map(|t| t.delta);
        let good = found.is_some_and(|s| s >= 90 && asked.is_none_or(|asked| s <= asked));
        let found = format!("{found:?} seconds where {asked:?} were asked for");
        is(good, found, vec![m.header("Session-Expires")])
    };
    let expected = "90 seconds or more, and not more than the INVITE asked for".to_owned();
    stage
        .judge(&clause.0, step, on_response(&chair, code, expected, look))
        .await;
}

#[then(expr = "[{clause}] the server sends {word} a BYE before the session interval is over")]
async fn supervised(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let (interval, scale) = (
        f64::from(stage.scene().lab.profile.session_interval),
        stage.scene().scale,
    );
    let seat = chair.clone();
    // RFC 4028 section 10 lets the side that waits give up shortly before the end.
    stage
        .scene()
        .wait(Some(interval * 1.1), move |ex| {
            inside(ex, &seat)
                .iter()
                .any(|m| m.scan.method().as_deref() == Some("BYE"))
                .then_some(())
        })
        .await;
    stage
        .judge(&clause.0, step, move |ex| {
            let accepted = response(ex, &chair, 200);
            let seen = accepted.and_then(|accepted| {
                let byes = inside(ex, &chair);
                let bye = byes
                    .iter()
                    .find(|m| m.scan.method().as_deref() == Some("BYE"))?;
                let us = bye.frame.at_us.saturating_sub(accepted.frame.at_us);
                let seconds = Duration::from_micros(us).as_secs_f64() * scale;
                // A third of the interval, or 32 s, before its end; a BYE much sooner has another reason.
                let sound = (interval * 0.6..=interval * 1.1).contains(&seconds);
                let found = format!("BYE {seconds:.0} s after the 200");
                Some(is(sound, found, vec![bye.start()]))
            });
            judged(
                &format!(
                    "a BYE {:.0} to {:.0} s after the 200",
                    interval * 0.6,
                    interval * 1.1
                ),
                seen,
                "no BYE came",
            )
        })
        .await;
}

#[then(expr = "[{clause}] the server refreshes the session of {word} by a method in her Allow")]
async fn refreshes(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let interval = f64::from(stage.scene().lab.profile.session_interval);
    let seat = chair.clone();
    stage
        .scene()
        .wait(Some(interval), move |ex| {
            (!inside(ex, &seat).is_empty()).then_some(())
        })
        .await;
    stage
        .judge(&clause.0, step, move |ex| {
            let inside = inside(ex, &chair);
            // A BYE ends the session and refreshes nothing.
            let refresh = inside
                .first()
                .filter(|m| m.scan.method().as_deref() != Some("BYE"));
            let seen = refresh.map(|m| allowed_method(m, ex, &chair));
            judged(
                "a refresh by a method that the chair's last Allow lists",
                seen,
                "no refresh came before the end of the session",
            )
        })
        .await;
}

fn allowed_method(request: &Sip<'_>, ex: &trace::Exchange, chair: &str) -> Seen {
    let method = request.scan.method().unwrap_or_default();
    let allowed = listed_methods(ex, chair);
    let found = format!("{method}, where {} are allowed", allowed.join(", "));
    is(allowed.contains(&method), found, vec![request.start()])
}

#[then(expr = "[{clause}] the first request to {word} in the dialog is of a method in his Allow")]
async fn known_method(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let interval = f64::from(stage.scene().lab.profile.session_interval);
    let seat = chair.clone();
    stage
        .scene()
        .wait(Some(interval), move |ex| {
            (!inside(ex, &seat).is_empty()).then_some(())
        })
        .await;
    stage
        .judge(&clause.0, step, move |ex| {
            let seen = inside(ex, &chair)
                .first()
                .map(|m| allowed_method(m, ex, &chair));
            judged(
                "a method that the chair's last Allow lists",
                seen,
                "no request came in the dialog",
            )
        })
        .await;
}

/// Methods in the last Allow that a chair sent in its INVITE or in a response to one.
fn listed_methods(exchange: &trace::Exchange, chair: &str) -> Vec<String> {
    let invited = invitations(exchange, chair);
    let answers = invited
        .iter()
        .flat_map(|i| sent_responses(exchange, i.frame));
    let said: Vec<Sip<'_>> = calls(exchange, chair).into_iter().chain(answers).collect();
    let list = said
        .iter()
        .map(|m| m.scan.values("Allow"))
        .rfind(|list| !list.is_empty());
    let methods = list.unwrap_or_default().into_iter();
    methods.map(|field| field.value).collect()
}
