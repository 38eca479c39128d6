//! A new scenario or season file: short, commented, and already running.

use super::editor::FileKind;
use crate::scenario::FORMAT_VERSION;

/// Returns the text of a new file. `name` is what the garden or the season is called, `from` the path of the file that it extends.
pub fn new_file(kind: FileKind, name: &str, from: Option<&str>) -> String {
    let schema = kind.schema_file();
    let head = format!("#:schema {schema}\n");
    let string = |text: &str| toml_edit::Value::from(text).to_string();
    let name = string(name);
    match (kind, from) {
        (FileKind::Scenario, None) => format!(
            "{head}\
# A garden and its year. Try it: perennial watch --scenario THIS_FILE
# What is not written here has its default: perennial scenario show THIS_FILE
version = {FORMAT_VERSION}
name = {name}
description = \"What this garden is about, in a sentence.\"

# The year, in order: the path of a season file, or a whole season.
[[seasons]]
extends = \"seasons/spring.toml\"

[[seasons]] # yours: like summer, but for what is written here
extends = \"seasons/summer.toml\"
name = \"heat wave\"
look.ground = \"#c2b280\"                   # a colour as bytes, as a name of CSS (\"khaki\"), or as \"oklch(0.77 0.06 92)\"
look.fine = \"olivedrab\"                   # a plant that needs nothing
look.thirsty = \"oklch(0.75 0.09 75)\"
dynamics.evaporation_per_decision = 0.012
weather.temperature_mean_celsius = 36

[[seasons]]
extends = \"seasons/winter.toml\"
"
        ),
        (FileKind::Scenario, Some(from)) => format!(
            "{head}\
# A garden and its year, as {from} but for what is written here.
version = {FORMAT_VERSION}
extends = {}
name = {name}
",
            string(from)
        ),
        (FileKind::Season, from) => {
            let from = from.unwrap_or("seasons/summer.toml");
            format!(
                "{head}\
# A season, as {from} but for what is written here. A scenario names this file in its list of seasons.
version = {FORMAT_VERSION}
extends = {}
name = {name}

[look]
ground = \"#c2b280\"              # a colour as bytes, as a name of CSS (\"khaki\"), or as \"oklch(0.77 0.06 92)\"
fine = \"olivedrab\"              # a plant that needs nothing
thirsty = \"oklch(0.75 0.09 75)\"

[dynamics]
evaporation_per_decision = 0.012

[weather]
temperature_mean_celsius = 36
",
                string(from)
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authoring::format::format;
    use crate::scenario::{Described, Scenario, ScenarioDocument};

    #[test]
    fn a_new_garden_runs_as_it_is() {
        let text = new_file(FileKind::Scenario, "my \"garden\"", None);
        let scenario = Scenario::parse("new.toml", &text)
            .map_err(|mistakes| mistakes.render(100, false))
            .unwrap();
        assert_eq!((scenario.name.as_str(), scenario.seasons.len()), ("my \"garden\"", 3));
        assert_eq!(scenario.seasons[1].name, "heat wave");
        assert_eq!(format(&text).unwrap(), text, "it is in the layout of `fmt`");
        let tank = Scenario::parse("new.toml", &new_file(FileKind::Scenario, "dry", Some("water_tank.toml"))).unwrap();
        assert!(tank.robot.tank.is_some() && tank.name == "dry");
    }

    #[test]
    fn a_new_season_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heat.toml");
        for from in [None, Some("seasons/winter.toml")] {
            let text = new_file(FileKind::Season, "heat", from);
            std::fs::write(&path, &text).unwrap();
            let Described::Season(season) = ScenarioDocument::load(path.to_str().unwrap()).unwrap().described else {
                panic!("a season was expected");
            };
            assert_eq!(season.name, "heat");
            assert_eq!(format(&text).unwrap(), text);
        }
    }
}
