//! `scenario`: what authors work with, as they would use it.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use perennial::authoring::editor::FileKind;
use predicates::prelude::*;
use predicates::str::contains;

fn perennial(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command
}

fn shipped_folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

#[test]
fn the_schema_files_are_those_of_this_program_and_every_file_names_its_own() {
    for kind in [FileKind::Scenario, FileKind::Season] {
        let path = shipped_folder().join(kind.schema_file());
        let text = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            text == kind.schema_text(),
            "{} is of another version: write it anew with `perennial scenario schema`",
            path.display()
        );
    }
    for (folder, schema) in [
        ("", "#:schema scenario.schema.json\n"),
        ("seasons", "#:schema ../season.schema.json\n"),
        ("gallery", "#:schema ../scenario.schema.json\n"),
        ("applications", "#:schema ../scenario.schema.json\n"),
    ] {
        for entry in fs::read_dir(shipped_folder().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let text = fs::read_to_string(&path).unwrap();
                assert!(text.starts_with(schema), "{} begins with {schema}", path.display());
            }
        }
    }
}

#[test]
fn the_shipped_files_are_in_today_s_format_and_layout() {
    let files: Vec<String> = ["", "seasons", "gallery", "applications"]
        .iter()
        .flat_map(|folder| fs::read_dir(shipped_folder().join(folder)).unwrap())
        .map(|entry| entry.unwrap().path().to_string_lossy().into_owned())
        .filter(|path| path.ends_with(".toml"))
        .collect();
    assert!(files.len() >= 22, "{files:?}");
    let mut command = perennial(&shipped_folder(), "scenario fmt --check");
    command.args(&files).assert().code(0).stderr("");
}

#[test]
fn a_new_garden_is_written_checked_formatted_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    perennial(path, "scenario new my_year")
        .assert()
        .code(0)
        .stdout(contains("wrote my_year.toml").and(contains("next: perennial train --scenario my_year.toml")));
    let text = fs::read_to_string(path.join("my_year.toml")).unwrap();
    assert!(text.contains("name = \"my year\"") && path.join("scenario.schema.json").is_file());
    perennial(path, "scenario check my_year.toml")
        .assert()
        .code(0)
        .stdout("my_year.toml: fine\n");
    perennial(path, "scenario fmt --check my_year.toml").assert().code(0);
    perennial(path, "scenario new my_year")
        .assert()
        .code(2)
        .stderr(contains("my_year.toml exists already").and(contains("--force")));
    assert_eq!(fs::read_to_string(path.join("my_year.toml")).unwrap(), text);
    perennial(path, "scenario new my_year.toml --from water_tank --force")
        .assert()
        .code(0);
    perennial(path, "scenario show my_year.toml").assert().code(0).stdout(
        contains("[robot.tank]")
            .and(contains("# water_tank.toml (shipped):"))
            .and(contains("# my_year.toml:")),
    );
    perennial(path, "scenario new heat --season --from seasons/winter.toml")
        .assert()
        .code(0);
    perennial(path, "scenario check heat.toml")
        .assert()
        .code(0)
        .stdout("heat.toml: fine\n");
    perennial(path, "scenario new other --from heat.toml")
        .assert()
        .code(2)
        .stderr(contains("heat.toml is a season").and(contains("--season")));
    fs::create_dir(path.join("far")).unwrap();
    perennial(path, "scenario new far/other --from my_year.toml")
        .assert()
        .code(2)
        .stderr(contains("does not lie in the folder of the new file"));
    assert!(!path.join("far/other.toml").exists());
    perennial(path, "scenario new nowhere/x")
        .assert()
        .code(2)
        .stderr(contains("nowhere"));
}

