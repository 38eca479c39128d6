//! Words in Markdown.

use super::REPLACEMENT;

/// Words in one line of Markdown, none of which is taken for markup: no HTML, no link, no emphasis, no end of a table's cell.
pub fn markdown(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    let letters: Vec<char> = words.chars().collect();
    for (place, &letter) in letters.iter().enumerate() {
        let is_word = |place: Option<usize>| {
            place
                .and_then(|place| letters.get(place))
                .is_some_and(|letter| letter.is_alphanumeric())
        };
        match letter {
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            '\\' | '`' | '*' | '[' | '|' | '~' => text.extend(['\\', letter]),
            // Inside of a word it emphasises nothing, as in `four_seasons`.
            '_' if !(is_word(place.checked_sub(1)) && is_word(Some(place + 1))) => text.push_str("\\_"),
            other => text.push(in_one_line(other)),
        }
    }
    text
}

/// Words as code in one line of Markdown; in a table's cell `|` would end the cell.
pub fn markdown_code(words: &str, in_table: bool) -> String {
    let mut words: String = words.chars().map(in_one_line).collect();
    if in_table {
        words = words.replace('|', "\\|");
    }
    let longest = words.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A space on both sides is taken off again.
    let needs_room = words.is_empty() || words.starts_with(['`', ' ']) || words.ends_with(['`', ' ']);
    let room = if needs_room { " " } else { "" };
    format!("{fence}{room}{words}{room}{fence}")
}

fn in_one_line(letter: char) -> char {
    match letter {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        other if other.is_control() => REPLACEMENT,
        other => other,
    }
}
