//! Presets: comparisons with a name.

use crate::learner::METHODS;

/// A comparison with a name.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Name, as on the command line.
    pub name: &'static str,
    /// Purpose, in one line.
    pub purpose: &'static str,
    /// Parts, the most important first. Runs begin in this order.
    pub parts: &'static [PresetPart],
}

/// One question of a preset.
#[derive(Clone, Copy, Debug)]
pub struct PresetPart {
    /// The question.
    pub asks: &'static str,
    /// Methods to compare.
    pub methods: PresetMethods,
    /// Algorithm of all runs.
    pub algorithm: &'static str,
    /// Names of the shipped scenarios.
    pub scenarios: &'static [&'static str],
    /// Names of [families](crate::authoring::family), whose scenarios are run as well. Their files are written into the results folder.
    pub families: &'static [&'static str],
    /// Number of paired seeds, counted from 0.
    pub seeds: u64,
    /// Number of years.
    pub years: u64,
    /// Decisions per season, if not the default.
    pub decisions_per_season: Option<u64>,
    /// Overrides for all runs of this part, `path=value`, which need no label: those of costs.
    pub set: &'static [&'static str],
    /// Overrides for this part alone, and the label of its folders.
    pub variant: Option<Variant>,
}

/// Runs of a method with non-default settings.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Label, used in folder names.
    pub label: &'static str,
    /// Overrides, `path=value`.
    pub set: &'static [&'static str],
}

/// Methods that a part compares.
#[derive(Clone, Copy, Debug)]
pub enum PresetMethods {
    /// Every method of the learner's registry.
    All,
    /// The methods with these names.
    Named(&'static [&'static str]),
}

/// Values that most parts share.
const USUAL: PresetPart = PresetPart {
    asks: "",
    methods: PresetMethods::All,
    algorithm: "dqn",
    scenarios: &["four_seasons"],
    families: &[],
    seeds: 12,
    years: 1,
    decisions_per_season: None,
    set: &[],
    variant: None,
};

/// Methods of the phase diagram. Its families declare boundaries everywhere, so that those that need them can be run.
const PHASE_METHODS: PresetMethods = PresetMethods::Named(&["finetune", "ewc", "replay", "replay_boundary_free", "packnet"]);

/// A part of the phase diagram.
const PHASE: PresetPart = PresetPart {
    methods: PHASE_METHODS,
    scenarios: &[],
    families: &["phase"],
    seeds: 5,
    ..USUAL
};

/// A part of the hundred seasons. Evaluations are short, since there are a thousand of them in a run, the learner is looked into once a season, and no
/// checkpoint is kept for good.
const CENTURY: PresetPart = PresetPart {
    asks: "how does a network learn, keep and generalise as it ages",
    scenarios: &[],
    families: &["century", "century_returning"],
    seeds: 5,
    decisions_per_season: Some(15_000),
    set: &[
        "evaluation.episodes=8",
        "evaluation.gardens=8",
        "checkpoints.keep_season_ends=false",
        "inside.every_decisions=15000",
        "inside.views_per_season=10",
    ],
    ..USUAL
};

/// Methods of the gallery: one that forgets, one that is told of boundaries, and one that finds them.
const GALLERY_METHODS: PresetMethods = PresetMethods::Named(&["finetune", "replay", "replay_boundary_free+l2_init"]);

/// The composition that is told nothing, and the bound with the same regulariser.
const PAIR_AND_BOUND: PresetMethods = PresetMethods::Named(&["replay_boundary_free+l2_init", "joint+l2_init"]);

/// Strengths of methods by themselves, where their default is what was found for them in the default composition.
const ALONE: &[(&str, &[&str])] = &[("l2_init", &["learner.l2_init.strength=1e-6"])];

/// Returns the overrides of a method that is run by itself: nothing where its defaults are those that were found for it alone.
pub(crate) fn alone(method: &str) -> &'static [&'static str] {
    ALONE.iter().find(|(name, _)| *name == method).map_or(&[], |(_, set)| set)
}

