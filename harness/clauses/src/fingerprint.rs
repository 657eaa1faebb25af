//! Digests that tell whether a sentence of the specification changed, without holding the sentence.

use crate::Fingerprint;
use sha2::{Digest, Sha256};

/// Lower case, letters and digits only, words one blank apart. A step mark that opens the
/// sentence (`1.`, `a)`) is no part of it, so renumbering changes nothing.
pub fn normalise(sentence: &str) -> String {
    let lower = without_mark(sentence).to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// Digest and similarity hash of a sentence, which is normalised first.
pub fn of(sentence: &str) -> Fingerprint {
    let normal = normalise(sentence);
    Fingerprint {
        sha256: format!("{:016x}", first_octets(&normal)),
        simhash: format!("{:016x}", simhash(&normal)),
    }
}

/// Number of differing bits of two similarity hashes, 0 (alike) to 64; `None` unless both are hexadecimal.
pub fn distance(one: &str, other: &str) -> Option<u32> {
    let one = u64::from_str_radix(one, 16).ok()?;
    let other = u64::from_str_radix(other, 16).ok()?;
    Some((one ^ other).count_ones())
}

fn without_mark(sentence: &str) -> &str {
    let sentence = sentence.trim_start_matches(|c: char| !c.is_alphanumeric());
    let Some((mark, rest)) = sentence.split_once(['.', ')']) else {
        return sentence;
    };
    let number = !mark.is_empty() && mark.chars().all(|c| c.is_ascii_digit());
    let letter = mark.chars().count() == 1 && mark.chars().all(char::is_alphabetic);
    if number || letter { rest } else { sentence }
}

/// Each pair of neighbouring words votes with the bits of its digest; a lone word votes alone.
fn simhash(normal: &str) -> u64 {
    let words: Vec<&str> = normal.split(' ').collect();
    let pairs: Vec<String> = match words.as_slice() {
        [only] => vec![(*only).to_owned()],
        many => many.windows(2).map(|pair| pair.join(" ")).collect(),
    };
    let mut votes = [0i32; 64];
    for pair in &pairs {
        let hash = first_octets(pair);
        for (bit, vote) in votes.iter_mut().enumerate() {
            *vote += if hash >> bit & 1 == 1 { 1 } else { -1 };
        }
    }
    votes
        .iter()
        .enumerate()
        .filter(|(_, vote)| **vote > 0)
        .fold(0, |sum, (bit, _)| sum | 1 << bit)
}

fn first_octets(text: &str) -> u64 {
    Sha256::digest(text.as_bytes())
        .iter()
        .take(8)
        .fold(0, |sum, octet| sum << 8 | u64::from(*octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_and_case_do_not_matter() {
        assert_eq!(
            normalise("· 1. The  Server SHALL (always)\tanswer;"),
            "the server shall always answer"
        );
        assert_eq!(of("The server answers."), of("the   SERVER, answers"));
    }

    #[test]
    fn a_small_change_stays_near_and_another_sentence_is_far() {
        let old = of(
            "the server answers every invitation of the list with one response and counts it once",
        );
        let new = of(
            "the server answers every invitation of the list with one final response and counts it once",
        );
        let far = of("clients may leave whenever their user wishes to be elsewhere for a while");
        let near = distance(&old.simhash, &new.simhash).unwrap();
        assert_ne!(old.sha256, new.sha256);
        assert!(
            near < distance(&old.simhash, &far.simhash).unwrap(),
            "{near}"
        );
    }

    #[test]
    fn the_mark_of_a_step_is_no_part_of_it() {
        assert_eq!(
            normalise("· a) propose ‘a’ in the [RFC3264]"),
            "propose a in the rfc3264"
        );
        assert_eq!(of("-   2.  set the URI").simhash, "7010082841102012");
    }

    #[test]
    fn the_digest_is_the_start_of_sha_256() {
        assert_eq!(of("abc").sha256, "ba7816bf8f01cfea");
    }
}