#[test]
fn check_tells_all_mistakes_of_all_files_and_warns_of_what_cannot_be_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("bad.toml"), "name = 3\nseasons = [\"gone.toml\"]\n").unwrap();
    fs::write(
        path.join("pale.toml"),
        "extends = \"seasons/spring.toml\"\n\n[look]\nfine = \"gold\"\nthirsty = \"#ffd600\"\n",
    )
    .unwrap();
    perennial(path, "scenario check bad.toml pale.toml four_seasons")
        .assert()
        .code(1)
        .stderr(contains("bad.toml has 2 mistakes"))
        .stdout(
            contains("pale.toml: fine, 1 warning")
                .and(contains("pale.toml:5: the colours `fine` and `thirsty`"))
                .and(contains("four_seasons: fine\n")),
        );
    let json = perennial(path, "scenario check --json bad.toml pale.toml").assert().code(1);
    let findings: serde_json::Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    let told: Vec<(&str, &str, u64)> = findings
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap();
            (text("severity"), text("path"), one["line"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("error", "name", 1),
            ("error", "seasons.0", 2),
            ("warning", "look.thirsty", 5)
        ]
    );
    perennial(path, "scenario check gone")
        .assert()
        .code(2)
        .stderr(contains("there is no scenario `gone`"));
}

#[test]
fn diff_names_the_settings_that_differ() {
    let folder = tempfile::tempdir().unwrap();
    perennial(folder.path(), "scenario diff four_seasons gradual_year")
        .assert()
        .code(0)
        .stdout(contains("schedule.transition: \"abrupt\" -> \"gradual\"").and(contains("description: ")));
    perennial(folder.path(), "scenario diff seasons/spring.toml seasons/winter.toml")
        .assert()
        .code(0)
        .stdout(contains("dynamics.traction: 0.8 -> 0.25"));
    perennial(folder.path(), "scenario diff four_seasons seasons/winter.toml")
        .assert()
        .code(2)
        .stderr(contains("they have no settings in common"));
    perennial(folder.path(), "scenario diff seasons/spring.toml seasons/spring.toml")
        .assert()
        .code(0)
        .stdout("no difference\n");
}

#[test]
fn fmt_migrates_in_place_and_through_a_pipe_and_leaves_what_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let old = fs::read_to_string(shipped_folder().join("seasons/spring.toml"))
        .unwrap()
        .replace("version = 2\n", "")
        .replace("\nfine ", "\nplant_fine ")
        .replace("\nthirsty ", "\nplant_thirsty ");
    fs::write(path.join("old.toml"), &old).unwrap();
    perennial(path, "scenario fmt --check old.toml")
        .assert()
        .code(1)
        .stderr("old.toml would change\n");
    assert_eq!(fs::read_to_string(path.join("old.toml")).unwrap(), old);
    let piped = perennial(path, "scenario fmt -").write_stdin(old.clone()).assert().code(0);
    perennial(path, "scenario fmt old.toml")
        .assert()
        .code(0)
        .stdout("formatted old.toml\n");
    let new = fs::read_to_string(path.join("old.toml")).unwrap();
    assert_eq!(String::from_utf8(piped.get_output().stdout.clone()).unwrap(), new);
    assert!(
        new.contains("version = 2\n") && new.contains("\nfine ") && !new.contains("plant_fine"),
        "{new}"
    );
    perennial(path, "scenario check old.toml").assert().code(0);
    fs::write(path.join("broken.toml"), "name = \n").unwrap();
    perennial(path, "scenario fmt old.toml broken.toml")
        .assert()
        .code(2)
        .stderr(contains("broken.toml: this is not TOML"));
    assert_eq!(fs::read_to_string(path.join("broken.toml")).unwrap(), "name = \n");
}

