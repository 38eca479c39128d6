//! Foreign text at each destination.

use super::*;

#[test]
fn a_name_is_one_line_on_a_terminal_and_moves_nothing_there() {
    assert_eq!(terminal("Frühling, 春"), "Frühling, 春");
    assert_eq!(
        terminal("a\u{1b}[2Jb\nc\rd\u{9b}e\u{202e}"),
        r"a\u{1b}[2Jb\nc\rd\u{9b}e\u{202e}"
    );
    assert_eq!(path(Path::new("runs/a\u{7}")), r"runs/a\u{7}");
}

#[test]
fn an_output_keeps_its_lines_and_where_it_is_coloured_its_colours() {
    let text = "\u{1b}[1;32mgood\u{1b}[0m\n\u{1b}]0;title\u{7}\u{1b}[2J";
    assert_eq!(
        terminal_lines(text, true),
        "\u{1b}[1;32mgood\u{1b}[0m\n\\u{1b}]0;title\\u{7}\\u{1b}[2J"
    );
    assert_eq!(
        terminal_lines("\u{1b}[1mgood\u{1b}[0m\n\tend", false),
        "\\u{1b}[1mgood\\u{1b}[0m\n\tend"
    );
    assert!(has_control_characters("\u{1b}[1m") && !has_control_characters("one\ntwo\t3"));
}

#[test]
fn xml_holds_no_markup_and_no_character_that_it_forbids() {
    assert_eq!(
        xml("<script a=\"b\" c='d'>&\u{1b}\0\u{ffff}"),
        "&lt;script a=&quot;b&quot; c=&#39;d&#39;&gt;&amp;\u{fffd}\u{fffd}\u{fffd}"
    );
    assert_eq!(xml_characters("a<b\n\u{b}"), "a<b\n\u{fffd}");
}

#[test]
fn markdown_takes_nothing_for_markup() {
    for (words, text) in [
        ("four_seasons, dqn, 60,000 decisions", "four_seasons, dqn, 60,000 decisions"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("[x](javascript:y)", "\\[x](javascript:y)"),
        ("_a_ *b* `c` |\\", "\\_a\\_ \\*b\\* \\`c\\` \\|\\\\"),
        ("one\n# two\r\u{1b}", "one # two \u{fffd}"),
        ("&lt;", "&amp;lt;"),
    ] {
        assert_eq!(markdown(words), text);
    }
    assert_eq!(markdown_code("replay", true), "`replay`");
    assert_eq!(markdown_code("a`b``c|\n<", true), "```a`b``c\\| <```");
    assert_eq!(markdown_code("`x|", false), "`` `x| ``");
}

#[test]
fn a_spreadsheet_runs_nothing_and_numbers_stay_numbers() {
    for (text, field) in [
        ("=1+2", "'=1+2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd", "'+cmd"),
        ("-2+3\"", "\"'-2+3\"\"\""),
        ("-1.5", "-1.5"),
        ("-1e-7", "-1e-7"),
        ("a,b", "\"a,b\""),
        ("a=b", "a=b"),
        ("a\n\u{1b}", "\"a\n\u{fffd}\""),
    ] {
        assert_eq!(csv(text), field);
    }
}

#[test]
fn json_stays_the_same_value() {
    let value = serde_json::json!({"a": "\u{9b}31m\u{7f}\u{202e}\n", "b": [1]});
    let text = serde_json::to_string_pretty(&value).unwrap();
    assert!(has_control_characters(&text));
    let shown = json(&text);
    assert!(!has_control_characters(&shown), "{shown}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
}

#[test]
fn a_shell_reads_a_word_back() {
    for (word, text) in [
        ("plain-1.0/x", "plain-1.0/x"),
        ("", "''"),
        ("=ls", "'=ls'"),
        ("a b", "'a b'"),
        ("it's", r"'it'\''s'"),
        ("a\n'\u{1b}\\", r"$'a\n\'\x1b\\'"),
    ] {
        assert_eq!(shell(word), text);
    }
}

#[test]
#[cfg(unix)]
fn bash_reads_back_what_is_no_text() {
    use std::os::unix::ffi::OsStrExt;
    let words: [&[u8]; 6] = [
        b"",
        b"a b'c\"$(x)`",
        b"\xff\xfe",
        b"tab\there\x1b",
        b"=x",
        "\u{202e}\u{9b}".as_bytes(),
    ];
    for word in words {
        let command = format!("printf %s {}", shell_os(std::ffi::OsStr::from_bytes(word)));
        // Where there is no such shell there is nothing to ask.
        let Ok(output) = std::process::Command::new("bash").args(["-c", &command]).output() else {
            return;
        };
        assert_eq!(output.stdout, word, "{command}");
    }
}
