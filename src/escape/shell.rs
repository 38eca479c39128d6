//! Words of a command, to be pasted into a shell.

use std::ffi::OsStr;

/// A word as a POSIX shell reads it.
pub fn shell(word: &str) -> String {
    shell_os(OsStr::new(word))
}

/// A word of the system, which need not be text, as a POSIX shell reads it. What could not be pasted as it is, control characters and
/// bytes that are no text, is written out between `$'` and `'`.
pub fn shell_os(word: &OsStr) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./+=:,".contains(letter);
    match word.to_str() {
        // Some shells look for a command of the name that follows `=`.
        Some(word) if !word.is_empty() && !word.starts_with('=') && word.chars().all(is_plain) => word.to_owned(),
        Some(word) if !word.chars().any(super::acts_on_a_terminal) => format!("'{}'", word.replace('\'', "'\\''")),
        _ => written_out(word),
    }
}

fn written_out(word: &OsStr) -> String {
    let mut text = "$'".to_owned();
    let bytes = |text: &mut String, bytes: &[u8]| bytes.iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    for chunk in word.as_encoded_bytes().utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '\n' => text.push_str("\\n"),
                '\t' => text.push_str("\\t"),
                '\'' | '\\' => text.extend(['\\', letter]),
                other if super::acts_on_a_terminal(other) => bytes(&mut text, other.encode_utf8(&mut [0; 4]).as_bytes()),
                other => text.push(other),
            }
        }
        bytes(&mut text, chunk.invalid());
    }
    text.push('\'');
    text
}
