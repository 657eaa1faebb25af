//! The known word that a misspelt one was most likely meant to be.

/// The candidate with the smallest edit distance, unless it is more than a third of the word away.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = word.chars().count() / 3 + 1;
    let scored = candidates
        .into_iter()
        .map(|known| (edits(&word.to_lowercase(), &known.to_lowercase()), known));
    scored
        .filter(|(edits, _)| *edits <= limit)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, known)| known)
}

fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_a_misspelling_and_refuses_a_stranger() {
        assert_eq!(nearest("levle", ["level", "actor"]), Some("level"));
        assert_eq!(nearest("umbrella", ["level", "actor"]), None);
    }
}