/// At most a million bytes of experience, recent transitions included: 830 kB of packed past ones, and 1,500 recent ones of 108 bytes.
const ONE_MEGABYTE: &[&str] = &[
    "learner.history=830000 bytes",
    "learner.reservoir.packed=true",
    "learner.reservoir.segment_decisions=10",
    "learner.replay_boundary_free.lately=1500",
];

/// Networks without normalised layers.
const UNNORMALISED: Variant = Variant {
    label: "unnormalised",
    set: &["learner.layer_norm=false"],
};

/// Methods that hold weights, and none.
const PENALTIES: PresetMethods = PresetMethods::Named(&["finetune", "l2", "ewc", "ewc_kronecker", "si", "mas"]);

/// A part that asks under which condition penalties hold what was learned.
const fn penalties(label: &'static str, set: &'static [&'static str]) -> PresetPart {
    PresetPart {
        asks: "what rescues penalties",
        methods: PENALTIES,
        variant: Some(Variant { label, set }),
        ..USUAL
    }
}

/// A part with one strength of a penalty.
const fn strength(label: &'static str, set: &'static [&'static str]) -> PresetPart {
    PresetPart {
        asks: "is it the strength",
        methods: PresetMethods::Named(&["ewc"]),
        variant: Some(Variant { label, set }),
        ..USUAL
    }
}

/// A part with a limited history, or with stored transitions but no stored outputs.
const fn history(methods: &'static [&'static str], scenarios: &'static [&'static str], variant: Variant) -> PresetPart {
    PresetPart {
        asks: "how much of the past is needed",
        methods: PresetMethods::Named(methods),
        scenarios,
        variant: Some(variant),
        ..USUAL
    }
}