#[test]
fn a_family_is_written_as_files_that_are_fine() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    perennial(path, "scenario family phase_rewarded --out gardens")
        .assert()
        .code(0)
        .stdout(contains("wrote 4 into gardens"));
    let names = ["abrupt", "0-25", "0-5", "0-9"].map(|speed| format!("gardens/phase-180-held-{speed}-rewarded.toml"));
    perennial(path, &format!("scenario check {}", names.join(" ")))
        .assert()
        .code(0)
        .stdout(contains(": fine").count(4).and(contains("warning").not()));
    perennial(path, "scenario show gardens/phase-180-held-0-5-rewarded.toml")
        .assert()
        .code(0)
        .stdout(contains("declares_boundaries").and(contains("senses_rewards")));
    perennial(path, "scenario family phase_rewarded --out gardens")
        .assert()
        .code(2)
        .stderr(contains("exists already"));
    perennial(path, "scenario family phase_rewarded --out gardens --force")
        .assert()
        .code(0);
    perennial(path, "scenario family phases --out gardens")
        .assert()
        .code(2)
        .stderr(contains("phase"));
}

#[test]
fn a_season_where_a_garden_is_needed_is_called_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    perennial(path, "scenario new heat --season").assert().code(0);
    for (command, season, path_of_it) in [
        ("scenario preview --html x.html", "heat.toml", "heat.toml"),
        ("scenario probe", "heat.toml", "heat.toml"),
        ("scenario probe", "seasons/summer.toml", "seasons/summer.toml"),
        (
            "compare --methods finetune --results-dir x --scenario",
            "heat.toml",
            "heat.toml",
        ),
        ("train --scenario", "./heat.toml", "heat.toml"),
    ] {
        perennial(path, &format!("{command} {season}"))
            .assert()
            .code(2)
            .stderr(contains(format!("{season} is a season")).and(contains(format!("seasons = [\"{path_of_it}\"]"))));
    }
    // A garden with a key of a season stays one, and is told what is wrong with it.
    fs::write(
        path.join("g.toml"),
        "name = \"g\"\nextends = \"four_seasons.toml\"\nlook.sky = \"gold\"\n",
    )
    .unwrap();
    perennial(path, "scenario check g.toml")
        .assert()
        .code(1)
        .stderr(contains("unknown key `look`"));
}

#[test]
fn a_new_file_never_extends_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let mine = "name = \"mine\"\nextends = \"four_seasons.toml\"\n";
    fs::write(path.join("s.toml"), mine).unwrap();
    fs::write(path.join("mb.toml"), mine).unwrap();
    fs::write(path.join("base2.toml"), "name = \"two\"\nextends = \"mb.toml\"\n").unwrap();
    for arguments in [
        "water_tank --from water_tank",
        "s --force --from s.toml",
        "./s.toml --force --from s.toml",
        "mb --force --from base2.toml",
    ] {
        perennial(path, &format!("scenario new {arguments}"))
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains("would extend itself").and(contains("another name")));
    }
    for name in ["s.toml", "mb.toml"] {
        assert_eq!(fs::read_to_string(path.join(name)).unwrap(), mine);
    }
    assert_eq!(fs::read_dir(path).unwrap().count(), 3, "something was written");
    fs::write(path.join("water_tank.toml"), mine).unwrap();
    perennial(path, "scenario new dry --from water_tank")
        .assert()
        .code(2)
        .stderr(contains("water_tank.toml lies beside the new file").and(contains("or extend that one")));
    perennial(path, "scenario new dry --from water_tank.toml").assert().code(0);
}

#[test]
fn a_new_file_extends_what_lies_in_its_folder_however_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["other", "brk", "brk/below"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    let path = folder.path().join("brk");
    for place in ["other/base.toml", "brk/base.toml", "brk/below/base.toml"] {
        fs::write(
            folder.path().join(place),
            "name = \"base\"\nextends = \"four_seasons.toml\"\n",
        )
        .unwrap();
    }
    perennial(&path, "scenario new q --from ../other/base.toml")
        .assert()
        .code(2)
        .stderr(contains("does not lie in the folder of the new file"));
    assert!(!path.join("q.toml").exists());
    let absolute = path.join("base.toml");
    for (name, from, extends) in [
        ("a", "../brk/base.toml", "base.toml"),
        ("b", absolute.to_str().unwrap(), "base.toml"),
        ("c", "./below/../base.toml", "base.toml"),
        ("d", "below/base.toml", "below/base.toml"),
    ] {
        perennial(&path, &format!("scenario new {name} --from {from}"))
            .assert()
            .code(0);
        let text = fs::read_to_string(path.join(format!("{name}.toml"))).unwrap();
        assert!(text.contains(&format!("extends = \"{extends}\"")), "{text}");
        perennial(&path, &format!("scenario check {name}.toml")).assert().code(0);
    }
    perennial(&path, "scenario new e --from -")
        .write_stdin("name = \"piped\"\nextends = \"four_seasons.toml\"\n")
        .assert()
        .code(2)
        .stderr(contains("the standard input, which has no name"));
}

