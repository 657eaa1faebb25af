//! Words of the exchange with the XDMS: how the document of a group is asked for, and what comes instead of it.

use cucumber::gherkin::Step;
use cucumber::{given, then};
use trace::Exchange;
use trace::matchers::{Http, http_requests, octets};
use world::Served;

use crate::Stage;
use crate::look::{is, judged};
use crate::words::Clause;

/// Application usages of groups: Group XDM 2.0, and PoC XDM 1.0 before it.
const USAGES: [&str; 2] = [
    "org.openmobilealliance.groups",
    "org.openmobilealliance.poc-groups",
];

#[given(expr = "the XDMS answers {int} for the group {string}")]
async fn answers(stage: &mut Stage, status: u16, name: String) {
    stage.scene().serve_group(&name, Served::status(status));
}

#[then(expr = "[{clause}] the document of the group {string} is asked for at its address")]
async fn at_its_address(stage: &mut Stage, clause: Clause, name: String, step: &Step) {
    let group = stage.scene().group(&name);
    stage
        .judge(&clause.0, step, move |ex| {
            let tail = |usage: &str| format!("/{usage}/global/byGroupID/{group}");
            let expected = format!("GET of ROOT{}", tail(USAGES[0]));
            let seen = request_for(ex, &group).map(|get| {
                let target = plain(&get.target().unwrap_or_default());
                let addressed = USAGES.iter().any(|usage| target.ends_with(&tail(usage)));
                let good = addressed && get.method().as_deref() == Some("GET");
                is(good, get.scan.start_line(), vec![get.start()])
            });
            judged(&expected, seen, "nothing was asked of the XDMS")
        })
        .await;
}

#[then(
    expr = "[{clause}] the request for the document of the group {string} names the host it asks"
)]
async fn names_the_host(stage: &mut Stage, clause: Clause, name: String, step: &Step) {
    let group = stage.scene().group(&name);
    stage
        .judge(&clause.0, step, move |ex| {
            let get = request_for(ex, &group);
            let local = get.as_ref().map(|get| get.frame.local.to_string());
            let expected = format!("one Host: {}", local.unwrap_or_default());
            let seen = get.map(|get| {
                let fields = get.scan.fields("Host");
                let here = get.frame.local.to_string();
                let good = matches!(&fields[..], [one] if one.value == here);
                let found: Vec<&str> = fields.iter().map(|field| field.value.as_str()).collect();
                let mut evidence = vec![get.start()];
                evidence.extend(fields.iter().map(|field| octets(get.frame, &field.span)));
                is(good, format!("Host: {found:?}"), evidence)
            });
            judged(&expected, seen, "nothing was asked of the XDMS")
        })
        .await;
}

/// The first request that names the group.
fn request_for<'a>(ex: &'a Exchange, group: &str) -> Option<Http<'a>> {
    let names = |get: &Http<'_>| plain(&get.target().unwrap_or_default()).contains(group);
    http_requests(ex).into_iter().find(names)
}

/// A path with the characters of a SIP URI as they are.
fn plain(path: &str) -> String {
    [("%3a", ":"), ("%3A", ":"), ("%40", "@")]
        .iter()
        .fold(path.to_owned(), |path, (code, letter)| {
            path.replace(code, letter)
        })
}
