//! The text in its order: each paragraph with its redline, what becomes of its statements, and its findings.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::findings::at_its_place;
use super::redline::redline;
use super::{count, effect_mark};
use crate::change::render::{SUMMARY, key, word};
use crate::change::statements::is_one_of_several;
use crate::change::{Aligned, Analysis, Effect, Finding, Paragraph};

/// What the filter offers beside the effects.
const OTHERS: [(&str, &str); 6] = [
    ("changed", "whatever changes"),
    ("finding", "with a finding"),
    ("error", "with an error"),
    ("warning", "with a warning"),
    ("note", "with a note"),
    ("comment", "with a comment"),
];
const EFFECTS: [Effect; 7] = [
    Effect::Added,
    Effect::Removed,
    Effect::Reworded,
    Effect::LevelChanged,
    Effect::Moved,
    Effect::NotRestated,
    Effect::Unchanged,
];

/// A paragraph with all that is known about it.
struct Line<'a> {
    paragraph: &'a Paragraph,
    /// Places in the alignment.
    aligned: Vec<usize>,
    /// Places in the findings.
    findings: Vec<usize>,
    /// Findings whose first place is another line.
    also: Vec<usize>,
    unread: bool,
}

pub(super) fn section(analysis: &Analysis) -> Markup {
    let (parts, rest) = parts(analysis);
    html! {
        section #text {
            h2 { "Text" }
            (filters())
            p.soft #shown role="status" {
                (count(parts.iter().map(Vec::len).sum(), "paragraph"))
            }
            @for part in &parts {
                section.part { @for line in part { (row(analysis, line)) } }
            }
            @if !rest.is_empty() {
                section.part {
                    h3 { "Clauses that the text leaves out" }
                    @for index in &rest { (left_out(analysis, *index)) }
                }
            }
        }
    }
}

/// Paragraphs by subclause, and what of the alignment stands in none.
fn parts(analysis: &Analysis) -> (Vec<Vec<Line<'_>>>, Vec<usize>) {
    let (mut at, rest) = places(analysis);
    let mut by_line: BTreeMap<usize, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (index, finding) in analysis.findings.iter().enumerate() {
        by_line.entry(finding.line).or_default().0.push(index);
        for line in &finding.also {
            by_line.entry(*line).or_default().1.push(index);
        }
    }
    let begins = analysis.subclauses.first().map_or(0, |first| first.line);
    let mut parts: Vec<Vec<Line<'_>>> = Vec::new();
    for (index, paragraph) in analysis.document.paragraphs.iter().enumerate() {
        let aligned = at.remove(&index).unwrap_or_default();
        let (findings, also) = by_line.remove(&paragraph.line).unwrap_or_default();
        let blank = paragraph.text.trim().is_empty() && paragraph.old.is_none();
        let told = !findings.is_empty() || !aligned.is_empty();
        let marked = paragraph.old.is_some() || !paragraph.comments.is_empty();
        // The form before the proposal is of interest only where something is to be said about it.
        if !told && !marked && (blank || paragraph.line < begins) {
            continue;
        }
        let line = Line {
            paragraph,
            aligned,
            findings,
            also,
            unread: analysis.unread.iter().any(|one| one.line == paragraph.line),
        };
        match parts.last_mut() {
            Some(part) if title(analysis, paragraph).is_none() => part.push(line),
            _ => parts.push(vec![line]),
        }
    }
    (parts, rest)
}

/// Which paragraph each part of the alignment stands in; a removed one in the paragraph that is deleted.
fn places(analysis: &Analysis) -> (BTreeMap<usize, Vec<usize>>, Vec<usize>) {
    let deleted = |one: &Aligned| {
        let old = one.old.as_deref()?;
        let paragraphs = &analysis.document.paragraphs;
        paragraphs
            .iter()
            .position(|p| p.text.is_empty() && p.old.as_deref() == Some(old))
    };
    let mut at: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut rest = Vec::new();
    for (index, one) in analysis.alignment.iter().enumerate() {
        let here = one.statement.map(|index| analysis.statements[index].at);
        match here.or_else(|| deleted(one)) {
            Some(paragraph) => at.entry(paragraph).or_default().push(index),
            None => rest.push(index),
        }
    }
    (at, rest)
}

/// Number and title, if a paragraph is the heading of a subclause.
fn title<'a>(analysis: &'a Analysis, paragraph: &Paragraph) -> Option<(&'a str, &'a str)> {
    let subclause = analysis
        .subclauses
        .iter()
        .find(|s| s.line == paragraph.line)?;
    Some((&subclause.number, &subclause.title))
}

/// Script shows them: without it they could not filter.
fn filters() -> Markup {
    html! {
        form #filters.screen role="search" aria-label="Filter the text" hidden {
            label { "Show "
                select name="show" {
                    option value="" { "everything" }
                    @for (key, word) in OTHERS { option value=(key) { (word) } }
                    @for effect in EFFECTS { option value=(key(effect)) { (word(effect)) } }
                }
            }
            label.wide { "Text " input type="search" name="words" maxlength="200" autocomplete="off" spellcheck="false"; }
            button type="reset" { "Clear" }
        }
    }
}

