//! Prints a machine: every state against every input.

use std::fmt::Debug;

/// One line a pair: state, input, next state, outputs.
pub(crate) fn print<M: Clone, I: Clone + Debug, O: Debug, S: Debug>(
    machines: &[(&str, M)],
    inputs: &[I],
    state: impl Fn(&M) -> S,
    handle: impl Fn(&mut M, I, &mut Vec<O>),
) -> String {
    let mut lines = Vec::new();
    for (name, machine) in machines {
        for input in inputs {
            let (mut machine, mut out) = (machine.clone(), Vec::new());
            handle(&mut machine, input.clone(), &mut out);
            let outputs: Vec<String> = out
                .iter()
                .map(|output| plain(&format!("{output:?}")))
                .collect();
            let input = plain(&format!("{input:?}"));
            lines.push(format!(
                "{name:<24} {input:<40} -> {:<12} {}",
                format!("{:?}", state(&machine)),
                outputs.join(" · ")
            ));
        }
        lines.push(String::new());
    }
    lines
        .iter()
        .map(|line| line.trim_end())
        .collect::<Vec<_>>()
        .join("\n")
}

// Octets are shown as the text that they are.
pub(crate) fn plain(debug: &str) -> String {
    let (mut text, mut rest) = (String::new(), debug);
    while let Some(start) = rest.find('[') {
        let end = rest[start..]
            .find(']')
            .map_or(rest.len(), |end| start + end);
        let octets: Option<Vec<u8>> = rest[start + 1..end]
            .split(", ")
            .map(|octet| octet.parse().ok())
            .collect();
        text.push_str(&rest[..start]);
        match octets {
            Some(octets) => text.push_str(&String::from_utf8_lossy(&octets)),
            None => text.push_str(rest.get(start..=end).unwrap_or("")),
        }
        rest = rest.get(end + 1..).unwrap_or("");
    }
    text + rest
}
