//! Foreign text, made harmless for the place where it is written: names come from files, and files from anywhere.
//!
//! | destination | functions |
//! |---|---|
//! | terminal | [`terminal`] and [`path()`] for a name, [`terminal_lines`] for a whole output |
//! | HTML and SVG | [`xml`], [`xml_characters`] |
//! | Markdown | [`markdown()`], [`markdown_code`] |
//! | CSV | [`csv`] |
//! | JSON on a terminal | [`json`] |
//! | a shell | [`shell`], [`shell_os`] |

mod markdown;
mod shell;

use std::path::Path;

pub use markdown::{markdown, markdown_code};
pub use shell::{shell, shell_os};

/// Replacement for characters that a format cannot hold.
const REPLACEMENT: char = '\u{fffd}';

/// A name as a terminal may show it, in one line: control characters are written out, as `\n` or `\u{1b}`.
pub fn terminal(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for letter in name.chars() {
        if acts_on_a_terminal(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// A path as a terminal may show it.
pub fn path(path: &Path) -> String {
    terminal(&path.to_string_lossy())
}

/// A whole output as a terminal may show it: line ends and tabs stay, and where it is `coloured` colours do; other control characters
/// are written out.
pub fn terminal_lines(text: &str, coloured: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let colour = if coloured { colour_length(rest) } else { 0 };
        let length = colour.max(letter.len_utf8());
        if colour > 0 || matches!(letter, '\n' | '\t') || !acts_on_a_terminal(letter) {
            shown.push_str(&rest[..length]);
        } else {
            shown.extend(letter.escape_default());
        }
        rest = &rest[length..];
    }
    shown
}

/// `true` if a text holds what [`terminal_lines`] would write out.
pub fn has_control_characters(text: &str) -> bool {
    text.chars()
        .any(|letter| !matches!(letter, '\n' | '\t') && acts_on_a_terminal(letter))
}

/// Bytes of the sequence that sets a colour at the beginning of `text`: `ESC [ 1 ; 32 m`.
fn colour_length(text: &str) -> usize {
    let Some(numbers) = text.strip_prefix("\u{1b}[") else {
        return 0;
    };
    let end = numbers.find(|letter: char| !letter.is_ascii_digit() && letter != ';');
    match end {
        Some(end) if numbers[end..].starts_with('m') => text.len() - numbers.len() + end + 1,
        _ => 0,
    }
}

/// Control characters, and those that turn the direction of what follows.
fn acts_on_a_terminal(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text that HTML and XML cannot take for markup, in content and in attributes.
pub fn xml(text: &str) -> String {
    xml_characters(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// Text without the characters that XML 1.0 forbids even as references; for writers that escape markup themselves.
pub fn xml_characters(text: &str) -> String {
    let allowed = |letter: char| {
        matches!(letter, '\t' | '\n' | '\r') || !(letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}'))
    };
    text.chars()
        .map(|letter| if allowed(letter) { letter } else { REPLACEMENT })
        .collect()
}

/// A field of text in CSV (RFC 4180). A spreadsheet would run what begins like a formula: an apostrophe in front makes it text.
/// Numbers stay numbers.
pub fn csv(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let text = format!("{}{}", if is_formula { "'" } else { "" }, xml_characters(text));
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// JSON with all control characters in its strings as escapes; the line ends between values stay.
pub fn json(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter != '\n' && acts_on_a_terminal(letter) {
            // All of these are below U+10000: one escape each.
            shown.push_str(&format!("\\u{:04x}", u32::from(letter)));
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests;
