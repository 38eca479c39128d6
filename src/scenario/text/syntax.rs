//! Where a text is no TOML.
//!
//! After a slip, a parser sees errors where there are none: all that follows an open bracket seems to be inside of it. So only the
//! first error counts; its line is taken out, and the rest is looked at again, as long as the slip cannot reach beyond its line.

use std::ops::Range;

use toml::de::DeTable;

/// The most slips that are looked for: a text with more is probably of another format.
const MOST_SLIPS: usize = 16;

/// One place where a text is no TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slip {
    pub(super) span: Range<usize>,
    pub(super) message: String,
}

/// The places where the text is no TOML, each caused by nothing before it.
pub(super) fn slips(text: &str) -> Vec<Slip> {
    let mut rest = text.to_owned();
    let mut slips = Vec::new();
    while slips.len() < MOST_SLIPS {
        let (_, errors) = DeTable::parse_recoverable(&rest);
        let place = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
        let Some(error) = errors.iter().min_by_key(|error| place(error)) else {
            break;
        };
        let span = error.span().unwrap_or(0..0);
        let span = floor(&rest, span.start)..floor(&rest, span.end);
        let line = line_at(&rest, span.start);
        let said = error.message();
        let message = match said {
            // An equals sign with nothing behind it.
            _ if rest[line.start..span.start].trim_end().ends_with('=') && span.is_empty() => "a value is missing".to_owned(),
            _ => said.replace('\n', "; "),
        };
        let reaches_on = ["array", "inline", "multi-line", "key-value pairs", "unclosed"]
            .iter()
            .any(|word| said.contains(word));
        // Without its header, a table's keys would seem to belong to the one before.
        let heads_a_table = rest[line.clone()].trim_start().starts_with('[');
        slips.push(Slip { span, message });
        if reaches_on || heads_a_table || line.is_empty() {
            break;
        }
        rest.replace_range(line.clone(), &" ".repeat(line.len()));
    }
    slips
}

/// The line that a place is in, without its end.
fn line_at(text: &str, place: usize) -> Range<usize> {
    let start = text[..place].rfind('\n').map_or(0, |end| end + 1);
    let end = text[place..].find(['\n', '\r']).map_or(text.len(), |length| place + length);
    start..end
}

/// The nearest place at or before `place` where a character begins.
fn floor(text: &str, place: usize) -> usize {
    (0..=place.min(text.len()))
        .rev()
        .find(|&place| text.is_char_boundary(place))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slip_is_found_and_none_that_only_follows() {
        for (text, lines) in [
            ("a = \"x\nb = 1\nc = @\n", vec![1, 3]),
            ("a = \nb = 1\nc = @\nd\n", vec![1, 3, 4]),
            ("a = [1, 2\nb = 3\nc = 4\n[x]\ny = 2\n", vec![2]),
            ("a = [\n1,\n2\nb = 3\n", vec![4]),
            ("a = 1\na = 2\nc = 3\nc = 4\n", vec![2, 4]),
            ("[x\ny = 1\n[z]\n", vec![1]),
            ("a = 1 b = 2\nc = 01\n", vec![1, 2]),
            ("\u{feff}name = 1\n", vec![]),
        ] {
            let found: Vec<usize> = slips(text)
                .iter()
                .map(|slip| text[..slip.span.start].matches('\n').count() + 1)
                .collect();
            assert_eq!(found, lines, "{text:?}: {:?}", slips(text));
        }
        assert_eq!(slips("a = \n")[0].message, "a value is missing");
    }
}