#[test]
fn names_of_new_files_are_taken_as_they_are_meant() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    perennial(path, "scenario new -- -x")
        .assert()
        .code(0)
        .stdout(contains("next: perennial train --scenario ./-x.toml"));
    perennial(path, "scenario new UPPER.TOML")
        .assert()
        .code(0)
        .stdout(contains("wrote UPPER.TOML,"));
    for name in ["..", ".", ".toml", "/"] {
        perennial(path, &format!("scenario new {name}"))
            .assert()
            .code(2)
            .stderr(contains("the file has no name"));
    }
    assert_eq!(fs::read_dir(path).unwrap().count(), 3);
}

#[test]
fn a_schema_of_somebody_else_stays_and_a_file_without_its_schema_is_not_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let schema = path.join("scenario.schema.json");
    fs::write(&schema, "{ \"title\": \"mine\" }").unwrap();
    perennial(path, "scenario new a")
        .assert()
        .code(2)
        .stderr(contains("scenario.schema.json already exists").and(contains("--force")));
    assert!(!path.join("a.toml").exists());
    // That of another version is replaced.
    fs::write(&schema, "{ \"title\": \"perennial: a garden and its year\" }").unwrap();
    perennial(path, "scenario new a").assert().code(0);
    assert_eq!(fs::read_to_string(&schema).unwrap(), FileKind::Scenario.schema_text());
    fs::write(&schema, "mine").unwrap();
    perennial(path, "scenario new b --force").assert().code(0);
    #[cfg(target_os = "linux")]
    {
        fs::remove_file(&schema).unwrap();
        std::os::unix::fs::symlink("/dev/full", &schema).unwrap();
        perennial(path, "scenario new c")
            .assert()
            .code(2)
            .stderr(contains("no space left"));
        assert!(!path.join("c.toml").exists());
    }
}

#[test]
fn a_contact_sheet_replaces_no_file_that_it_is_drawn_from() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let mine = "name = \"mine\"\nextends = \"base\"\n";
    for (name, text) in [
        ("b.toml", mine),
        ("noext", mine),
        ("b.html", mine),
        ("base", "name = \"base\"\nextends = \"four_seasons.toml\"\n"),
    ] {
        fs::write(path.join(name), text).unwrap();
    }
    let is_read = "is a file of this scenario";
    for (arguments, says) in [
        ("b.toml --html b.toml", "ends in .html"),
        ("b.toml --html page", "ends in .html"),
        ("b.html --html b.html", is_read),
        ("noext --out noext", is_read),
        ("b.toml --out base", is_read),
        ("b.toml --out same.html --html same.html", "ends in .png"),
        ("b.toml --out - --html -", "the same place"),
        #[cfg(unix)]
        ("b.toml --out l.png", is_read),
        #[cfg(unix)]
        ("b.toml --out new.png --html new.html", "the same place"),
    ] {
        #[cfg(unix)]
        for (link, target) in [("l.png", "base"), ("new.html", "new.png")] {
            let _ = std::os::unix::fs::symlink(target, path.join(link));
        }
        perennial(path, &format!("scenario preview --no-camera {arguments}"))
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains(says));
    }
    for name in ["b.toml", "noext", "b.html"] {
        assert_eq!(fs::read_to_string(path.join(name)).unwrap(), mine, "{name}");
    }
    perennial(path, "scenario preview --no-camera b.toml --out b.png --html sheet.HTM")
        .assert()
        .code(0);
}

