//! Scenario files from the author's point of view: loading, mistakes and their messages.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;

const SPRING: &str = include_str!("../../scenarios/seasons/spring.toml");
const FOUR_SEASONS: &str = include_str!("../../scenarios/four_seasons.toml");

/// Message about a season that is listed twice.
const TWICE: &str = "seasons: seasons must have unique names: `spring` occurs twice; a season that comes again needs a name of its own, as { \
                     extends = \"seasons/spring.toml\", name = \"second spring\" } ()";

/// Parses a scenario of one season, given as the text of its season file.
fn with_season(season: &str) -> Result<Scenario, Mistakes> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("season.toml"), season).unwrap();
    load_in(folder.path(), "name = \"one\"\nseasons = [\"season.toml\"]\n")
}

fn load_in(folder: &Path, text: &str) -> Result<Scenario, Mistakes> {
    let path = folder.join("garden.toml");
    fs::write(&path, text).unwrap();
    match Scenario::load(path.to_str().unwrap()) {
        Ok(loaded) => Ok(loaded.scenario),
        Err(ScenarioError::Mistakes(mistakes)) => Err(mistakes),
        Err(other) => panic!("{other}"),
    }
}

/// Returns `path: message (help)` of each mistake.
fn said(result: Result<Scenario, Mistakes>) -> Vec<String> {
    let mistakes = result.unwrap_err().list;
    mistakes
        .iter()
        .map(|one| format!("{}: {} ({})", one.path, one.message, one.help.clone().unwrap_or_default()))
        .collect()
}

#[test]
fn every_shipped_scenario_loads_by_its_name() {
    for name in shipped_names() {
        let loaded = Scenario::load(name).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(loaded.origin, Origin::Shipped(name));
        assert!((1..=8).contains(&loaded.scenario.seasons.len()), "{name}");
    }
    assert_eq!(
        Scenario::load("four_seasons.toml").unwrap(),
        Scenario::load(DEFAULT_SCENARIO).unwrap()
    );
}

#[test]
fn all_mistakes_of_all_files_are_reported_at_once_each_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let season = SPRING
        .replace("thirsty = \"#ccbf40\"", "thristy = \"#ccbf40\"")
        .replace("traction = 0.8", "traction = 9.0");
    fs::write(folder.path().join("a.toml"), season).unwrap();
    fs::write(
        folder.path().join("b.toml"),
        SPRING
            .replace("#8cbff2", "sky blue")
            .replace("light_low = 0.8", "light_low = \"low\""),
    )
    .unwrap();
    let text = "name = \"garden\"\nseasons = [\"a.toml\", \"b.toml\", \"c.toml\"]\n[schedule]\ntransition = \"gradul\"\n[plants]\ncount = 10.5\n";
    let mistakes = load_in(folder.path(), text).unwrap_err();
    let found: Vec<(&str, usize, usize, &str)> = mistakes
        .list
        .iter()
        .map(|one| (&*one.path, one.line(), one.column(), &*one.message))
        .collect();
    assert_eq!(
        found,
        [
            ("seasons.2", 2, 32, "there is no season file `c.toml`"),
            ("schedule.transition", 4, 14, "transition must be \"abrupt\" or \"gradual\""),
            ("plants.count", 6, 9, "count must be a whole number"),
            ("seasons.0.look.thristy", 11, 1, "unknown key `thristy`"),
            ("seasons.0.dynamics.traction", 15, 12, "traction must be between 0.02 and 1.5"),
            ("seasons.1.look.sky", 8, 7, "sky must be a colour"),
            ("seasons.1.weather.light_low", 25, 13, "light_low must be a number, not text"),
        ]
    );
    assert!(mistakes.list[3].file.ends_with("a.toml") && mistakes.list[5].file.ends_with("b.toml"));
}

