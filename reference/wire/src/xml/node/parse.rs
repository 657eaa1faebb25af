//! The grammar of node selectors (RFC 4825 section 6.3), already percent-decoded.

use super::Step;

/// Steps between slashes that stand outside quotes.
pub(super) fn split(text: &str) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let mut quote = None;
    for letter in text.chars() {
        match (quote, letter) {
            (None, '/') => parts.push(String::new()),
            (None, '"' | '\'') => {
                quote = Some(letter);
                parts.last_mut()?.push(letter);
            }
            _ => {
                if quote == Some(letter) {
                    quote = None;
                }
                parts.last_mut()?.push(letter);
            }
        }
    }
    let whole = quote.is_none() && parts.iter().all(|part| !part.is_empty());
    whole.then_some(parts)
}

pub(super) fn step(part: &str, bindings: &[(String, String)], usual: &str) -> Option<Step> {
    let (name, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
    let name = match name {
        "*" => None,
        _ => Some(qualified(name, bindings, usual)?),
    };
    let (mut place, mut attribute) = (None, None);
    while let Some(inner) = rest.strip_prefix('[') {
        if let Some(test) = inner.strip_prefix('@') {
            let (name, value) = test.split_once('=')?;
            let quote = value
                .chars()
                .next()
                .filter(|quote| matches!(quote, '"' | '\''))?;
            let (value, after) = value[1..].split_once(quote)?;
            let (space, name) = qualified(name, bindings, "")?;
            if attribute.replace((space, name, value.to_owned())).is_some() {
                return None;
            }
            rest = after.strip_prefix(']')?;
        } else {
            let (number, after) = inner.split_once(']')?;
            let number: usize = number.parse().ok().filter(|number| *number > 0)?;
            if attribute.is_some() || place.replace(number).is_some() {
                return None;
            }
            rest = after;
        }
    }
    rest.is_empty().then_some(Step {
        name,
        place,
        attribute,
    })
}

pub(super) fn qualified(
    name: &str,
    bindings: &[(String, String)],
    usual: &str,
) -> Option<(String, String)> {
    let (space, local) = match name.split_once(':') {
        Some((prefix, local)) => {
            let found = bindings.iter().rev().find(|(bound, _)| bound == prefix)?;
            (found.1.as_str(), local)
        }
        None => (usual, name),
    };
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let named = !local.is_empty() && local.chars().all(fits);
    named.then(|| (space.to_owned(), local.to_owned()))
}
