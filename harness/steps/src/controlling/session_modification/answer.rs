//! What stands in the descriptions of a modification: parameters of the offer, versions, directions.

use cucumber::gherkin::Step;
use cucumber::then;
use trace::matchers::{Sip, sip_messages};
use trace::{Direction, Exchange};
use wire::sdp::{Description, Media};

use super::{code, on_change};
use crate::Stage;
use crate::look::{Seen, is, judged, msrp_line, sdp};
use crate::words::Clause;

/// The first parameter of an answer that its offer does not hold.
pub(crate) fn foreign(offer: &Media, answer: &Media) -> Option<String> {
    let offered: Vec<&str> = offer.attributes().iter().map(|(name, _)| *name).collect();
    let own = [
        "path", "setup", "sendrecv", "sendonly", "recvonly", "inactive",
    ];
    let name = answer
        .attributes()
        .into_iter()
        .map(|(name, _)| name)
        .find(|name| !own.contains(name) && !offered.contains(name));
    let types = offer.accept_types();
    let covered = |one: &String| {
        let main = one.split('/').next().unwrap_or_default();
        types.iter().any(|t| {
            t == "*" || t.eq_ignore_ascii_case(one) || t.eq_ignore_ascii_case(&format!("{main}/*"))
        })
    };
    let kind = answer.accept_types().into_iter().find(|one| !covered(one));
    name.map(|name| format!("a={name}")).or(kind)
}

#[then(expr = "[{clause}] every parameter of the answer to the change of {word} is in her offer")]
async fn from_offer(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    let look = |request: &Sip<'_>, m: &Sip<'_>, _: &Exchange| -> Seen {
        let (Some(offer), Some(answer)) = (msrp_line(request), msrp_line(m)) else {
            return Err((
                format!("{} without MSRP", m.scan.start_line()),
                vec![m.body()],
            ));
        };
        let types = answer.accept_types();
        match foreign(&offer, &answer) {
            Some(what) => Err((format!("{what} was not offered"), vec![m.body()])),
            None => is(
                code(m) == 200 && !types.is_empty(),
                types.join(" "),
                vec![m.body()],
            ),
        }
    };
    let expected = "types and attributes of the offer only".to_owned();
    stage
        .judge(&clause.0, step, on_change(&chair, expected, look))
        .await;
}

#[then(expr = "[{clause}] the answer to the change of {word} to {string} is {string} or {string}")]
async fn direction(
    stage: &mut Stage,
    clause: Clause,
    chair: String,
    asked: String,
    one: String,
    other: String,
    step: &Step,
) {
    let seat = chair.clone();
    let expected = format!("a={one} or a={other}");
    stage
        .judge(&clause.0, step, move |ex| {
            let requests = super::changes(ex, &seat);
            let request = requests.iter().find(|m| {
                msrp_line(m).is_some_and(|media| media.attributes().contains(&(&*asked, None)))
            });
            let answer = request.and_then(|request| {
                let mut all = trace::matchers::received_responses(ex, request.frame).into_iter();
                all.find(|m| code(m) >= 200)
            });
            let seen = answer.map(|m| {
                let media = msrp_line(&m);
                let names: Vec<&str> = media
                    .iter()
                    .flat_map(|media| media.attributes())
                    .map(|(name, _)| name)
                    .collect();
                let good = names.contains(&&*one) || names.contains(&&*other);
                is(good, names.join(", "), vec![m.body()])
            });
            judged(&expected, seen, "no final response came")
        })
        .await;
}

/// Session and version of the o= line, and all the rest.
fn parts(description: &Description) -> Option<(String, u64, String)> {
    let origin = description.lines.iter().find(|line| line.kind == 'o')?;
    let words: Vec<&str> = origin.value.split(' ').collect();
    let mut rest = description.clone();
    rest.lines.retain(|line| line.kind != 'o');
    let version = words.get(2)?.parse().ok()?;
    Some(((*words.get(1)?).to_owned(), version, rest.to_string()))
}

#[then(
    expr = "[{clause}] the description for {word} raises its version when it changes, and only then"
)]
async fn versions(stage: &mut Stage, clause: Clause, chair: String, step: &Step) {
    stage
        .judge(&clause.0, step, move |ex| {
            let mut given = Vec::new();
            for message in sip_messages(ex, Direction::Received) {
                let known = |(other, _): &(Sip<'_>, _)| other.frame.bytes == message.frame.bytes;
                if message.frame.chair == chair
                    && !given.iter().any(known)
                    && let Some(parts) = sdp(&message).as_ref().and_then(parts)
                {
                    given.push((message, parts));
                }
            }
            let wrong = given.windows(2).find(|pair| {
                let ((_, (session, version, rest)), (_, (next, later, changed))) =
                    (&pair[0], &pair[1]);
                let step = u64::from(rest != changed);
                session != next || *later != *version + step
            });
            let seen = match (wrong, given.last()) {
                (Some(pair), _) => Some(Err((
                    format!("version {} after {}", pair[1].1.1, pair[0].1.1),
                    vec![pair[0].0.body(), pair[1].0.body()],
                ))),
                (None, Some((last, (_, version, _)))) if given.len() > 1 => {
                    Some(is(true, format!("version {version}"), vec![last.body()]))
                }
                (None, _) => None,
            };
            judged(
                "one step of the version for each change",
                seen,
                "no second description came",
            )
        })
        .await;
}
