//! Damage to texts and files, as hands, editors, disks and other programs do it: the same number makes the same damage.

use perennial::random::{Stream, stream};
use rand::Rng;

/// Numbers and words that stand where a number was.
const HOSTILE_VALUES: &[&str] = &[
    "0",
    "-1",
    "-0.0",
    "1e308",
    "1e400",
    "-1e308",
    "5e-324",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "Infinity",
    "null",
    "true",
    "\"\"",
    "[]",
    "{}",
    "4294967296",
    "1000000000000",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "999999999999999999999999999999999999999",
    "1979-05-27T07:32:00Z",
];
/// Texts that open a level of nesting, in any of the formats.
const OPENINGS: &[&str] = &["[", "{a=", "{\"a\":", "a.", "[[", "\n[a.a.a.a.a.a.a.a]\n", "\"", "'''"];
/// Bytes that are no text, or another encoding's.
const ENCODINGS: &[&[u8]] = &[
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe9",
    b"\0",
    b"\x1b[2J",
    "\u{202e}".as_bytes(),
    "\u{2028}".as_bytes(),
];

/// A piece of a whole file that is damaged in one to four places; `others` lend pieces.
pub(crate) fn mutated(whole: &[u8], others: &[Vec<u8>], target: &str, number: u64) -> Vec<u8> {
    let mut rng = stream(number, target, 0);
    let mut bytes = whole.to_vec();
    for _ in 0..=below(&mut rng, 4) {
        mutate(&mut bytes, others, &mut rng);
    }
    bytes
}

fn mutate(bytes: &mut Vec<u8>, others: &[Vec<u8>], rng: &mut Stream) {
    match below(rng, 13) {
        0 | 1 => flip(bytes, rng),
        2 => {
            let range = range(bytes, rng);
            bytes.drain(range);
        }
        3 => {
            let piece = bytes[range(bytes, rng)].to_vec();
            insert(bytes, &piece, rng);
        }
        4 => {
            let other = &others[below(rng, others.len())];
            let piece = other[range(other, rng)].to_vec();
            insert(bytes, &piece, rng);
        }
        5 | 6 => replace_number(bytes, rng),
        7 => {
            let deep = OPENINGS[below(rng, OPENINGS.len())].repeat(1 << below(rng, 15));
            insert(bytes, deep.as_bytes(), rng);
        }
        8 => insert(bytes, ENCODINGS[below(rng, ENCODINGS.len())], rng),
        9 => *bytes = [ENCODINGS[below(rng, 3)], bytes].concat(),
        10 => line_ends(bytes, if below(rng, 2) == 0 { b"\r\n" } else { b"\r" }),
        11 => bytes.truncate(below(rng, bytes.len() + 1)),
        _ => large_integer(bytes, rng),
    }
}

fn flip(bytes: &mut [u8], rng: &mut Stream) {
    if !bytes.is_empty() {
        let place = below(rng, bytes.len());
        bytes[place] ^= 1 << below(rng, 8);
    }
}

/// Some bytes that follow each other: mostly few, as slips are.
fn range(bytes: &[u8], rng: &mut Stream) -> std::ops::Range<usize> {
    let start = below(rng, bytes.len() + 1);
    let most = 1 << below(rng, 12);
    start..(start + below(rng, most)).min(bytes.len())
}

fn insert(bytes: &mut Vec<u8>, piece: &[u8], rng: &mut Stream) {
    let place = below(rng, bytes.len() + 1);
    bytes.splice(place..place, piece.iter().copied());
}

/// Puts something else where the next number after some place stands.
fn replace_number(bytes: &mut Vec<u8>, rng: &mut Stream) {
    let from = below(rng, bytes.len() + 1);
    let Some(start) = bytes[from..].iter().position(u8::is_ascii_digit).map(|digit| from + digit) else {
        return;
    };
    let length = bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit() || b".e_-".contains(byte))
        .count();
    let value = HOSTILE_VALUES[below(rng, HOSTILE_VALUES.len())];
    bytes.splice(start..start + length, value.bytes());
}

fn line_ends(bytes: &mut Vec<u8>, end: &[u8]) {
    let lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
    *bytes = lines.join(end);
}

/// Puts a large number in binary somewhere, as into a length.
fn large_integer(bytes: &mut [u8], rng: &mut Stream) {
    let number = (u64::MAX >> below(rng, 64)).to_le_bytes();
    if bytes.len() >= number.len() {
        // Lengths stand at the beginning of files.
        let most = if below(rng, 2) == 0 {
            64.min(bytes.len())
        } else {
            bytes.len()
        };
        let place = below(rng, most - number.len() + 1);
        bytes[place..place + number.len()].copy_from_slice(&number);
    }
}

fn below(rng: &mut Stream, bound: usize) -> usize {
    (rng.next_u64() % bound as u64) as usize
}
