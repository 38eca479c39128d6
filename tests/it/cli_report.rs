//! `report`, on runs that the program made.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

const SHORT: &str = "train --gardens 4 --decisions-per-season 2400 --quiet --set evaluation.episodes=2 --set learner.hidden=[16,16] \
                     --set learner.batch_size=16 --set learner.fresh_memory.minimum_transitions=100";

fn perennial(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command
}

#[test]
fn two_runs_become_one_page_with_the_same_tables_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for method in ["replay", "finetune"] {
        perennial(path, &format!("{SHORT} --method {method}")).assert().code(0);
    }
    fs::create_dir(path.join("runs/broken")).unwrap();
    fs::write(path.join("runs/broken/config.toml"), "method = 3").unwrap();

    perennial(path, "report runs --out page.html --markdown page.md --csv tables")
        .assert()
        .code(0)
        .stdout(contains("2 runs of 2 methods in 1 setting"))
        .stderr(contains("broken"));
    let page = fs::read_to_string(path.join("page.html")).unwrap();
    let text = fs::read_to_string(path.join("page.md")).unwrap();
    for words in [
        "average performance",
        "broken",
        "ClonEx",
        "perennial train --scenario four_seasons --method finetune --algorithm dqn --seed SEED --gardens 4",
    ] {
        assert!(page.contains(words) && text.contains(words), "{words}");
    }
    // The same tables in a text of one's own; what it asks for in vain is told with its place, and leaves it as it was.
    let place = |table: &str| {
        let section = "four seasons, dqn, 2,400 decisions a season";
        format!("<!-- report\ntable = \"{table}\"\nsection = \"{section}\"\ncolumns = [\"method\"]\n-->\n<!-- end -->\n")
    };
    fs::write(path.join("notes.md"), place("overall")).unwrap();
    perennial(path, "report runs --out page.html --into notes.md")
        .assert()
        .code(0);
    let notes = fs::read_to_string(path.join("notes.md")).unwrap();
    assert!(notes.contains("| `replay` |") && notes.contains("| `finetune` |"), "{notes}");
    fs::write(path.join("wrong.md"), place("over")).unwrap();
    perennial(path, "report runs --out none.html --into notes.md --into wrong.md")
        .assert()
        .code(2)
        .stderr(contains("wrong.md:2:1").and(contains("`over`")));
    assert_eq!(fs::read_to_string(path.join("wrong.md")).unwrap(), place("over"));
    assert!(!path.join("none.html").exists(), "a mistake leaves no page");

    // A text without a place was asked for in vain.
    fs::write(path.join("empty.md"), "nothing\n").unwrap();
    perennial(path, "report runs --out none.html --into empty.md")
        .assert()
        .code(2)
        .stderr(contains("empty.md has no place"));
    assert!(!path.join("none.html").exists());
    // From the standard input to the standard output, with the line ends of the text and nothing else.
    let filled = perennial(path, "report runs --out page.html --into -")
        .write_stdin(place("overall").replace('\n', "\r\n"))
        .assert()
        .code(0);
    assert_eq!(
        String::from_utf8_lossy(&filled.get_output().stdout),
        notes.replace('\n', "\r\n")
    );
    for out in ["-", "/dev/stdout"] {
        let printed = perennial(path, &format!("report runs --out {out}")).assert().code(0);
        assert!(printed.get_output().stdout == page.as_bytes(), "{out}");
    }
    perennial(path, "report runs --out - --markdown -")
        .assert()
        .code(2)
        .stderr(contains("only one text"));
    perennial(path, "report runs --out nowhere/page.html --markdown new.md")
        .assert()
        .code(2)
        .stderr(contains("the folder nowhere does not exist").and(contains(".writing").not()));
    assert!(
        !path.join("new.md").exists(),
        "everything is checked before anything is written"
    );

    assert!(!page.contains("NaN") && !page.contains("<script") && !page.contains("http"));
    let overall = fs::read_to_string(path.join("tables/1-four_seasons-overall.csv")).unwrap();
    assert_eq!(overall.lines().count(), 3, "{overall}");
}

#[test]
fn what_cannot_be_reported_is_an_error_and_leaves_no_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::create_dir(path.join("empty")).unwrap();
    perennial(path, "report empty --out page.html")
        .assert()
        .code(2)
        .stderr(contains("nothing to report"));
    perennial(path, "report nowhere --out page.html")
        .assert()
        .code(2)
        .stderr(contains("nowhere"));
    assert!(!path.join("page.html").exists());
}