#[test]
fn help_names_what_was_probably_meant() {
    let change = |from: &str, to: &str| said(with_season(&SPRING.replace(from, to)));
    assert_eq!(
        change("thirsty = ", "thristy = "),
        ["seasons.0.look.thristy: unknown key `thristy` (did you mean `thirsty`?)"]
    );
    assert_eq!(
        change("[dynamics]", "[dynamcs]"),
        ["seasons.0.dynamcs: unknown key `dynamcs` (did you mean `dynamics`?)"]
    );
    assert_eq!(
        change("traction = 0.8", "traction = 9.0"),
        ["seasons.0.dynamics.traction: traction must be between 0.02 and 1.5 \
          (friction coefficient of the wheels on this ground: dry soil 0.9, wet leaves 0.5, ice 0.25)"]
    );
    assert_eq!(
        change("sky = ", "traction = 0.8\nsky = "),
        ["seasons.0.look.traction: unknown key `traction` (`traction` belongs into the table `dynamics`)"]
    );
    assert_eq!(
        change("sky = \"#8cbff2\"\n", ""),
        ["seasons.0.look.sky: missing key `sky` in `seasons.0.look` (the sky)"]
    );
}

#[test]
fn a_mistake_does_not_cause_a_second_report() {
    // Neither the missing closing quote nor the text it swallows is reported twice.
    let broken = SPRING.replace("sky = \"#8cbff2\"", "sky = \"#8cbff2");
    let said = said(with_season(&broken));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("this is not TOML"), "{said:?}");
}

#[test]
fn inside_of_a_misspelt_table_mistakes_are_found_too() {
    let season = SPRING
        .replace("[dynamics]", "[dynamic]")
        .replace("traction = 0.8", "traction = 9.0");
    assert_eq!(said(with_season(&season)).len(), 2);
}

#[test]
fn keys_that_contradict_each_other_are_reported_where_they_stand() {
    let season = SPRING.replace("light_low = 0.8", "light_low = 1.2");
    assert_eq!(
        said(with_season(&season)),
        ["seasons.0.weather.light_high: light_high must not be below `light_low`, which is 1.2 ()"]
    );
    let parse = |text: &str| said(Scenario::parse("garden.toml", &format!("name = \"garden\"\n{text}")));
    let season = "seasons = [\"seasons/spring.toml\"]\n";
    assert_eq!(parse("seasons = [\"seasons/spring.toml\", \"seasons/spring.toml\"]"), [TWICE]);
    assert!(parse(&format!("{season}plants.count = 64"))[0].contains("64 plants 1.3 m apart"));
    assert!(parse(&format!("{season}robot.jet_reach_m = 0.3"))[0].contains("must reach its plants"));
    assert!(parse(&format!("{season}plants.initial_moisture_high = 0.1"))[0].contains("`initial_moisture_low`, which is 0.2"));
    assert!(parse(&format!("{season}plot.side_m = nan"))[0].contains("side_m must be between 4 and 20"));
}

#[test]
fn names_that_read_alike_are_alike() {
    let scenario = Scenario::parse(
        "garden.toml",
        "name = \" my   garden \"\nseasons = [\"seasons/spring.toml\"]\n",
    )
    .unwrap();
    assert_eq!(scenario.name, "my garden");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("other.toml"), SPRING.replace("\"spring\"", "\"spring \"")).unwrap();
    let text = "name = \"garden\"\nseasons = [\"seasons/spring.toml\", \"other.toml\"]\n";
    let said = said(load_in(folder.path(), text));
    assert_eq!(said, [TWICE]);
    let empty = Scenario::parse("garden.toml", "name = \"  \"\nseasons = [\"seasons/spring.toml\"]\n");
    assert!(empty.is_err());
}

#[test]
fn an_unknown_scenario_names_the_nearest_one() {
    let error = Scenario::load("for_seasons").unwrap_err();
    let help = miette::Diagnostic::help(&error).unwrap().to_string();
    assert!(
        help.starts_with("did you mean `four_seasons`? the shipped scenarios are `four_seasons`, `gradual_year`, `look_alone`"),
        "{help}"
    );
}

