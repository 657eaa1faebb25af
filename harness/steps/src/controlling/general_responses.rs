//! Words of 7.2.1.1: what responses to the initial INVITE carry.

pub(crate) mod supervision;

use cucumber::gherkin::Step;
use cucumber::then;
use trace::Finding;
use trace::matchers::Sip;
use wire::sip::NameAddr;

use crate::Stage;
use crate::look::{
    Seen, address, branches, calls, is, judged, on_response, responses, same_uri, tag, well_formed,
};
use crate::words::Clause;

pub(crate) fn copied(message: &Sip<'_>, exchange: &trace::Exchange, chair: &str) -> Seen {
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
    stage
        .judge(&clause.0, step, asserting(&chair, code, factory))
        .await;
}

/// Judges that a response to a chair asserts this address.
pub(super) fn asserting(
    chair: &str,
    code: u16,
    wanted: String,
) -> impl Fn(&trace::Exchange) -> Finding + Send + Sync + 'static {
    let expected = format!("P-Asserted-Identity: <{wanted}>");
    on_response(chair, code, expected, move |m, _| {
        let found = address(m, "P-Asserted-Identity").map(|a| a.uri.to_string());
        let good = found.as_deref().is_some_and(|f| same_uri(f, &wanted));
        is(
            good,
            found.unwrap_or_else(|| "no P-Asserted-Identity".to_owned()),
            vec![m.header("P-Asserted-Identity")],
        )
    })
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
