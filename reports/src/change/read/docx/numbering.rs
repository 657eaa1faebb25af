//! The numbers and letters that a word processor prints before paragraphs.

use std::collections::{BTreeMap, HashMap};

use super::xml::{Piece, Pull};
use super::{Fault, Parts};

/// One level of a list.
#[derive(Clone, Debug, Default)]
struct Level {
    /// `decimal`, `lowerLetter`, `bullet`, …
    format: String,
    /// `%1.`, `%1.%2`, …
    text: String,
    start: u32,
}

/// All lists of a document, and how far each has counted.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    levels: HashMap<(String, usize), Level>,
    /// List to its definition.
    lists: HashMap<String, String>,
    counts: HashMap<String, BTreeMap<usize, u32>>,
    /// Numbers at which a list begins anew, taken out once it has begun.
    restarts: HashMap<(String, usize), u32>,
}

impl Numbering {
    pub(super) fn of(parts: &Parts) -> Result<Self, Fault> {
        let mut numbering = Self::default();
        let Some(text) = parts.get("numbering.xml") else {
            return Ok(numbering);
        };
        let mut pull = Pull::of("numbering.xml", text);
        let (mut definition, mut level, mut list) = (String::new(), 0, String::new());
        loop {
            let Piece::Start(name, attributes) = (match pull.next()? {
                Piece::Finish => return Ok(numbering),
                piece => piece,
            }) else {
                continue;
            };
            let value = || attributes.get("val").cloned().unwrap_or_default();
            match name.as_str() {
                "abstractNum" => {
                    definition = attributes.get("abstractNumId").cloned().unwrap_or_default()
                }
                "lvl" | "lvlOverride" => {
                    level = attributes
                        .get("ilvl")
                        .and_then(|v| v.parse().ok())
                        .unwrap_or_default()
                }
                "numFmt" => numbering.level(&definition, level).format = value(),
                "lvlText" => numbering.level(&definition, level).text = value(),
                "start" => numbering.level(&definition, level).start = value().parse().unwrap_or(1),
                "startOverride" => {
                    let start = value().parse().unwrap_or(1);
                    numbering.restarts.insert((list.clone(), level), start);
                }
                "num" => {
                    list = attributes.get("numId").cloned().unwrap_or_default();
                    // A level that a list overrides is no level of the last definition.
                    definition.clear();
                }
                "abstractNumId" => {
                    numbering.lists.insert(list.clone(), value());
                }
                _ => {}
            }
        }
    }

    fn level(&mut self, definition: &str, level: usize) -> &mut Level {
        self.levels
            .entry((definition.to_owned(), level))
            .or_default()
    }

    /// The label of the next paragraph of a list at a level; empty for none.
    pub(super) fn next(&mut self, list: &str, level: usize) -> String {
        let Some(definition) = self.lists.get(list).cloned() else {
            return String::new();
        };
        let Some(own) = self.levels.get(&(definition.clone(), level)).cloned() else {
            return String::new();
        };
        if own.format == "bullet" {
            return "·".to_owned();
        }
        if own.format == "none" {
            return String::new();
        }
        let restart = self.restarts.remove(&(list.to_owned(), level));
        let counts = self.counts.entry(definition.clone()).or_default();
        let next = || counts.get(&level).map_or(own.start, |count| count + 1);
        let count = restart.unwrap_or_else(next);
        counts.insert(level, count);
        counts.retain(|deeper, _| *deeper <= level);
        let mut label = own.text.clone();
        for upper in 0..=level.min(8) {
            let shape = self.levels.get(&(definition.clone(), upper));
            let count = self.counts[&definition].get(&upper).copied().unwrap_or(1);
            let printed = print(
                shape.map_or("decimal", |level| level.format.as_str()),
                count,
            );
            label = label.replace(&format!("%{}", upper + 1), &printed);
        }
        label
    }
}

fn print(format: &str, count: u32) -> String {
    let letter = || {
        char::from_u32(96 + (count.max(1) - 1) % 26 + 1)
            .map(String::from)
            .unwrap_or_default()
    };
    match format {
        "lowerLetter" => letter(),
        "lowerRoman" => {
            let small = [
                "", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x",
            ];
            small
                .get(count as usize)
                .map_or_else(|| count.to_string(), |text| (*text).to_owned())
        }
        "upperLetter" => letter().to_uppercase(),
        _ => count.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_one_definition_count_on_until_one_begins_anew() {
        let text = "<numbering><abstractNum abstractNumId='7'><lvl ilvl='0'><start val='1'/><numFmt val='decimal'/>\
            <lvlText val='%1.'/></lvl></abstractNum><num numId='1'><abstractNumId val='7'/></num>\
            <num numId='2'><abstractNumId val='7'/><lvlOverride ilvl='0'><startOverride val='1'/></lvlOverride></num>\
            </numbering>";
        let parts = Parts::from([("numbering.xml", text.to_owned())]);
        let mut numbering = Numbering::of(&parts).expect("the fixture is sound");
        let lists = ["1", "1", "2", "1", "2"];
        let labels = lists.map(|list| numbering.next(list, 0));
        assert_eq!(labels, ["1.", "2.", "1.", "2.", "3."]);
    }
}