#[test]
fn a_missing_file_names_the_nearest_one_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("my_summer.toml"), SPRING).unwrap();
    let said = said(load_in(folder.path(), "name = \"one\"\nseasons = [\"my_sumer.toml\"]\n"));
    assert_eq!(
        said,
        ["seasons.0: there is no season file `my_sumer.toml` (did you mean \"my_summer.toml\"?)"]
    );
    let asked = folder.path().join("gardn.toml");
    let error = Scenario::load(asked.to_str().unwrap()).unwrap_err();
    assert!(miette::Diagnostic::help(&error).unwrap().to_string().contains("garden.toml"));
}

#[test]
fn the_report_shows_each_mistake_under_its_line() {
    let season = SPRING
        .replace("thirsty = ", "thristy = ")
        .replace("traction = 0.8", "traction = 9.0");
    let mistakes = Scenario::parse("garden.toml", &format!("name = \"garden\"\n[[seasons]]\n{}", inline(&season))).unwrap_err();
    insta::assert_snapshot!(mistakes.render(120, false), @r##"
    garden.toml has 2 mistakes

      × unknown key `thristy`
        ╭─[garden.toml:13:1]
     13 │ thristy = "#ccbf40" # pale yellow
        · ───┬───
        ·    ╰── did you mean `thirsty`?
        ╰────

      × traction must be between 0.02 and 1.5
        ╭─[garden.toml:17:12]
     17 │ traction = 9.0 # moist soil
        ·            ─┬─
        ·             ╰── friction coefficient of the wheels on this ground: dry soil 0.9, wet leaves 0.5, ice 0.25
        ╰────
    "##);
}

/// Returns a season file's text as an item of a scenario's list.
fn inline(season: &str) -> String {
    season.replace("\n[", "\n[seasons.")
}

/// The names of the shipped scenarios that have at least four seasons.
fn with_four_seasons() -> Vec<&'static str> {
    let seasons = |name: &str| Scenario::load(name).unwrap().scenario.seasons.len();
    shipped_names().filter(|name| seasons(name) >= 4).collect()
}

