//! The matrix as JSON, as Markdown and as plain text.

use std::io::{self, Write};

use super::{Matrix, Row};
use crate::markdown::escape;
use crate::summary::{Totals, write_json};

/// Writes the matrix as JSON.
pub fn render_matrix_json(matrix: &Matrix, out: &mut impl Write) -> io::Result<()> {
    write_json(matrix, out)
}

/// Writes the matrix for people: the subjects with their counts, then the clauses on which they differ with reasons.
pub fn render_matrix_text(matrix: &Matrix, out: &mut impl Write) -> io::Result<()> {
    for (number, column) in matrix.subjects.iter().enumerate() {
        let counts = counts(&column.totals).map(|(word, count)| format!("{count} {word}"));
        let (subject, counts) = (&column.subject, counts.join(", "));
        writeln!(out, "{}  {subject}: {counts}", letter(number))?;
    }
    for row in &matrix.differing {
        writeln!(out, "\n{} {}: {}", row.level, row.clause, row.requirement)?;
        for (number, reason) in row.reasons.iter().enumerate() {
            let because = match reason.is_empty() {
                true => String::new(),
                false => format!("  {reason}"),
            };
            writeln!(
                out,
                "  {}  {:<14}{because}",
                letter(number),
                shown(row, number)
            )?;
        }
    }
    let alone = match matrix.alone.len() {
        0 => String::new(),
        count => format!(", {count} were asked of one run only"),
    };
    writeln!(
        out,
        "\n{} clauses and rules differ, {} agree{alone}",
        matrix.differing.len(),
        matrix.agreed.len()
    )
}

/// The counts of a subject's verdicts, in the order in which both forms show them.
fn counts(totals: &Totals) -> [(&'static str, usize); 6] {
    [
        ("pass", totals.pass),
        ("fail", totals.fail),
        ("warning", totals.warning),
        ("inconclusive", totals.inconclusive),
        ("not applicable", totals.not_applicable),
        ("error", totals.error),
    ]
}

/// Writes the matrix as Markdown: two tables, the one in which the subjects differ first.
pub fn render_matrix_markdown(matrix: &Matrix, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "# {} subjects side by side\n", matrix.subjects.len())?;
    writeln!(
        out,
        "| | subject | pass | fail | warning | inconclusive | not applicable | error |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- | --- |")?;
    for (number, column) in matrix.subjects.iter().enumerate() {
        let counts = counts(&column.totals).map(|(_, count)| count.to_string());
        let (subject, counts) = (escape(&column.subject), counts.join(" | "));
        writeln!(out, "| {} | {subject} | {counts} |", letter(number))?;
    }
    table("Where they differ", &matrix.differing, matrix, out)?;
    table("Where they agree", &matrix.agreed, matrix, out)?;
    match matrix.alone.is_empty() {
        true => Ok(()),
        false => table("Asked of one run only", &matrix.alone, matrix, out),
    }
}

fn table(title: &str, rows: &[Row], matrix: &Matrix, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "\n## {title}: {}\n", rows.len())?;
    if rows.is_empty() {
        return Ok(());
    }
    let numbers = || 0..matrix.subjects.len();
    let letters: Vec<String> = numbers().map(letter).collect();
    let rule: String = numbers().map(|_| " --- |").collect();
    writeln!(
        out,
        "| clause | level | {} | requirement |",
        letters.join(" | ")
    )?;
    writeln!(out, "| --- | --- |{rule} --- |")?;
    for row in rows {
        let outcomes: Vec<&str> = numbers().map(|number| shown(row, number)).collect();
        writeln!(
            out,
            "| `{}` | {} | {} | {} |",
            row.clause,
            row.level,
            outcomes.join(" | "),
            escape(&row.requirement)
        )?;
    }
    Ok(())
}

/// What a subject did about a clause; a dash where its run was not asked.
fn shown(row: &Row, number: usize) -> &'static str {
    row.outcomes.get(number).copied().flatten().unwrap_or("–")
}

/// A to Z, then A1 to Z1 and so on.
fn letter(number: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(number % 26).unwrap_or_default());
    match number / 26 {
        0 => letter.to_string(),
        round => format!("{letter}{round}"),
    }
}
