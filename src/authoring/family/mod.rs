//! Families of scenarios: many scenarios made from few parameters, to ask one question at many places.
//!
//! A family is a function of its name and a seed, so its files can be made anew anywhere. Its scenarios are written as ordinary files, which can be
//! read, checked, changed and run by themselves.
//!
//! | family | parameters |
//! |---|---|
//! | `phase`, `phase_untold`, `phase_rewarded` | [`phase`]: conflict as an angle, ground and sky, speed of change |
//! | `century`, `century_returning` | [`century`]: a hundred seasons, each new |

pub mod century;
pub mod phase;
pub mod turned;

use super::random::year_file;
use crate::scenario::Scenario;

/// A family of scenarios.
#[derive(Clone, Copy, Debug)]
pub struct ScenarioFamily {
    /// Name, as on the command line and in presets.
    pub name: &'static str,
    /// Content, in one line.
    pub purpose: &'static str,
    make: fn(u64) -> Vec<Scenario>,
}

/// A file of a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyFile {
    /// File name.
    pub name: String,
    /// Text, as TOML.
    pub text: String,
}

/// All families.
pub static FAMILIES: &[ScenarioFamily] = &[
    ScenarioFamily {
        name: "phase",
        purpose: "two seasons: angle between their colours x ground held or changed x speed of change; boundaries declared everywhere",
        make: |_| phase::scenarios(phase::PhaseVariant::Declared),
    },
    ScenarioFamily {
        name: "phase_untold",
        purpose: "the same; no boundary is declared anywhere",
        make: |_| phase::scenarios(phase::PhaseVariant::Untold),
    },
    ScenarioFamily {
        name: "phase_rewarded",
        purpose: "full reversal on the same ground, for a robot that senses its last rewards",
        make: |_| phase::scenarios(phase::PhaseVariant::Rewarded),
    },
    ScenarioFamily {
        name: "century",
        purpose: "a hundred seasons, each with a look of its own",
        make: |seed| vec![century::scenario(seed, false)],
    },
    ScenarioFamily {
        name: "century_returning",
        purpose: "the same; the tenth season comes back every ten",
        make: |seed| vec![century::scenario(seed, true)],
    },
];

impl ScenarioFamily {
    /// Returns the family of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        FAMILIES.iter().find(|family| family.name == name)
    }

    /// Makes its scenarios. Families that draw nothing at random are the same for every seed.
    pub fn scenarios(&self, seed: u64) -> Vec<Scenario> {
        (self.make)(seed)
    }

    /// Makes its files, one for each scenario.
    pub fn files(&self, seed: u64) -> Vec<FamilyFile> {
        let file = |scenario: &Scenario| FamilyFile {
            name: format!("{}.toml", scenario.name.replace([' ', '.'], "-")),
            text: year_file(scenario),
        };
        self.scenarios(seed).iter().map(file).collect()
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
