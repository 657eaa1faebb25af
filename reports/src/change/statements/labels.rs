//! The step that a paragraph is: number, letter and roman number, continued and doubled ones.

use std::collections::HashMap;

use crate::change::marks::Mark;

/// Labels within one list.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    /// The step at the top, such as `5` or `5-bis`.
    base: String,
    letter: Option<char>,
    /// The last label that was given out.
    last: String,
    used: HashMap<String, u32>,
    /// Statements given out under each label.
    parts: HashMap<String, u32>,
    unnumbered: u32,
}

impl Labels {
    /// The label of a paragraph with that mark; a bullet goes on with the step before it.
    pub(super) fn next(&mut self, mark: &Mark) -> String {
        let label = match mark {
            Mark::Number(number) => {
                self.letter = None;
                self.base = self.fresh(number.to_string());
                self.base.clone()
            }
            Mark::Roman(number) if self.nested(*number) => {
                let numeral = [
                    "", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x",
                ];
                let numeral = numeral.get(*number as usize).copied().unwrap_or("x");
                let letter = self.letter.map(String::from).unwrap_or_default();
                self.fresh(format!("{}{letter}{numeral}", self.base))
            }
            Mark::Roman(number) => self.lettered(match number {
                1 => 'i',
                5 => 'v',
                _ => 'x',
            }),
            Mark::Letter(letter) => self.lettered(*letter),
            Mark::Bullet | Mark::None if self.last.is_empty() => {
                self.unnumbered += 1;
                format!("u{}", self.unnumbered)
            }
            Mark::Bullet | Mark::None => self.last.clone(),
        };
        if !label.starts_with('u') {
            self.last.clone_from(&label);
        }
        label
    }

    /// A label without a number in a list that has none.
    pub(super) fn unnumbered(&mut self) -> String {
        self.unnumbered += 1;
        format!("u{}", self.unnumbered)
    }

    /// The label of the next statement under a step: the step itself, then `.2`, `.3`.
    pub(super) fn part(&mut self, label: &str) -> String {
        let count = self.parts.entry(label.to_owned()).or_insert(0);
        *count += 1;
        match *count {
            1 => label.to_owned(),
            count => format!("{label}.{count}"),
        }
    }

    /// The step at the top that a label stands under.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Whether `i.` is a roman number: it stands under a letter, or no letter leads to it.
    fn nested(&self, number: u32) -> bool {
        let before = match number {
            1 => 'h',
            5 => 'u',
            10 => 'w',
            _ => return true,
        };
        self.letter != Some(before)
    }

    fn lettered(&mut self, letter: char) -> String {
        self.letter = Some(letter);
        self.fresh(format!("{}{letter}", self.base))
    }

    fn fresh(&mut self, label: String) -> String {
        let count = self.used.entry(label.clone()).or_insert(0);
        *count += 1;
        match *count {
            1 => label,
            2 => format!("{label}-bis"),
            count => format!("{label}-bis{count}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_doubles_and_sub_steps_keep_their_printed_numbers() {
        let mut labels = Labels::default();
        let marks = [
            Mark::Number(1),
            Mark::Number(5),
            Mark::Letter('a'),
            Mark::Letter('b'),
            Mark::Roman(1),
            Mark::Number(5),
            Mark::Letter('a'),
            Mark::Bullet,
        ];
        let found: Vec<String> = marks.iter().map(|mark| labels.next(mark)).collect();
        assert_eq!(
            found,
            ["1", "5", "5a", "5b", "5bi", "5-bis", "5-bisa", "5-bisa"]
        );
        assert_eq!(
            (labels.part("5"), labels.part("5")),
            ("5".into(), "5.2".into())
        );
    }

    #[test]
    fn the_ninth_letter_is_no_roman_number() {
        let mut labels = Labels::default();
        labels.next(&Mark::Number(1));
        labels.next(&Mark::Letter('h'));
        assert_eq!(labels.next(&Mark::Roman(1)), "1i");
    }
}
