//! Percent-encoded octets as they are meant (RFC 3986 section 2.1, RFC 3261 19.1.1).

/// The octets that `text` stands for; what is no escape stays as it is.
pub fn decode(text: &[u8]) -> Vec<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    let mut octets = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let pair = digit(at + 1).zip(digit(at + 2));
        let octet = pair.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        match octet.filter(|_| text[at] == b'%') {
            Some(octet) => {
                octets.push(octet);
                at += 3;
            }
            None => {
                octets.push(text[at]);
                at += 1;
            }
        }
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn escapes_stand_for_octets_and_nothing_else_changes() {
        for (text, meant) in [
            ("a%40b%3Btag", "a@b;tag"),
            ("%2e%2E", ".."),
            ("100%", "100%"),
            ("%4", "%4"),
            ("%+1%zz", "%+1%zz"),
            ("%2541", "%41"),
        ] {
            assert_eq!(decode(text.as_bytes()), meant.as_bytes(), "{text}");
        }
    }
}
