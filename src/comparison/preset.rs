//! Comparisons that have a name.

use crate::learner::METHODS;

/// A comparison that has a name.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// What it is called.
    pub name: &'static str,
    /// What it is for, in one line.
    pub purpose: &'static str,
    /// Which methods it compares.
    pub methods: PresetMethods,
    /// In which shipped scenarios.
    pub scenarios: &'static [&'static str],
    /// With how many paired seeds, counted from 0.
    pub seeds: u64,
    /// How many decisions a season has, where it is not the usual number.
    pub decisions_per_season: Option<u64>,
}

/// Which methods a preset compares.
#[derive(Clone, Copy, Debug)]
pub enum PresetMethods {
    /// Every method of the learner's registry.
    All,
    /// These.
    Named(&'static [&'static str]),
}

/// Every preset.
///
/// A method that needs declared boundaries is left out of a scenario without them, and that is said and written down.
#[rustfmt::skip]
pub static PRESETS: &[Preset] = &[
    Preset { name: "paper", purpose: "every method, abrupt seasons, and gradual ones for those that need no boundary: the tables of the README",
        methods: PresetMethods::All, scenarios: &["four_seasons", "gradual_year"], seeds: 5, decisions_per_season: None },
    Preset { name: "quick", purpose: "forgetting, a remedy and its bound in short seasons: to see that everything works",
        methods: PresetMethods::Named(&["finetune", "replay", "joint"]), scenarios: &["four_seasons"], seeds: 2, decisions_per_season: Some(6_000) },
    Preset { name: "boundaries", purpose: "what it is worth to be told where a season ends",
        methods: PresetMethods::Named(&["finetune", "replay", "replay_boundary_free", "joint"]), scenarios: &["four_seasons", "gradual_year"], seeds: 5, decisions_per_season: None },
];

impl Preset {
    /// The preset of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// The names of its methods.
    pub fn method_names(&self) -> Vec<String> {
        match self.methods {
            PresetMethods::All => METHODS.iter().map(|spec| spec.name.to_owned()).collect(),
            PresetMethods::Named(names) => names.iter().map(|&name| name.to_owned()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Scenario, shipped_names};

    #[test]
    fn a_preset_names_what_exists() {
        for preset in PRESETS {
            assert!(preset.seeds > 0 && !preset.purpose.is_empty(), "{}", preset.name);
            for method in preset.method_names() {
                assert!(crate::learner::plan(&method).is_ok(), "{}: {method}", preset.name);
            }
            for scenario in preset.scenarios {
                assert!(shipped_names().any(|name| name == *scenario), "{}: {scenario}", preset.name);
                assert!(Scenario::load(scenario).is_ok());
            }
        }
    }

    #[test]
    fn the_papers_preset_has_every_method_and_five_seeds() {
        let paper = Preset::find("paper").unwrap();
        assert_eq!((paper.method_names().len(), paper.seeds), (METHODS.len(), 5));
        assert_eq!(paper.scenarios, ["four_seasons", "gradual_year"]);
        let quick = Preset::find("quick").unwrap();
        assert_eq!((quick.seeds, quick.decisions_per_season), (2, Some(6_000)));
        assert!(Preset::find("slow").is_none());
    }
}