/// By which words of the filter a line is shown.
fn tags(analysis: &Analysis, line: &Line<'_>) -> String {
    let effects = || {
        let aligned = line.aligned.iter();
        aligned.map(|index| analysis.alignment[*index].effect)
    };
    let mut tags: Vec<&str> = effects().map(key).collect();
    if line.paragraph.old.is_some() || effects().any(Effect::is_change) {
        tags.push("changed");
    }
    let all = line.findings.iter().chain(&line.also);
    let open = all
        .map(|index| &analysis.findings[*index])
        .filter(|f| f.silenced.is_none());
    for finding in open {
        tags.extend(["finding", finding.class.word()]);
    }
    if !line.paragraph.comments.is_empty() {
        tags.push("comment");
    }
    tags.sort_unstable();
    tags.dedup();
    tags.join(" ")
}

fn row(analysis: &Analysis, line: &Line<'_>) -> Markup {
    let paragraph = line.paragraph;
    let old = wording_before(analysis, line);
    let words = html! {
        @if !paragraph.label.is_empty() { span.label { (paragraph.label) } " " }
        @match old {
            Some(old) => (redline(old, &paragraph.text)),
            None => (paragraph.text),
        }
    };
    let findings = line.findings.iter().map(|index| {
        let next = Some(index + 1).filter(|next| *next < analysis.findings.len());
        at_its_place(*index, &analysis.findings[*index], next)
    });
    html! {
        div.line id={ "line-" (paragraph.line) } data-tags=(tags(analysis, line)) {
            p.number { (paragraph.line) }
            div.body {
                @if title(analysis, paragraph).is_some() { h3 { (words) } } @else { p.words { (words) } }
                @if line.unread { p.soft { "Taken for neither heading, list, statement nor note." } }
                @for index in &line.aligned { (fate(*index, &analysis.alignment[*index], analysis)) }
                (people(paragraph))
                @for finding in findings { (finding) }
                @for index in &line.also { (again(*index, &analysis.findings[*index])) }
            }
        }
    }
}

/// Empty for what is added; none where it is the same, or not at hand.
fn wording_before<'a>(analysis: &'a Analysis, line: &Line<'a>) -> Option<&'a str> {
    let aligned = || line.aligned.iter().map(|index| &analysis.alignment[*index]);
    let known = aligned().find_map(|one| one.old.as_deref());
    let added = !line.aligned.is_empty() && aligned().all(|one| one.effect == Effect::Added);
    let old = line.paragraph.old.as_deref().or(known);
    old.or(added.then_some(""))
}

/// What becomes of one statement.
fn fate(index: usize, one: &Aligned, analysis: &Analysis) -> Markup {
    let statement = one.statement.map(|index| &analysis.statements[index]);
    let pairs = [
        ("number", &one.renumbered),
        ("level", &one.level),
        ("actor", &one.actor),
    ];
    html! {
        div.fate id={ "change-" (index) } data-effect=(key(one.effect)) {
            p {
                (effect_mark(one.effect))
                @if let Some(statement) = statement { " " span.soft { "step " (statement.step) } }
                @if let Some(clause) = &one.clause { " " code { (clause) } }
                @for (name, pair) in pairs {
                    @if let Some(pair) = pair {
                        " " span.pair { span.soft { (name) " " } del { (pair.from) } " " ins { (pair.to) } }
                    }
                }
            }
            @if let Some(own) = one.statement.filter(|own| is_one_of_several(&analysis.statements, *own)) {
                p { (analysis.statements[own].text) }
            }
            @if let Some(from) = &one.old_from { p.soft { "The old wording is from " (from) "." } }
            @if let (Some(requirement), None) = (&one.requirement, &one.old) {
                p.soft { "The old wording is not at hand; " (SUMMARY) ": " (requirement) }
            }
        }
    }
}

/// Who changed the paragraph, and what reviewers say about it.
fn people(paragraph: &Paragraph) -> Markup {
    html! {
        @if !paragraph.authors.is_empty() {
            p.soft.authors {
                @match (paragraph.moved, paragraph.text.is_empty()) {
                    (true, true) => "moved away by ",
                    (true, false) => "moved here by ",
                    (false, _) => "changed by ",
                }
                (paragraph.authors.join(", "))
            }
        }
        @for comment in &paragraph.comments { p.comment { (comment) } }
    }
}

fn again(index: usize, finding: &Finding) -> Markup {
    html! {
        p.again { a href={ "#finding-" (index) } { (finding.rule) ", as in line " (finding.line) } }
    }
}

fn left_out(analysis: &Analysis, index: usize) -> Markup {
    let one = &analysis.alignment[index];
    let changed = if one.effect.is_change() {
        " changed"
    } else {
        ""
    };
    html! {
        div.line data-tags={ (key(one.effect)) (changed) } {
            p.number {}
            div.body {
                @if let Some(old) = &one.old { p.words { (redline(old, "")) } }
                (fate(index, one, analysis))
            }
        }
    }
}