/// All presets.
///
/// A method that needs declared boundaries is left out of a scenario without them; the omission is printed and recorded.
#[rustfmt::skip]
pub static PRESETS: &[Preset] = &[
    Preset { name: "paper", purpose: "every method in abrupt seasons, boundary-free ones in gradual seasons, and causes of forgetting: all of docs/results.md", parts: &[
        PresetPart { asks: "which method remembers, and at what cost", ..USUAL },
        PresetPart { asks: "what do new networks learn that explore as little as the other methods", methods: PresetMethods::Named(&["scratch"]),
            variant: Some(Variant { label: "like_others", set: &["learner.scratch.restart_exploration=false"] }), ..USUAL },
        PresetPart { asks: "which method remembers when seasons turn gradually", scenarios: &["gradual_year"], ..USUAL },
        PresetPart { asks: "is anything told nothing as good as learning everything at once", methods: PAIR_AND_BOUND, scenarios: &["four_seasons", "gradual_year"], ..USUAL },
        PresetPart { asks: "does it hold for an actor-critic", methods: PresetMethods::Named(&["replay", "replay_boundary_free+l2_init", "joint+l2_init"]),
            algorithm: "sac", ..USUAL },
        history(&["replay"], &["four_seasons"], Variant { label: "history200", set: &["learner.history=200 transitions"] }),
        history(&["replay"], &["four_seasons"], Variant { label: "history1000", set: &["learner.history=1000 transitions"] }),
        history(&["replay"], &["four_seasons"], Variant { label: "history5000", set: &["learner.history=5000 transitions"] }),
        history(&["replay_boundary_free+l2_init"], &["four_seasons", "gradual_year"], Variant { label: "one_megabyte", set: ONE_MEGABYTE }),
        history(&["replay"], &["four_seasons"], Variant { label: "like_boundary_free",
            set: &["learner.reservoir.capacity=50000", "learner.replay.batch_share=0.5"] }),
        history(&["replay"], &["four_seasons"], Variant { label: "transitions", set: &["learner.replay.cloning_weight=0.0"] }),
        PresetPart { asks: "what are normalised layers worth", methods: PresetMethods::Named(&["finetune", "replay", "replay_boundary_free+l2_init", "joint+l2_init", "packnet", "ewc"]),
            variant: Some(UNNORMALISED), ..USUAL },
        PresetPart { asks: "what makes a policy forget", methods: PresetMethods::Named(&["finetune"]),
            scenarios: &["look_alone", "dynamics_alone", "weather_alone"], ..USUAL },
        PresetPart { asks: "do methods combine", methods: PresetMethods::Named(&["replay+ewc"]), ..USUAL },
        PresetPart { asks: "what is left when a season comes back", methods: PresetMethods::Named(&["finetune", "replay", "replay_boundary_free+l2_init"]),
            years: 2, decisions_per_season: Some(30_000), ..USUAL },
    ] },
    Preset { name: "penalties", purpose: "whether penalties on weights hold what was learned, and what decides it: strength, algorithm, width, rewards, output layers", parts: &[
        PresetPart { asks: "do penalties hold what was learned", methods: PENALTIES, ..USUAL },
        strength("strength0.003", &["learner.ewc.strength=0.003"]),
        strength("strength0.03", &["learner.ewc.strength=0.03"]),
        strength("strength0.3", &["learner.ewc.strength=0.3"]),
        strength("strength3", &["learner.ewc.strength=3.0"]),
        PresetPart { asks: "does an actor-critic rescue them", methods: PENALTIES, algorithm: "sac", ..USUAL },
        penalties("hidden512", &["learner.hidden=[512, 512]"]),
        penalties("mild", &["scenario.rewards.watered_needlessly=-0.1"]),
        penalties("heads", &["learner.heads=\"per_season\""]),
        penalties(UNNORMALISED.label, UNNORMALISED.set),
        penalties("heads_unnormalised", &["learner.heads=\"per_season\"", "learner.layer_norm=false"]),
    ] },
    Preset { name: "quick", purpose: "forgetting, replay and the upper bound in short seasons, to check that everything works", parts: &[
        PresetPart { asks: "does everything work", methods: PresetMethods::Named(&["finetune", "replay", "joint"]), seeds: 2, decisions_per_season: Some(6_000), ..USUAL },
    ] },
    Preset { name: "gallery", purpose: "fine-tuning and replay in every garden of the gallery", parts: &[
        PresetPart { asks: "what is forgotten in each garden, and does replay keep it", methods: GALLERY_METHODS, scenarios: &[
            "four_seasons", "gradual_year", "water_tank", "drought", "monsoon", "maple_autumn", "desert_bloom", "alpine_ice", "heat_waves",
            "night_under_lamps", "dirty_lens", "dynamics_alone", "nothing_changes", "mirror_year"], ..USUAL },
        PresetPart { asks: "what comes back", methods: GALLERY_METHODS, scenarios: &["three_years"], years: 3, decisions_per_season: Some(20_000), ..USUAL },
        PresetPart { asks: "what a slow drift does", methods: GALLERY_METHODS, scenarios: &["warming_climate"], years: 10, decisions_per_season: Some(6_000), ..USUAL },
    ] },
    Preset { name: "phase", purpose: "conflict as an angle x ground held or changed x speed of change: where each method forgets; 3 hours on two cores", parts: &[
        PresetPart { asks: "where does each method forget", ..PHASE },
        PresetPart { asks: "where do declared boundaries begin to harm", methods: PresetMethods::Named(&["replay"]), families: &["phase_untold"], ..PHASE },
        PresetPart { asks: "what does a sense of the last rewards solve", methods: PresetMethods::Named(&["finetune", "replay", "replay_boundary_free"]),
            families: &["phase_rewarded"], ..PHASE },
        PresetPart { asks: "where in seasons of a quarter of the length", methods: PresetMethods::Named(&["finetune", "replay", "replay_boundary_free"]),
            decisions_per_season: Some(15_000), variant: Some(Variant { label: "short", set: &[] }), ..PHASE },
    ] },
    Preset { name: "century", purpose: "a hundred seasons, each new, and the same with one that comes back: learning by age; 4 hours on two cores", parts: &[
        PresetPart { methods: PresetMethods::Named(&["finetune", "scratch", "replay", "replay_boundary_free", "l2_init", "continual_backprop", "redo",
            "shrink_perturb", "parseval"]), ..CENTURY },
        PresetPart { methods: PresetMethods::Named(&["finetune"]), variant: Some(UNNORMALISED), ..CENTURY },
        PresetPart { asks: "what do new networks learn that explore as little as the other methods", methods: PresetMethods::Named(&["scratch"]),
            variant: Some(Variant { label: "like_others", set: &["learner.scratch.restart_exploration=false"] }), ..CENTURY },
    ] },
    Preset { name: "boundaries", purpose: "benefit of declared season boundaries", parts: &[
        PresetPart { asks: "what is a declared boundary worth", methods: PresetMethods::Named(&["finetune", "replay", "replay_boundary_free", "joint"]), scenarios: &["four_seasons", "gradual_year"], ..USUAL },
    ] },
];

