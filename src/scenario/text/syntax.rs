//! Syntax errors of TOML texts.
//!
//! After a syntax error, a parser also reports errors where there are none: everything after an open bracket seems to be inside
//! it. So only the first error counts. Its line is removed and the rest is parsed again, as long as the error cannot extend
//! beyond its line.

use std::ops::Range;

use toml::de::DeTable;

/// Maximum number of errors looked for: a text with more is probably in another format.
const MOST_SLIPS: usize = 16;

/// One syntax error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slip {
    pub(super) span: Range<usize>,
    pub(super) message: String,
}

/// Returns the syntax errors, none of which is caused by an earlier one.
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
            // An equals sign with nothing after it.
            _ if rest[line.start..span.start].trim_end().ends_with('=') && span.is_empty() => "a value is missing".to_owned(),
            _ => said.replace('\n', "; "),
        };
        let reaches_on = ["array", "inline", "multi-line", "key-value pairs", "unclosed"]
            .iter()
            .any(|word| said.contains(word));
        // Without its header, a table's keys would seem to belong to the previous table.
        let heads_a_table = rest[line.clone()].trim_start().starts_with('[');
        slips.push(Slip { span, message });
        if reaches_on || heads_a_table || line.is_empty() {
            break;
        }
        rest.replace_range(line.clone(), &" ".repeat(line.len()));
    }
    slips
}

/// Returns the byte range of the line at `place`, without its end.
fn line_at(text: &str, place: usize) -> Range<usize> {
    let start = text[..place].rfind('\n').map_or(0, |end| end + 1);
    let end = text[place..].find(['\n', '\r']).map_or(text.len(), |length| place + length);
    start..end
}

/// Returns the nearest character boundary at or before `place`.
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
