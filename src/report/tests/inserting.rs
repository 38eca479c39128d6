//! Tables and figures inserted into hand-written texts.

use super::*;

/// Returns the text between a placeholder's comment and its end.
fn placed(place: &str) -> String {
    format!("before\n<!-- report\n{place}-->\nold\n<!-- end -->\nafter\n")
}

#[test]
fn a_text_gets_the_tables_and_pictures_that_it_asks_for_and_stays_as_it_is_otherwise() {
    let folder = four_runs();
    let document = document(&[folder.path().to_owned()]);
    let title = &document.sections[0].section.title;
    let table = placed(&format!(
        "table = \"overall\"\nsection = \"{title}\"\ncolumns = [\"seeds\", \"method\"]\nonly = {{ method = [\"finetune\"] }}\n"
    ));
    let picture = placed(&format!(
        "picture = \"curves\"\nsection = \"{title}\"\nfile = \"figures/curves.svg\"\nwords = \"How it went\"\n"
    ));
    let inserted = insert(&document, "notes.md", &(table.clone() + &picture)).unwrap();
    assert_eq!(inserted.places, 2);
    let wanted = table.replace("old\n", "| seeds | method |\n| ---: | --- |\n| 2 | `finetune` |\n")
        + &picture.replace("old", "![How it went](figures/curves.svg)");
    assert_eq!(inserted.text, wanted);
    let [(file, svg)] = &inserted.pictures[..] else {
        panic!("{:?}", inserted.pictures)
    };
    assert_eq!(file, "figures/curves.svg");
    assert!(svg.starts_with("<svg xmlns"));
    // Inserting again changes nothing.
    assert_eq!(insert(&document, "notes.md", &inserted.text).unwrap(), inserted);
}

#[test]
fn what_is_over_all_sections_is_named_without_one() {
    let folder = four_gardens();
    let document = document(&[folder.path().to_owned()]);
    let gardens = placed("table = \"gardens\"\ncolumns = [\"method\", \"gardens\"]\nonly = { method = [\"replay\"] }\n");
    let words = placed("text = \"forecast\"\n");
    let picture = placed("picture = \"forecast\"\nfile = \"f.svg\"\nwords = \"w\"\n");
    let inserted = insert(&document, "notes.md", &(gardens.clone() + &words + &picture)).unwrap();
    assert!(
        inserted
            .text
            .contains("| method | gardens |\n| --- | ---: |\n| `replay` | 4 |\n"),
        "{}",
        inserted.text
    );
    assert!(
        inserted.text.contains("-->\nRank correlation (Spearman)"),
        "{}",
        inserted.text
    );
    assert_eq!((inserted.places, inserted.pictures.len()), (3, 1));
}

#[test]
fn line_ends_and_byte_order_mark_stay_those_of_the_text() {
    let folder = four_runs();
    let document = document(&[folder.path().to_owned()]);
    let title = &document.sections[0].section.title;
    let plain = placed(&format!(
        "table = \"overall\"\nsection = \"{title}\"\ncolumns = [\"method\"]\n"
    ));
    let wanted = insert(&document, "notes.md", &plain).unwrap();
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let inserted = insert(&document, "notes.md", &windows(&plain)).unwrap();
    assert_eq!((inserted.text, inserted.places), (windows(&wanted.text), 1));
    // Each placeholder gets the line ends around it, and a comment that only begins like a placeholder is not one.
    let mixed = format!("<!-- reports -->\n{plain}{}", plain.replace('\n', "\r\n"));
    let wanted = format!("<!-- reports -->\n{}{}", wanted.text, wanted.text.replace('\n', "\r\n"));
    assert_eq!(insert(&document, "notes.md", &mixed).unwrap().text, wanted);
}

#[test]
fn every_place_that_cannot_be_filled_is_told_with_what_was_probably_meant() {
    let folder = four_runs();
    let document = document(&[folder.path().to_owned()]);
    let title = &document.sections[0].section.title;
    let overall = format!("table = \"overall\"\nsection = \"{title}\"\n");
    for (place, words) in [
        (
            "table = \"overall\"\nsection = \"four saesons, dqn, 60,000 decisions a season\"\n".to_owned(),
            "did you mean `four seasons",
        ),
        (
            format!("table = \"overal\"\nsection = \"{title}\"\n"),
            "did you mean `overall`",
        ),
        (overall.clone() + "columns = [\"metod\"]\n", "did you mean `method`"),
        (
            overall.clone() + "only = { method = [\"replai\"] }\n",
            "did you mean `replay`",
        ),
        (overall.clone() + "colums = []\n", "colums"),
        ("table = \"overall\"\n".to_owned(), "section"),
        (
            format!("picture = \"curves\"\nnumber = 0\nfile = \"x.svg\"\nsection = \"{title}\"\n"),
            "pictures",
        ),
        (format!("picture = \"curves\"\nsection = \"{title}\"\n"), "file"),
        (String::new(), "one of `table`, `picture` and `text`"),
        ("text = \"forcast\"\n".to_owned(), "needs its title as `section`"),
        (format!("text = \"ledger\"\nsection = \"{title}\"\n"), "has no words"),
    ] {
        let text = placed(&place) + &placed(&overall);
        let error = insert(&document, "notes.md", &text).unwrap_err();
        let told: Vec<String> = miette::Diagnostic::labels(&error)
            .unwrap()
            .map(|label| label.label().unwrap_or_default().to_owned())
            .collect();
        assert!(told.len() == 1 && told[0].contains(words), "{place}: {told:?}");
    }
    let swallowing = format!("<!-- report\n{overall}-->\nwords of somebody's own\n{}", placed(&overall));
    let error = insert(&document, "notes.md", &swallowing).unwrap_err();
    let told: Vec<_> = miette::Diagnostic::labels(&error).unwrap().collect();
    assert!(
        told.len() == 1 && told[0].offset() == 0,
        "the next place's end is not this one's: {told:?}"
    );
    for open in ["<!-- report\ntable = 1\n", "<!-- report\ntable = 1\n-->\n"] {
        assert!(insert(&document, "notes.md", open).is_err(), "{open}");
    }
    // More columns than a report can be drawn in.
    let endless = format!("{}<!-- report\ntable = 1\n", "x".repeat(100_000));
    let told = format!(
        "{:?}",
        miette::Report::new(insert(&document, "notes.md", &endless).unwrap_err())
    );
    assert!(
        told.contains("line 1: this comment is not closed") && told.len() < 2_000,
        "{told}"
    );
}

#[test]
fn the_pages_of_this_project_ask_for_what_a_report_can_have() {
    let folder = four_runs();
    let mut limited = config("replay", 0);
    limited.learner.history = crate::learner::History::Transitions(200);
    finished(folder.path(), "limited", &limited, 0.5);
    let mut years = config("replay", 0);
    (years.years, years.decisions_per_season) = (2, 30_000);
    finished(folder.path(), "years", &years, 0.5);
    let document = document(&[folder.path().to_owned()]);
    for page in ["README.md", "docs/results.md"] {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
        assert!(text.contains("<!-- report\n"), "{page} has no places");
        let Err(error) = insert(&document, page, &text) else {
            continue;
        };
        for label in miette::Diagnostic::labels(&error).unwrap() {
            let told = label.label().unwrap_or_default();
            // These few runs do not have every method and setting; any other error is a mistake in the page.
            let is_absent = ["section", "method", "setting"]
                .iter()
                .any(|what| told.starts_with(&format!("the report has no {what} ")));
            assert!(is_absent, "{page}: {told}");
        }
    }
}
