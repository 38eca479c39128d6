//! The scenarios that the program brings along, found by name from any folder.

/// A text file that is part of the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShippedFile {
    /// Its path below `scenarios/`.
    pub(super) path: &'static str,
    /// What it says.
    pub(super) text: &'static str,
}

macro_rules! shipped {
    ($($path:literal),* $(,)?) => {
        &[$(ShippedFile { path: $path, text: include_str!(concat!("../../scenarios/", $path)) }),*]
    };
}

/// The scenarios, the default one first.
pub(super) const SCENARIOS: &[ShippedFile] = shipped![
    "four_seasons.toml",
    "gradual_year.toml",
    "look_alone.toml",
    "dynamics_alone.toml",
    "weather_alone.toml",
    "water_tank.toml"
];

/// The seasons that they share.
pub(super) const SEASONS: &[ShippedFile] = shipped![
    "seasons/spring.toml",
    "seasons/summer.toml",
    "seasons/autumn.toml",
    "seasons/winter.toml"
];

impl ShippedFile {
    /// The name by which it is asked for: that of the file.
    pub(super) fn name(&self) -> &'static str {
        self.path.trim_end_matches(".toml")
    }

    /// What it is called in messages.
    pub(super) fn title(&self) -> String {
        format!("{} (shipped)", self.path)
    }
}

/// The names of the shipped scenarios, the default one first.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SCENARIOS.iter().map(ShippedFile::name)
}

/// The shipped scenario of this name, written with or without folder and ending.
pub(super) fn scenario(name: &str) -> Option<ShippedFile> {
    let name = name.strip_prefix("./").unwrap_or(name);
    let name = name.strip_prefix("scenarios/").unwrap_or(name).trim_end_matches(".toml");
    SCENARIOS.iter().find(|file| file.name() == name).copied()
}

/// The shipped season at this path.
pub(super) fn season(path: &str) -> Option<ShippedFile> {
    SEASONS
        .iter()
        .find(|file| file.path == path.strip_prefix("./").unwrap_or(path))
        .copied()
}
