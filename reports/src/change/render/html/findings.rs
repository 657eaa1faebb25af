//! What is wrong with the text: the list, worst first, each leading to its place.

use maud::{Markup, html};

use crate::change::{Analysis, Finding};
use crate::page::mark;

/// Place in the analysis, and the finding.
type Numbered<'a> = (usize, &'a Finding);

pub(super) fn section(analysis: &Analysis) -> Markup {
    let all = analysis.findings.iter().enumerate();
    let (silenced, open): (Vec<Numbered<'_>>, Vec<_>) =
        all.partition(|(_, finding)| finding.silenced.is_some());
    html! {
        section #findings {
            h2 { "Findings" }
            @if open.is_empty() { p { "Nothing was found wrong with the text." } }
            (list(open))
            @if !silenced.is_empty() {
                details {
                    summary { (silenced.len()) " silenced" }
                    (list(silenced))
                }
            }
        }
    }
}

/// By rule; the worst, and then those that are broken first, come first.
fn list(findings: Vec<Numbered<'_>>) -> Markup {
    let mut rules: Vec<Vec<Numbered<'_>>> = Vec::new();
    for one in findings {
        let known = rules.iter_mut().find(|rule| rule[0].1.rule == one.1.rule);
        match known {
            Some(rule) => rule.push(one),
            None => rules.push(vec![one]),
        }
    }
    rules.sort_by_key(|rule| (rule[0].1.class, rule[0].0));
    html! { @for rule in &rules { (of_rule(rule)) } }
}

fn of_rule(findings: &[Numbered<'_>]) -> Markup {
    let (_, first) = findings[0];
    let alike = findings
        .iter()
        .all(|(_, finding)| finding.suggestion == first.suggestion);
    html! {
        div.rule {
            h3 { (mark(first.class.word())) " " code { (first.rule) } }
            @if alike { p.suggestion { (first.suggestion) } }
            ol.findings {
                @for (index, finding) in findings {
                    li data-rule=(finding.rule) {
                        a href={ "#finding-" (index) } { "line " (finding.line) }
                        p {
                            @if !finding.quote.is_empty() { q { (finding.quote) } ": " }
                            (sentence(&finding.reason))
                            @if !alike { " " span.suggestion { (finding.suggestion) } }
                            @if let Some(reason) = &finding.silenced { span.soft { " Silenced: " (reason) } }
                        }
                    }
                }
            }
        }
    }
}

/// A finding where it stands in the text, with the way to the next.
pub(super) fn at_its_place(index: usize, finding: &Finding, next: Option<usize>) -> Markup {
    html! {
        article.finding id={ "finding-" (index) } data-rule=(finding.rule) {
            p.what {
                (mark(finding.class.word())) " " code { (finding.rule) }
                @if let Some(next) = next { a.next.screen href={ "#finding-" (next) } { "next" } }
            }
            p {
                @if !finding.quote.is_empty() { q { (finding.quote) } ": " }
                (sentence(&finding.reason))
            }
            p.suggestion { (finding.suggestion) }
            @if let Some(reason) = &finding.silenced { p.soft { "Silenced: " (reason) } }
            @if !finding.also.is_empty() {
                p.soft { "also in line " @for (at, line) in finding.also.iter().enumerate() {
                    @if at > 0 { ", " } a href={ "#line-" (line) } { (line) }
                } }
            }
        }
    }
}

/// With a full stop, where it has none.
fn sentence(text: &str) -> String {
    let ended = text.ends_with(['.', '!', '?']);
    format!("{text}{}", if ended { "" } else { "." })
}
