//! The files in `scenarios/`: each loads, says what the types say, and is documented.

use std::fs;
use std::path::{Path, PathBuf};

use perennial::scenario::{
    Described, Entry, EpisodeSettings, Eye, Plants, Plot, Rewards, RobotSettings, Scenario, ScenarioDocument, ScenarioError,
    Schedule, Schema, shipped_names,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

fn toml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect()
}

fn load(path: &Path) -> Scenario {
    match Scenario::load(path.to_str().unwrap()) {
        Ok(loaded) => loaded.scenario,
        Err(ScenarioError::Mistakes(mistakes)) => panic!("{}", mistakes.render(120, false)),
        Err(other) => panic!("{}: {other}", path.display()),
    }
}

#[test]
fn every_scenario_file_loads_and_ships() {
    let mut files = toml_files(&folder());
    files.extend(toml_files(&folder().join("gallery")));
    files.extend(toml_files(&folder().join("applications")));
    assert_eq!(files.len(), shipped_names().count(), "{files:?}");
    for path in files {
        let from_file = load(&path);
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(
            shipped_names().any(|shipped| shipped == name),
            "add {name} to SCENARIOS in src/scenario/shipped.rs"
        );
        assert_eq!(
            Scenario::load(&name).unwrap().scenario,
            from_file,
            "{name}: the shipped one is another than the file"
        );
    }
}

#[test]
fn every_season_file_is_a_season_of_that_name() {
    for path in toml_files(&folder().join("seasons")) {
        let Described::Season(season) = ScenarioDocument::load(path.to_str().unwrap()).unwrap().described else {
            panic!("{} is no season", path.display());
        };
        assert_eq!(Some(season.name.as_str()), path.file_stem().unwrap().to_str());
    }
}

#[test]
fn four_seasons_writes_out_the_defaults() {
    let scenario = load(&folder().join("four_seasons.toml"));
    let seasons = scenario.seasons.clone();
    let defaults = Scenario {
        name: scenario.name.clone(),
        description: scenario.description.clone(),
        schedule: Schedule::default(),
        plot: Plot::default(),
        plants: Plants::default(),
        robot: RobotSettings::default(),
        eye: Eye::default(),
        episode: EpisodeSettings::default(),
        rewards: Rewards::default(),
        seasons,
    };
    assert_eq!(
        scenario, defaults,
        "scenarios/four_seasons.toml says the defaults: change both or none"
    );
    assert_eq!(
        scenario.seasons.iter().map(|season| &*season.name).collect::<Vec<_>>(),
        ["spring", "summer", "autumn", "winter"]
    );
}

#[test]
fn the_other_scenarios_differ_only_in_what_they_are_about() {
    let [four, mut gradual, mut tank] =
        ["four_seasons", "gradual_year", "water_tank"].map(|name| Scenario::load(name).unwrap().scenario);
    for other in [&mut gradual, &mut tank] {
        (other.name, other.description) = (four.name.clone(), four.description.clone());
    }
    assert_ne!(gradual.schedule, four.schedule);
    gradual.schedule = four.schedule.clone();
    assert_eq!(gradual, four);
    assert_eq!(tank.robot.tank.take().map(|tank| tank.capacity_sprays), Some(20));
    assert_eq!(tank, four);
}

#[test]
fn what_varies_alone_varies_and_nothing_else_does() {
    let four = Scenario::load("four_seasons").unwrap().scenario;
    for (name, varies) in [
        ("look_alone", [true, false, false]),
        ("dynamics_alone", [false, true, false]),
        ("weather_alone", [false, false, true]),
    ] {
        let mut alone = Scenario::load(name).unwrap().scenario;
        let schedule = &alone.schedule;
        assert_eq!(
            [schedule.look_varies, schedule.dynamics_varies, schedule.weather_varies],
            varies,
            "{name}"
        );
        let [spring, winter] = [0, 3].map(|season| alone.climate(perennial::scenario::Moment::pure(season)));
        assert_eq!(
            [
                spring.look != winter.look,
                spring.dynamics != winter.dynamics,
                spring.weather != winter.weather
            ],
            varies,
            "{name}"
        );
        (alone.name, alone.description) = (four.name.clone(), four.description.clone());
        alone.schedule = four.schedule.clone();
        assert_eq!(alone, four, "{name} differs in more than its schedule");
    }
}

#[test]
fn the_readme_explains_every_key_with_its_range_and_default() {
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    let schema = Scenario::schema();
    let [extends, version] = Scenario::file_keys();
    let file_keys = [&extends, &version].map(|field| Entry {
        path: field.key.clone(),
        field,
    });
    let missing: Vec<String> = schema
        .entries()
        .iter()
        .chain(&file_keys)
        .filter_map(row)
        .filter(|row| !readme.contains(row.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "scenarios/README.md lacks these rows, or has older ones in their place:\n{}",
        missing.join("\n")
    );
}

/// The row of a key in the README's tables; tables themselves are headings there.
fn row(entry: &Entry<'_>) -> Option<String> {
    // Changes have the keys of what they change, and these are explained there.
    if ["events.*.", "drift.", "rewards."].iter().any(|changes| {
        entry
            .path
            .strip_prefix("seasons.*.")
            .and_then(|path| path.strip_prefix(changes))
            .is_some_and(|key| key.contains('.') || *changes == "rewards.")
    }) {
        return None;
    }
    let range = match &entry.field.schema {
        Schema::Table(_) | Schema::Map(_) => return None,
        Schema::Number { least, most, whole } => format!("{least} to {most}{}", if *whole { ", whole" } else { "" }),
        Schema::Choice(words) => words
            .iter()
            .map(|word| format!("`\"{word}\"`"))
            .collect::<Vec<_>>()
            .join(", "),
        Schema::Colour => "colour".to_owned(),
        Schema::Switch => "`true`, `false`".to_owned(),
        Schema::Text { .. } => "text".to_owned(),
        Schema::List { least, most, .. } => format!("list of {least} to {most}"),
        Schema::Anything => "anything".to_owned(),
    };
    let default = match &entry.field.default {
        _ if entry.field.required => "required".to_owned(),
        None => "absent".to_owned(),
        // The types keep f32, whose digits are fewer than those that JSON shows.
        Some(value) if value.is_f64() => format!("{}", value.as_f64().unwrap_or_default() as f32),
        Some(value) if value.is_array() => match value.as_array().map_or(0, Vec::len) {
            0 => "none".to_owned(),
            count => format!("{count} items"),
        },
        Some(value) => format!("`{value}`").replace("`\"\"`", "empty"),
    };
    let path = entry.path.replace(".*", "[]");
    let description = entry.field.description.trim_end_matches('.');
    Some(format!("| `{path}` | {range} | {default} | {description} |"))
}
