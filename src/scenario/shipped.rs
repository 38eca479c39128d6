//! The scenarios shipped with the program, found by name from any folder.

use super::sources::SourceKind;

/// A text file compiled into the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct ShippedFile {
    /// Path below `scenarios/`.
    pub(super) path: &'static str,
    /// Contents.
    pub(super) text: &'static str,
}

macro_rules! shipped {
    ($($path:literal),* $(,)?) => {
        &[$(ShippedFile { path: $path, text: include_str!(concat!("../../scenarios/", $path)) }),*]
    };
}

/// Shipped scenarios, the default one first.
pub(super) const SCENARIOS: &[ShippedFile] = shipped![
    "four_seasons.toml",
    "gradual_year.toml",
    "look_alone.toml",
    "dynamics_alone.toml",
    "weather_alone.toml",
    "water_tank.toml",
    "gallery/alpine_ice.toml",
    "gallery/desert_bloom.toml",
    "gallery/dirty_lens.toml",
    "gallery/drought.toml",
    "gallery/heat_waves.toml",
    "gallery/maple_autumn.toml",
    "gallery/mirror_year.toml",
    "gallery/monsoon.toml",
    "gallery/night_under_lamps.toml",
    "gallery/nothing_changes.toml",
    "gallery/three_years.toml",
    "gallery/warming_climate.toml",
    "applications/odd_species.toml",
    "applications/thrifty_gardener.toml",
];

/// Season files that they share.
pub(super) const SEASONS: &[ShippedFile] = shipped![
    "seasons/spring.toml",
    "seasons/summer.toml",
    "seasons/autumn.toml",
    "seasons/winter.toml"
];

impl ShippedFile {
    /// Returns the name: of a scenario the file name without its extension, of a season the path without it.
    pub(super) fn name(&self) -> &'static str {
        self.path
            .trim_start_matches("gallery/")
            .trim_start_matches("applications/")
            .trim_end_matches(".toml")
    }

    /// Returns the title used in messages.
    pub(super) fn title(&self) -> String {
        format!("{} (shipped)", self.path)
    }
}

/// Returns the names of the shipped scenarios, the default one first.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SCENARIOS.iter().map(ShippedFile::name)
}

/// Returns the paths of the shipped season files, as scenarios name them.
pub fn shipped_season_paths() -> impl Iterator<Item = &'static str> {
    SEASONS.iter().map(|file| file.path)
}

/// Returns the shipped scenario of this name, given with or without folder and extension.
pub(super) fn scenario(name: &str) -> Option<ShippedFile> {
    let name = name.strip_prefix("./").unwrap_or(name);
    let name = name.strip_prefix("scenarios/").unwrap_or(name);
    let name = ["gallery/", "applications/"]
        .iter()
        .find_map(|folder| name.strip_prefix(folder))
        .unwrap_or(name);
    let name = name.trim_end_matches(".toml");
    SCENARIOS.iter().find(|file| file.name() == name).copied()
}

/// Returns the shipped season file at this path.
pub(super) fn season(path: &str) -> Option<ShippedFile> {
    SEASONS
        .iter()
        .find(|file| {
            let path = path.strip_prefix("./").unwrap_or(path);
            file.path == path.strip_prefix("scenarios/").unwrap_or(path)
        })
        .copied()
}

/// Returns the shipped file of a kind at this path, or of this name.
pub(super) fn find(path: &str, kind: SourceKind) -> Option<ShippedFile> {
    match kind {
        SourceKind::Scenario => scenario(path),
        SourceKind::Season => season(path),
    }
}
