//! What the INVITE to a guest carries: its fields, its offer and its list of recipients.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::Exchange;
use trace::matchers::Sip;
use wire::sip::AcceptContact;

use crate::Stage;
use crate::controlling::general_responses::focus;
use crate::look::{Seen, address, has_attributes, is, on_invitation, same_uri, sdp, well_formed};
use crate::words::Clause;

fn general(message: &Sip<'_>, factory: &str) -> Seen {
    let (_, mut evidence) = focus(message, factory)?;
    well_formed(message)?;
    let accept = message.scan.values("Accept-Contact");
    if !accept
        .iter()
        .filter_map(|v| AcceptContact::parse(&v.value).ok())
        .any(|a| a.params.has("+g.oma.sip-im"))
    {
        return Err((
            "no Accept-Contact with +g.oma.sip-im".to_owned(),
            vec![message.header("Accept-Contact")],
        ));
    }
    for name in [
        "From",
        "To",
        "Call-ID",
        "CSeq",
        "Max-Forwards",
        "P-Asserted-Identity",
    ] {
        if message.scan.field(name).is_none() {
            return Err((format!("no {name}"), vec![message.start()]));
        }
    }
    evidence.push(message.header("Accept-Contact"));
    Ok((
        "a focus Contact, Accept-Contact and the fields of RFC 3261".to_owned(),
        evidence,
    ))
}

#[then(expr = "[{clause}] the INVITE to {word} is built by the general rules")]
async fn by_general_rules(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let factory = stage.scene().lab.profile.conference_factory.clone();
    let expected =
        "Contact of the focus, Accept-Contact with +g.oma.sip-im, P-Asserted-Identity".to_owned();
    stage
        .judge(
            &clause.0,
            step,
            on_invitation(&chair, expected, move |m, _| general(m, &factory)),
        )
        .await;
}

#[then(expr = "[{clause}] the INVITE to {word} asserts {word} as {string}")]
async fn nickname(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    inviter: String,
    name: String,
    step: &Step,
) {
    let inviter = stage.scene().user(&inviter);
    let expected = format!("P-Asserted-Identity: {name:?} <{inviter}>");
    let look = move |m: &Sip<'_>, _: &Exchange| {
        let found = address(m, "P-Asserted-Identity");
        let good = found.as_ref().is_some_and(|a| {
            a.display.as_deref() == Some(&name) && same_uri(&a.uri.to_string(), &inviter)
        });
        is(
            good,
            found.map_or_else(|| "no P-Asserted-Identity".to_owned(), |a| a.to_string()),
            vec![m.header("P-Asserted-Identity")],
        )
    };
    stage
        .judge(&clause.0, step, on_invitation(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the INVITE to {word} carries an SDP offer")]
async fn sdp_offer(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |m: &Sip<'_>, _: &Exchange| {
        let lines = sdp(m).map(|d| {
            d.media
                .iter()
                .filter(|m| m.kind == "message" && m.port > 0 && !m.path().is_empty())
                .count()
        });
        is(
            lines == Some(1),
            format!("{lines:?} MSRP lines"),
            vec![m.body()],
        )
    };
    stage
        .judge(
            &clause.0,
            step,
            on_invitation(
                &chair,
                "an SDP offer with one MSRP line and its path".to_owned(),
                look,
            ),
        )
        .await;
}

#[then(expr = "[{clause}] the offer to {word} has the attributes {string}")]
async fn offer_attributes(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    names: String,
    step: &Step,
) {
    let expected = format!("the attributes {names}");
    let look = move |m: &Sip<'_>, _: &Exchange| has_attributes(m, &names);
    stage
        .judge(&clause.0, step, on_invitation(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the INVITE to {word} shows {word} in its list of recipients")]
async fn history(stage: &mut Stage, clause: Clause, chair: String, other: String, step: &Step) {
    let other = stage.scene().user(&other);
    let expected =
        format!("a part with Content-Disposition recipient-list-history that holds {other}");
    let look = move |m: &Sip<'_>, _: &Exchange| {
        let kind = m
            .scan
            .field("Content-Type")
            .map(|f| f.value)
            .unwrap_or_default();
        let part = wire::mime::find(&kind, m.scan.body(), "application/resource-lists+xml");
        let disposition = part
            .as_ref()
            .and_then(|p| p.header("Content-Disposition").map(str::to_owned))
            .unwrap_or_default();
        let entries = part
            .and_then(|p| wire::xml::resource_lists::parse(&p.body).ok())
            .unwrap_or_default();
        let good = disposition.starts_with("recipient-list-history")
            && entries.iter().any(|e| same_uri(&e.uri, &other));
        is(
            good,
            format!("{} entries, disposition {disposition:?}", entries.len()),
            vec![m.body()],
        )
    };
    stage
        .judge(&clause.0, step, on_invitation(&chair, expected, look))
        .await;
}
