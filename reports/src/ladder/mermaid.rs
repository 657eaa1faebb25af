//! A ladder as a Mermaid sequence diagram, which forges and wikis draw.

use super::Ladder;
use std::io::{self, Write};

/// Writes the diagram; one arrow a line.
pub fn render_ladder_mermaid(ladder: &Ladder, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "---\ntitle: {}\n---",
        serde_json::Value::from(ladder.title.as_str())
    )?;
    writeln!(out, "sequenceDiagram")?;
    // Short names, because a chair's own could be a word of the language.
    for (number, lane) in ladder.lanes.iter().enumerate() {
        writeln!(out, "    participant p{number} as {}", escaped(lane))?;
    }
    for arrow in &ladder.arrows {
        let line = if arrow.protocol == "sip" {
            "->>"
        } else {
            "-->>"
        };
        let label = escaped(&arrow.label);
        write!(out, "    p{}{line}p{}: {label}", arrow.from, arrow.to)?;
        match arrow.body.as_str() {
            "" => writeln!(out)?,
            body => writeln!(out, " · {}", escaped(body))?,
        }
    }
    Ok(())
}

/// Text in which nothing ends the statement or is read as markup.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '#' | ';' | '<' | '>' | '&' | '%' | '"' => {
                escaped.push_str(&format!("#{};", u32::from(letter)));
            }
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_ends_a_statement() {
        assert_eq!(
            super::escaped("<script>;\nend %%{x}%% #"),
            "#60;script#62;#59; end #37;#37;{x}#37;#37; #35;"
        );
    }
}
