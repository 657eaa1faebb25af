//! The frame of every HTML page of ours: one file, no network, nothing of the wire that could run.
//!
//! Values come in through maud, which escapes them; the policy in the head lets the page's own script
//! and style run, by their digests, and nothing else load.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};
use std::io::{self, Write};

/// Colours, type, buttons, marks and print; what every page looks like.
const STYLE: &str = include_str!("page/page.css");
/// Light, dark, or as the system says.
const THEME: &str = include_str!("page/theme.js");

/// A page, but for its frame.
pub(crate) struct Page<'a> {
    pub(crate) title: &'a str,
    /// Style of this kind of page, after that of all.
    pub(crate) style: &'a str,
    /// Script of this kind of page; runs when the body is there.
    pub(crate) script: &'a str,
    /// Links in the head line: address within the page, and name.
    pub(crate) ways: &'a [(&'a str, &'a str)],
    /// What stands in `main`.
    pub(crate) body: Markup,
}

impl Page<'_> {
    /// Writes the whole file.
    pub(crate) fn write(self, out: &mut impl Write) -> io::Result<()> {
        let style = format!("{STYLE}\n{}", self.style);
        // In a block, its names cannot meet those of the browser.
        let script = format!("\"use strict\";\n{THEME}\n{{\n{}\n}}\n", self.script);
        let policy = format!(
            "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'; \
             require-trusted-types-for 'script'",
            digest(&script),
            digest(&style)
        );
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="referrer" content="no-referrer";
                    title { (self.title) }
                    style { (PreEscaped(&style)) }
                }
                body {
                    a.skip href="#main" { "Skip to the content" }
                    header.top {
                        span.name { "Shall" }
                        nav aria-label="Parts of the page" {
                            @for (address, name) in self.ways { a href=(address) { (name) } }
                        }
                        button #theme type="button" hidden { "Theme" }
                    }
                    main #main tabindex="-1" { (self.body) }
                    script { (PreEscaped(&script)) }
                }
            }
        };
        out.write_all(page.into_string().as_bytes())
    }
}

/// How a policy names one inline script or style.
fn digest(text: &str) -> String {
    let digest = BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!("'sha256-{digest}'")
}

/// A verdict or another word of a closed list, as a coloured mark; the word is always readable.
pub(crate) fn mark(word: &str) -> Markup {
    html! { span class={ "mark " (word) } { (word) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(title: &str) -> String {
        let mut out = Vec::new();
        let page = Page {
            title,
            style: "p { margin: 0 }",
            script: "const here = 1;",
            ways: &[("#a", "A & B")],
            body: html! { p { (title) } },
        };
        page.write(&mut out).expect("a buffer takes all");
        String::from_utf8(out).expect("HTML is text")
    }

    #[test]
    fn what_a_value_says_is_text() {
        let text = page("</title><script>alert(1)</script>");
        assert_eq!(text.matches("<script>").count(), 1);
        assert!(text.contains("&lt;script&gt;alert(1)"));
    }

    #[test]
    fn the_policy_names_the_script_as_it_stands() {
        let text = page("x");
        let script = text.split("<script>").nth(1).expect("a script");
        let script = script.split("</script>").next().expect("its end");
        let named = digest(script).replace('\'', "&#39;");
        let policy = text.replace('\'', "&#39;");
        assert!(policy.contains(&format!("script-src {named};")), "{text}");
        for outside in ["src=", "http:", "https:", "url(", "@import"] {
            assert!(!text.contains(outside), "{outside}");
        }
    }
}