#[test]
fn check_goes_on_behind_a_file_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("broken.toml"), "name = 3\nseasons = [\"summer\"]\n").unwrap();
    fs::write(path.join("large.toml"), vec![b'#'; 300 << 10]).unwrap();
    let told = contains("there is no scenario `nosuch.toml`")
        .and(contains("large.toml: it holds more than 256 KiB"))
        .and(contains("broken.toml has 2 mistakes"))
        .and(contains("did you mean \"seasons/summer.toml\"?"));
    perennial(path, "scenario check nosuch.toml large.toml broken.toml four_seasons")
        .assert()
        .code(2)
        .stdout("four_seasons: fine\n")
        .stderr(told);
    let json = perennial(path, "scenario check --json nosuch.toml large.toml broken.toml")
        .assert()
        .code(2);
    let findings: serde_json::Value = serde_json::from_slice(&json.get_output().stdout).unwrap();
    let files: Vec<&str> = findings
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["file"].as_str().unwrap())
        .collect();
    assert_eq!(files, ["nosuch.toml", "large.toml", "broken.toml", "broken.toml"]);
    assert_eq!((&findings[0]["severity"], &findings[0]["line"]), (&"error".into(), &1.into()));
}

#[test]
fn diff_compares_seasons_of_other_years_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let spring = "{ extends = \"seasons/spring.toml\", dynamics.traction = 0.5 }";
    fs::write(
        path.join("short.toml"),
        format!("name = \"short\"\nseasons = [\"seasons/winter.toml\", {spring}]\n"),
    )
    .unwrap();
    perennial(path, "scenario diff four_seasons short.toml")
        .assert()
        .code(0)
        .stdout(
            contains("seasons.summer: only in four_seasons\n")
                .and(contains("seasons.spring.dynamics.traction: 0.8 -> 0.5\n"))
                .and(contains("order of seasons: spring, winter -> winter, spring\n"))
                .and(contains("tables").not()),
        );
}

#[test]
fn two_files_of_one_garden_are_both_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::create_dir(path.join("gardens")).unwrap();
    for name in ["a", "b"] {
        let text = "name = \"one\"\nextends = \"four_seasons.toml\"\n";
        fs::write(path.join(format!("gardens/{name}.toml")), text).unwrap();
    }
    perennial(path, "compare --methods finetune --results-dir x --scenario gardens")
        .assert()
        .code(2)
        .stderr(
            contains("two scenarios are called `one`")
                .and(contains("a.toml"))
                .and(contains("b.toml")),
        );
}

#[test]
fn what_is_several_files_goes_into_a_folder_and_not_to_the_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let printed = perennial(path, "scenario random --seed 3").assert().code(0);
    let printed = printed.get_output().stdout.clone();
    let dash = perennial(path, "scenario random --seed 3 --out -").assert().code(0);
    assert_eq!(dash.get_output().stdout, printed);
    for arguments in ["random --count 2 --out -", "family phase_rewarded --out -"] {
        perennial(path, &format!("scenario {arguments}"))
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains("name a folder"));
    }
    assert_eq!(fs::read_dir(path).unwrap().count(), 0);
}

#[test]
fn what_is_shipped_is_not_formatted_and_the_help_says_what_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["four_seasons", "seasons/summer.toml"] {
        perennial(folder.path(), &format!("scenario fmt {name}"))
            .assert()
            .code(2)
            .stderr(contains(format!("{name} is shipped with the program")).and(contains("scenario new")));
        for command in ["check", "show"] {
            perennial(folder.path(), &format!("scenario {command} {name}"))
                .assert()
                .code(0);
        }
    }
    perennial(folder.path(), "scenario fmt gone")
        .assert()
        .code(2)
        .stderr(contains("there is no such file"));
}
