//! Reports with hostile names, in every format.

use super::*;

/// A finished run whose scenario and seasons have names that would be markup, formulas and commands elsewhere.
fn hostile_run() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config("replay", 0);
    config.scenario.name = "<script>alert('x')</script>|`\u{1b}[2J".to_owned();
    config.scenario.description = "[a](javascript:b)\n# c".to_owned();
    for (season, name) in config
        .scenario
        .seasons
        .iter_mut()
        .zip(["=1+2", "@b\u{8}", "</text><script>", "-2\n+3"])
    {
        season.name = name.to_owned();
    }
    finished(folder.path(), "hostile", &config, 0.5);
    folder
}

#[test]
fn no_name_is_taken_for_markup_or_a_formula() {
    let folder = hostile_run();
    let document = document(&[folder.path().to_owned()]);
    let (page, text) = (html(&document), markdown(&document));
    for (format, text) in [("html", &page), ("markdown", &text)] {
        assert!(text.contains("&lt;script&gt;"), "{format}");
        assert!(!text.contains("<script") && !text.contains("</text><"), "{format}");
        assert!(!text.contains(['\u{1b}', '\u{8}']), "{format}");
    }
    assert!(text.contains("\\[a](javascript:b) # c"));
    for line in text.lines().filter(|line| line.starts_with('|')) {
        // A name with a line end would break the row.
        assert!(line.ends_with('|'), "{line}");
    }
    for (name, svg) in svg_files(&document) {
        assert!(!svg.contains("<script") && !svg.contains(['\u{1b}', '\u{8}']), "{name}");
        well_formed(&svg);
    }
    let files = csv_files(&document);
    assert!(files.iter().any(|(_, csv)| csv.contains("'=1+2")));
    for (name, csv) in files {
        assert!(!csv.contains(['\u{1b}', '\u{8}']), "{name}");
        for field in csv.split([',', '\n']) {
            let field = field.trim_matches(['"', '\r']);
            assert!(
                !field.starts_with(['=', '+', '-', '@']) || field.parse::<f64>().is_ok() || field.starts_with("+3"),
                "{name}: {field}"
            );
        }
    }
}