impl Preset {
    /// Returns the preset with this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }
}

impl PresetPart {
    /// Returns the overrides of one of the methods. Where all methods are compared, each has what was found for it alone.
    pub fn set_of(&self, method: &str) -> &'static [&'static str] {
        match self.methods {
            PresetMethods::All => alone(method),
            PresetMethods::Named(_) => &[],
        }
    }

    /// Returns the names of the methods.
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
    fn a_part_asks_somewhere_and_its_families_exist() {
        for part in PRESETS.iter().flat_map(|preset| preset.parts) {
            assert!(!part.scenarios.is_empty() || !part.families.is_empty(), "{}", part.asks);
            for name in part.families {
                assert!(crate::authoring::family::ScenarioFamily::find(name).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn the_phase_preset_fits_into_three_hours_on_two_cores() {
        let phase = Preset::find("phase").unwrap();
        let scenarios = |name: &&str| match *name {
            "phase" | "phase_untold" => 40,
            "phase_rewarded" => 4,
            other => panic!("{other}"),
        };
        // Two seasons of 60,000 decisions take about 14 core seconds, evaluations included, those of 15,000 about 4.5.
        let core_seconds: f64 = phase
            .parts
            .iter()
            .map(|part| {
                let runs = part.families.iter().map(scenarios).sum::<usize>() * part.method_names().len() * part.seeds as usize;
                runs as f64 * if part.decisions_per_season.is_some() { 4.5 } else { 14.0 }
            })
            .sum();
        assert!(core_seconds < 3.0 * 3600.0 * 2.0, "{core_seconds}");
    }

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
    fn the_gallery_preset_has_every_garden_of_the_gallery() {
        let gallery = Preset::find("gallery").unwrap();
        let measured: Vec<&str> = gallery.parts.iter().flat_map(|part| part.scenarios).copied().collect();
        for name in
            shipped_names().filter(|name| !["look_alone", "weather_alone", "odd_species", "thrifty_gardener"].contains(name))
        {
            assert!(measured.contains(&name), "{name} is shipped, and not in the gallery");
        }
        assert!(measured.len() >= 14);
    }

    #[test]
    fn the_papers_preset_begins_with_every_method_in_abrupt_and_in_gradual_seasons() {
        let paper = Preset::find("paper").unwrap();
        let every = || paper.parts.iter().filter(|part| part.method_names().len() == METHODS.len());
        for (part, scenario) in every().zip(["four_seasons", "gradual_year"]) {
            assert_eq!((part.seeds, part.scenarios), (12, &[scenario][..]));
        }
        assert_eq!(every().count(), 2);
        assert!(
            paper.parts.iter().all(|part| part.seeds >= 10),
            "a table that claims something has at least ten seeds"
        );
        let quick = Preset::find("quick").unwrap().parts[0];
        assert_eq!((quick.seeds, quick.decisions_per_season), (2, Some(6_000)));
        assert!(Preset::find("slow").is_none());
    }
}
