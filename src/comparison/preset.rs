//! Comparisons that have a name.

use crate::learner::METHODS;

/// A comparison that has a name.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// What it is called.
    pub name: &'static str,
    /// What it is for, in one line.
    pub purpose: &'static str,
    /// What it consists of, the most important first: that is the order in which its runs begin.
    pub parts: &'static [Part],
}

/// One question of a preset.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// What it asks.
    pub asks: &'static str,
    /// Which methods it compares.
    pub methods: PresetMethods,
    /// The algorithm of all of them.
    pub algorithm: &'static str,
    /// In which shipped scenarios.
    pub scenarios: &'static [&'static str],
    /// With how many paired seeds, counted from 0.
    pub seeds: u64,
    /// How many years are learned.
    pub years: u64,
    /// How many decisions a season has, where it is not the usual number.
    pub decisions_per_season: Option<u64>,
    /// What is set for its runs alone, and the word that tells their folders apart from others.
    pub variant: Option<Variant>,
}

/// Runs of a method with other settings than the usual.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// A word for the names of folders.
    pub label: &'static str,
    /// Overrides, `path=value`.
    pub set: &'static [&'static str],
}

/// Which methods a part compares.
#[derive(Clone, Copy, Debug)]
pub enum PresetMethods {
    /// Every method of the learner's registry.
    All,
    /// These.
    Named(&'static [&'static str]),
}

/// What most parts are like.
const USUAL: Part = Part {
    asks: "",
    methods: PresetMethods::All,
    algorithm: "dqn",
    scenarios: &["four_seasons"],
    seeds: 5,
    years: 1,
    decisions_per_season: None,
    variant: None,
};

/// A method with so much of the past and no more, or with transitions of it and no outputs.
const fn history(methods: &'static [&'static str], scenarios: &'static [&'static str], variant: Variant) -> Part {
    Part {
        asks: "how much of the past is needed",
        methods: PresetMethods::Named(methods),
        scenarios,
        seeds: 3,
        variant: Some(variant),
        ..USUAL
    }
}

/// Every preset.
///
/// A method that needs declared boundaries is left out of a scenario without them, and that is said and written down.
#[rustfmt::skip]
pub static PRESETS: &[Preset] = &[
    Preset { name: "paper", purpose: "every method in abrupt seasons, those that need no boundary in gradual ones, and what makes them forget: all tables of docs/results.md", parts: &[
        Part { asks: "which method remembers, and at which cost", seeds: 10, ..USUAL },
        Part { asks: "which method remembers when seasons turn gradually", scenarios: &["gradual_year"], ..USUAL },
        Part { asks: "whether it holds for an actor-critic", methods: PresetMethods::Named(&["replay"]), algorithm: "sac", ..USUAL },
        history(&["replay"], &["four_seasons"], Variant { label: "history200", set: &["learner.history=200 transitions"] }),
        history(&["replay"], &["four_seasons"], Variant { label: "history1000", set: &["learner.history=1000 transitions"] }),
        history(&["replay"], &["four_seasons"], Variant { label: "history5000", set: &["learner.history=5000 transitions"] }),
        history(&["replay_boundary_free"], &["four_seasons", "gradual_year"], Variant { label: "history600kB", set: &["learner.history=600000 bytes", "learner.replay_boundary_free.lately=3500"] }),
        history(&["replay"], &["four_seasons"], Variant { label: "transitions", set: &["learner.replay.cloning_weight=0.0"] }),
        Part { asks: "what makes a policy forget", methods: PresetMethods::Named(&["finetune"]),
            scenarios: &["look_alone", "dynamics_alone", "weather_alone"], seeds: 3, ..USUAL },
        Part { asks: "whether methods add up", methods: PresetMethods::Named(&["replay+ewc"]), seeds: 3, ..USUAL },
        Part { asks: "what is left when a season comes back", methods: PresetMethods::Named(&["finetune", "replay", "replay_boundary_free"]),
            seeds: 3, years: 2, decisions_per_season: Some(30_000), ..USUAL },
    ] },
    Preset { name: "quick", purpose: "forgetting, a remedy and its bound in short seasons: to see that everything works", parts: &[
        Part { asks: "whether everything works", methods: PresetMethods::Named(&["finetune", "replay", "joint"]), seeds: 2, decisions_per_season: Some(6_000), ..USUAL },
    ] },
    Preset { name: "boundaries", purpose: "what it is worth to be told where a season ends", parts: &[
        Part { asks: "what a boundary is worth", methods: PresetMethods::Named(&["finetune", "replay", "replay_boundary_free", "joint"]), scenarios: &["four_seasons", "gradual_year"], ..USUAL },
    ] },
];

impl Preset {
    /// The preset of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }
}

impl Part {
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
            assert!(!preset.parts.is_empty() && !preset.purpose.is_empty(), "{}", preset.name);
            for part in preset.parts {
                assert!(part.seeds > 0 && part.years > 0 && !part.asks.is_empty(), "{}", preset.name);
                assert!(crate::learner::ALGORITHMS.iter().any(|known| known.name == part.algorithm));
                for method in part.method_names() {
                    assert!(crate::learner::plan(&method).is_ok(), "{}: {method}", preset.name);
                }
                for scenario in part.scenarios {
                    assert!(shipped_names().any(|name| name == *scenario), "{}: {scenario}", preset.name);
                    assert!(Scenario::load(scenario).is_ok());
                }
            }
        }
    }

    #[test]
    fn the_papers_preset_begins_with_every_method_in_abrupt_and_in_gradual_seasons() {
        let paper = Preset::find("paper").unwrap();
        for (part, (scenario, seeds)) in paper.parts.iter().zip([("four_seasons", 10), ("gradual_year", 5)]) {
            assert_eq!((part.method_names().len(), part.seeds), (METHODS.len(), seeds));
            assert_eq!(part.scenarios, [scenario]);
        }
        let quick = Preset::find("quick").unwrap().parts[0];
        assert_eq!((quick.seeds, quick.decisions_per_season), (2, Some(6_000)));
        assert!(Preset::find("slow").is_none());
    }
}
