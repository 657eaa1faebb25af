//! The octets that the page's signs stand for.

/// Reads what the page shows of octets; `None` for a sign that it does not have.
pub(super) fn read(shown: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let mut rest = shown.chars();
    while let Some(letter) = rest.next() {
        match letter {
            '␍' => octets.push(b'\r'),
            '␊' => octets.push(b'\n'),
            '␉' => octets.push(b'\t'),
            '·' => octets.push(b' '),
            // The line that the page makes after the sign of its end.
            '\n' => {}
            '\\' => match rest.next()? {
                '\\' => octets.push(b'\\'),
                'x' => {
                    let digits: String = rest.by_ref().take(2).collect();
                    octets.push(u8::from_str_radix(&digits, 16).ok()?);
                }
                'u' => {
                    let digits: String = rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
                    let letter = char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?;
                    octets.extend(letter.to_string().bytes());
                }
                _ => return None,
            },
            letter => octets.extend(letter.to_string().bytes()),
        }
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn signs_stand_for_octets() {
        let octets = read("a\\\\·␉␍␊\nä\\xff\\u{202e}").expect("only known signs");
        assert_eq!(octets, b"a\\ \t\r\n\xc3\xa4\xff\xe2\x80\xae");
        assert_eq!(read("\\q"), None);
    }
}