/// A shipped scenario with numbers and texts replaced by other valid ones.
fn some_scenario() -> impl Strategy<Value = Scenario> {
    let colour = any::<[u8; 3]>().prop_map(|[red, green, blue]| Colour::from_bytes(red, green, blue));
    let name = "[ -~\u{e4}\u{1f33b}]{1,12}";
    (
        prop::sample::select(with_four_seasons()),
        name,
        colour,
        0.02_f32..1.5,
        0.0_f32..0.2,
        any::<[bool; 2]>(),
        0.01_f32..1.0,
    )
        .prop_map(|(shipped, name, colour, traction, evaporation, [gradual, dies], fraction)| {
            let mut scenario = Scenario::load(shipped).unwrap().scenario;
            scenario.description = name.clone();
            scenario.seasons[1].name = format!("{name}!").split_whitespace().collect::<Vec<_>>().join(" ");
            scenario.seasons[1].look.wall = colour;
            scenario.seasons[2].props = vec![Props {
                kind: PropKind::Apple,
                count: 3,
                colour,
            }];
            scenario.seasons[3].dynamics = Dynamics {
                evaporation_per_decision: evaporation,
                traction,
            };
            scenario.schedule.transition = if gradual {
                SeasonTransition::Gradual
            } else {
                SeasonTransition::Abrupt
            };
            scenario.schedule.turning_fraction = fraction;
            scenario.episode.terminates_when_dead_fraction = dies.then_some(fraction);
            scenario
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_reads_as_the_same(scenario in some_scenario()) {
        let text = scenario.to_toml().unwrap();
        prop_assert_eq!(Scenario::parse("config.toml", &text).map_err(|mistakes| mistakes.render(100, false)), Ok(scenario));
    }

    #[test]
    fn hostile_text_is_an_error_and_never_a_panic(text in "(?s).{0,200}|([a-z\\[\\]{}=.\",'#\n 0-9\u{e9}]|name|seasons|plants){0,60}") {
        if let Err(mistakes) = Scenario::parse("hostile.toml", &text) {
            prop_assert!(!mistakes.list.is_empty());
            prop_assert!(!mistakes.render(80, true).is_empty());
        }
    }

    #[test]
    fn a_damaged_file_is_an_error_and_never_a_panic(
        season in any::<bool>(), at in any::<prop::sample::Index>(), length in 0_usize..40, patch in "(?s).{0,3}|[\\[\\]{}=.\"'#\n0-9e-]{0,6}",
    ) {
        let mut text: Vec<char> = if season { SPRING } else { FOUR_SEASONS }.chars().collect();
        let start = at.index(text.len());
        let end = (start + length).min(text.len());
        text.splice(start..end, patch.chars());
        let text: String = text.into_iter().collect();
        let result = if season { with_season(&text) } else { Scenario::parse("damaged.toml", &text) };
        if let Err(mistakes) = result {
            prop_assert!(!mistakes.list.is_empty());
            prop_assert!(!mistakes.render(80, false).is_empty());
        }
    }
}

#[test]
fn very_deep_text_is_an_error_and_never_a_panic() {
    for text in [
        "[".repeat(50_000),
        "{a=".repeat(50_000),
        format!("{}b = 1", "a.".repeat(50_000)),
        format!("x = {}", "[".repeat(50_000)),
    ] {
        assert!(Scenario::parse("deep.toml", &text).is_err());
    }
}

#[test]
fn the_files_of_a_scenario_are_itself_and_the_seasons_that_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("garden.toml");
    // A text with mistakes, and a file that is not there yet: what is watched must not depend on either.
    fs::write(
        &file,
        "nmae = 3\nseasons = [\"lib/spring.toml\", \"gone.toml\", \"../out.toml\", 7]\n",
    )
    .unwrap();
    fs::create_dir(folder.path().join("lib")).unwrap();
    fs::write(folder.path().join("lib/spring.toml"), "extends = \"../base.toml\"\n").unwrap();
    let expected = ["garden.toml", "lib/spring.toml", "base.toml", "gone.toml"].map(|name| folder.path().join(name));
    assert_eq!(Scenario::source_files(&file).unwrap(), expected);
    assert!(Scenario::source_files(&folder.path().join("other.toml")).is_err());
}

/// Writes files into a folder.
fn write_all(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn a_season_of_five_lines_extends_another() {
    let folder = tempfile::tempdir().unwrap();
    write_all(
        folder.path(),
        &[(
            "lib/heat.toml",
            "version = 2\nextends = \"seasons/summer.toml\"\nname = \"heat\"\nlook.ground = \"khaki\"\ndynamics.traction = 1.0\n",
        )],
    );
    let year = load_in(
        folder.path(),
        "name = \"one\"\nseasons = [\"lib/heat.toml\", \"seasons/summer.toml\"]\n",
    )
    .unwrap();
    let [heat, summer] = [0, 1].map(|number: usize| year.seasons[number].clone());
    assert_eq!((heat.name.as_str(), heat.dynamics.traction), ("heat", 1.0));
    assert_eq!(heat.look.ground, Colour::from_bytes(0xf0, 0xe6, 0x8c));
    let expected = Season {
        name: heat.name.clone(),
        look: Look {
            ground: heat.look.ground,
            ..summer.look.clone()
        },
        dynamics: Dynamics {
            traction: 1.0,
            ..summer.dynamics.clone()
        },
        ..summer
    };
    assert_eq!(heat, expected);
}

#[test]
fn a_scenario_extends_another_and_an_inline_season_too() {
    let text = "extends = \"water_tank.toml\"\nname = \"dry\"\nrobot.tank.capacity_sprays = 7\n\
                seasons = [{ extends = \"seasons/winter.toml\", name = \"thaw\", dynamics.traction = 0.6 }]\n";
    let dry = Scenario::parse("dry.toml", text).unwrap();
    let tank = dry.robot.tank.unwrap();
    assert_eq!((tank.capacity_sprays, tank.refill_sprays_per_decision), (7, 4));
    assert_eq!((dry.seasons.len(), dry.seasons[0].dynamics.traction), (1, 0.6));
    assert!(dry.description.starts_with("The four seasons with a tank"));
}

#[test]
fn what_was_meant_is_found_although_the_extended_file_has_it() {
    let text = "name = \"x\"\nseasons = [{ extends = \"seasons/autumn.toml\", look.thirtsy = \"gold\", look.fien = \"red\", look.fine = \"red\" }]\n";
    let mistakes = Scenario::parse("x.toml", text).unwrap_err();
    let told = mistakes.render(100, false);
    assert!(told.contains("did you mean `thirsty`?"), "{told}");
    // What is written beside it was not meant.
    assert!(!told.contains("did you mean `fine`?"), "{told}");
    assert_eq!(mistakes.list.len(), 2, "{told}");
}

#[test]
fn a_mistake_in_an_extended_file_stands_in_that_file() {
    let folder = tempfile::tempdir().unwrap();
    write_all(
        folder.path(),
        &[("base.toml", &SPRING.replace("traction = 0.8", "traction = 9.0"))],
    );
    let text = "name = \"one\"\n[[seasons]]\nextends = \"base.toml\"\nname = \"x\"\ndynamics.evaporation_per_decision = 9\n";
    let mistakes = load_in(folder.path(), text).unwrap_err();
    let found: Vec<(bool, &str)> = mistakes
        .list
        .iter()
        .map(|one| (one.file.ends_with("base.toml"), &*one.path))
        .collect();
    assert_eq!(
        found,
        [
            (false, "seasons.0.dynamics.evaporation_per_decision"),
            (true, "seasons.0.dynamics.traction")
        ]
    );
}

#[test]
fn what_a_broken_file_lacks_is_no_mistake_of_those_that_extend_it() {
    let folder = tempfile::tempdir().unwrap();
    write_all(folder.path(), &[("base.toml", "name = \"base\nlook = 3")]);
    for (season, message) in [
        ("base.toml", "this is not TOML"),
        ("gone.toml", "there is no season file `gone.toml`"),
        ("../base.toml", "`../base.toml` lies outside of the scenario's folder"),
        ("/etc/passwd", "`/etc/passwd` lies outside of the scenario's folder"),
        (".", "`.` is not a regular file"),
    ] {
        let text = format!("name = \"one\"\n[[seasons]]\nextends = \"{season}\"\nname = \"x\"\n");
        let said = said(load_in(folder.path(), &text));
        assert!(said.len() == 1 && said[0].contains(message), "{season}: {said:?}");
    }
}

#[test]
fn files_that_extend_each_other_in_a_circle_are_told() {
    let folder = tempfile::tempdir().unwrap();
    write_all(
        folder.path(),
        &[
            ("a.toml", "extends = \"lib/b.toml\"\n"),
            ("lib/b.toml", "extends = \"../a.toml\"\n"),
            ("self.toml", "extends = \"self.toml\"\n"),
        ],
    );
    let season = |file: &str| said(load_in(folder.path(), &format!("name = \"one\"\nseasons = [\"{file}\"]\n")));
    assert_eq!(
        season("a.toml"),
        ["seasons.0.extends: `../a.toml` extends itself: a.toml -> b.toml -> a.toml \
          (a file can extend only one that does not extend it)"]
    );
    assert!(season("self.toml")[0].contains("self.toml -> self.toml"));
    let whole = said(load_in(folder.path(), "extends = \"garden.toml\"\n"));
    assert!(
        whole.len() == 1 && whole[0].contains("garden.toml -> garden.toml"),
        "{whole:?}"
    );
    for number in 0..20 {
        write_all(
            folder.path(),
            &[(&format!("{number}.toml"), &format!("extends = \"{}.toml\"\n", number + 1))],
        );
    }
    assert!(season("0.toml")[0].contains("at most 16 files can extend each other"));
}

#[test]
#[cfg(unix)]
fn links_lead_nowhere_outside_of_the_folder() {
    use std::os::unix::fs::symlink;
    let [outside, folder] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    fs::write(outside.path().join("spring.toml"), SPRING).unwrap();
    fs::write(folder.path().join("real.toml"), SPRING).unwrap();
    for (name, target) in [
        ("out.toml", outside.path().join("spring.toml")),
        ("circle.toml", folder.path().join("circle.toml")),
        ("device.toml", "/dev/zero".into()),
        ("gone.toml", folder.path().join("nothing")),
        ("inside.toml", "real.toml".into()),
    ] {
        symlink(target, folder.path().join(name)).unwrap();
    }
    let season = |file: &str| load_in(folder.path(), &format!("name = \"one\"\nseasons = [\"{file}\"]\n"));
    assert!(season("inside.toml").is_ok());
    for (file, message) in [
        ("out.toml", "is a link that leads out of the scenario's folder"),
        ("device.toml", "is a link that leads out of the scenario's folder"),
        ("circle.toml", "cannot be read"),
        ("gone.toml", "cannot be read"),
    ] {
        let said = said(season(file));
        assert!(said.len() == 1 && said[0].contains(message), "{file}: {said:?}");
    }
}

#[test]
fn older_files_are_read_and_newer_ones_are_told() {
    let spring = SPRING.replace("version = 2\n", "");
    let old = spring
        .replace("\nfine = ", "\nplant_fine = ")
        .replace("\nthirsty = ", "\nplant_thirsty = ");
    assert_ne!(old, spring);
    for version in ["", "version = 1\n"] {
        assert_eq!(with_season(&format!("{version}{old}")).unwrap(), with_season(SPRING).unwrap());
    }
    let strict = said(with_season(&format!("version = 2\n{old}")));
    assert_eq!(strict.len(), 2, "{strict:?}");
    assert!(strict[0].contains("since version 2 it is called `fine`"), "{strict:?}");
    let newer = said(with_season(&format!("version = 3\n{spring}")));
    assert_eq!(
        newer,
        ["seasons.0.version: version must be between 1 and 2 (the file is for a newer version of perennial)"]
    );
    assert_eq!(said(with_season(&format!("version = \"two\"\n{spring}"))).len(), 1);
}

#[test]
fn everything_that_a_season_can_say_is_read_and_written() {
    let text = format!(
        "name = \"all\"\nschedule.onset_deviation_fraction = 0.1\n[[seasons]]\nrelative_length = 1.5\n{}\n{}",
        inline(SPRING),
        r#"
        [seasons.look.species.tulip]
        fine = "crimson"
        [seasons.rewards]
        bump = -1
        [seasons.faults]
        noise_deviation = 0.1
        [[seasons.events]]
        name = "heat wave"
        from_fraction = 0.4
        until_fraction = 0.6
        look.ground = "khaki"
        look.species.tulip.thirsty = "oklch(0.6 0.1 60)"
        weather.temperature_mean_celsius = 38
        [seasons.drift]
        years = 10
        dynamics.evaporation_per_decision = 0.012
        "#
    );
    let scenario = Scenario::parse("all.toml", &text)
        .map_err(|mistakes| mistakes.render(100, false))
        .unwrap();
    let season = &scenario.seasons[0];
    assert_eq!(season.look.species["tulip"].fine, Some(Colour::from_bytes(0xdc, 0x14, 0x3c)));
    assert_eq!(season.events[0].fade_fraction, 0.2);
    assert_eq!(season.drift.as_ref().unwrap().dynamics.evaporation_per_decision, Some(0.012));
    assert_eq!(Scenario::parse("again.toml", &scenario.to_toml().unwrap()).unwrap(), scenario);

    let wrong = |from: &str, to: &str| said(Scenario::parse("all.toml", &text.replace(from, to)));
    let said = wrong("[seasons.look.species.tulip]", "[seasons.look.species.tulp]");
    assert_eq!(
        said,
        [
            "seasons: seasons must be of this scenario's species: there is no species `tulp` for the season `spring`; \
          did you mean `tulip`? ()"
        ]
    );
    assert!(wrong("until_fraction = 0.6", "until_fraction = 0.3")[0].contains("until_fraction must be above `from_fraction`"));
    assert!(wrong("temperature_mean_celsius = 38", "light_low = 1.5")[0].contains("must keep `light_low`"));
    assert!(wrong("years = 10", "years = 0")[0].contains("years must be between 1 and 100000"));
}

#[test]
fn what_is_too_large_is_told_and_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.toml");
    fs::File::create(&path).unwrap().set_len(100 << 20).unwrap();
    let error = Scenario::load(path.to_str().unwrap()).unwrap_err();
    assert!(error.to_string().contains("it holds more than 256 KiB"), "{error}");
    let said = said(load_in(folder.path(), "name = \"one\"\nseasons = [\"large.toml\"]\n"));
    assert!(
        said.len() == 1 && said[0].contains("`large.toml` holds more than 256 KiB"),
        "{said:?}"
    );
}

#[test]
fn of_thousands_of_mistakes_a_hundred_are_listed() {
    let text: String = (0..5_000).map(|number| format!("key_{number} = {number}\n")).collect();
    let mistakes = Scenario::parse("other.toml", &text).unwrap_err();
    assert_eq!((mistakes.list.len(), mistakes.unlisted), (100, 4_902));
    assert_eq!(mistakes.to_string(), "other.toml has 5002 mistakes");
    assert!(mistakes.render(100, false).ends_with("and 4902 more\n"));
}

#[test]
fn hints_name_what_was_meant() {
    let with = |line: &str| said(Scenario::parse("garden.toml", &format!("name = \"one\"\n{line}\n")));
    for (line, says) in [
        ("seasons = [\"summer\"]", "did you mean \"seasons/summer.toml\"?"),
        ("seasons = [\"other/Winter.toml\"]", "did you mean \"seasons/winter.toml\"?"),
        (
            "seasons = [\"seasons/spring.toml\", \"seasons/spring.toml\"]",
            "`spring` occurs twice; a season that comes again needs a name of its own",
        ),
        (
            "version = \"2\"\nseasons = [\"seasons/spring.toml\"]",
            "version must be a whole number, not text",
        ),
        (
            "version = 2.5\nseasons = [\"seasons/spring.toml\"]",
            "version must be a whole number (",
        ),
        (
            "version = 3\nseasons = [\"seasons/spring.toml\"]",
            "version must be between 1 and 2",
        ),
    ] {
        let said = with(line);
        assert!(said.len() == 1 && said[0].contains(says), "{said:?}");
    }
}

#[test]
fn a_text_in_utf_16_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    for is_little in [true, false] {
        let each = |unit: u16| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        let bytes: Vec<u8> = FOUR_SEASONS.encode_utf16().flat_map(each).collect();
        let path = folder.path().join("wide.toml");
        fs::write(&path, bytes).unwrap();
        let Err(ScenarioError::Mistakes(mistakes)) = Scenario::load(path.to_str().unwrap()) else {
            panic!("it was read");
        };
        assert_eq!(mistakes.list.len(), 1);
        assert!(mistakes.list[0].message.contains("UTF-16") && mistakes.list[0].help.is_some());
    }
}
