//! Every hyperparameter of the learner, with its unit, its source, and the range in which it makes sense.
//!
//! The defaults are the values that a prototype of the garden was found to work with; see each field.

mod history;
mod sac;

pub(crate) use history::Footprint;
pub use history::History;
pub use sac::SacSettings;

pub use super::methods::settings::*;

use garde::Validate;
use serde::{Deserialize, Serialize};

macro_rules! learner_settings {
    ($($method:ident $(($settings:ident))?,)*) => {
        /// All settings of a learner.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
        #[serde(deny_unknown_fields, default)]
        pub struct LearnerSettings {
            /// Transitions in the batch of one update, those of past seasons included (Mnih et al. 2015 use 32; larger batches make fewer,
            /// better updates, which is cheaper on a processor).
            #[garde(range(min = 1, max = 65_536))]
            pub batch_size: usize,
            /// Decisions, counted over all gardens, for each update: 6 makes 8 updates for each
            /// 3 decisions of 16 gardens.
            #[garde(range(min = 1, max = 1_000_000))]
            pub decisions_per_update: u64,
            /// Units of each hidden layer, from the senses to the outputs.
            #[garde(length(min = 1, max = 8), inner(range(min = 1, max = 4_096)))]
            pub hidden: Vec<usize>,
            /// The discount `gamma` of a reward one decision later (Sutton and Barto 2018, eq. 3.8). 0.97 looks about 33 decisions ahead.
            #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
            pub discount: f32,
            /// Gradients are scaled down to this norm, taken over all networks together; 0 turns clipping off. 10 is Stable-Baselines3's
            /// default.
            #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
            pub maximum_gradient_norm: f32,
            /// How far the policy that is *evaluated* moves towards the one that acts in each update (Polyak and Juditsky 1992; Izmailov et
            /// al. 2018, "Averaging weights leads to wider optima"). Values learned by bootstrapping jump from update to update, and with
            /// them the best action; the average is what was learned. 0 evaluates the policy of the last update as it is.
            #[garde(range(min = 0.0, max = 1.0))]
            pub evaluation_averaging: f32,
            /// How much of the past a method may keep, whichever it is.
            #[garde(skip)]
            pub history: History,
            /// The optimiser.
            #[garde(dive)]
            pub adam: AdamSettings,
            /// Double deep Q-learning.
            #[garde(dive)]
            pub dqn: DqnSettings,
            /// The discrete soft actor-critic.
            #[garde(dive)]
            pub sac: SacSettings,
            /// The buffer of recent transitions.
            #[garde(dive)]
            pub fresh_memory: FreshMemorySettings,
            /// The reservoir: a uniform sample of all transitions so far.
            #[garde(dive)]
            pub reservoir: ReservoirSettings,
            /// What happens at a boundary between tasks, where one is declared.
            #[garde(dive)]
            pub boundary: BoundarySettings,
            $($(
                #[doc = concat!("Settings of the method `", stringify!($method), "`.")]
                #[garde(dive)]
                pub $method: super::methods::$method::$settings,
            )?)*
            /// Settings of methods from outside of this crate (see [`register`](super::register)), by the method's name.
            #[serde(skip_serializing_if = "toml::Table::is_empty")]
            #[garde(skip)]
            pub custom: toml::Table,
        }

        impl Default for LearnerSettings {
            fn default() -> Self {
                Self {
                    batch_size: 128,
                    decisions_per_update: 6,
                    hidden: vec![128, 128],
                    discount: 0.97,
                    maximum_gradient_norm: 10.0,
                    evaluation_averaging: 0.001,
                    history: History::default(),
                    adam: AdamSettings::default(),
                    dqn: DqnSettings::default(),
                    sac: SacSettings::default(),
                    fresh_memory: FreshMemorySettings::default(),
                    reservoir: ReservoirSettings::default(),
                    boundary: BoundarySettings::default(),
                    $($( $method: super::methods::$method::$settings::default(), )?)*
                    custom: toml::Table::new(),
                }
            }
        }
    };
}
super::methods::for_each_method!(learner_settings);

/// Comparisons with "not a number" are all false, so a range alone lets it through.
pub(crate) fn is_a_number(value: &f32, (): &()) -> garde::Result {
    if value.is_nan() {
        Err(garde::Error::new("is not a number"))
    } else {
        Ok(())
    }
}

/// Adam (Kingma and Ba 2015, algorithm 1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct AdamSettings {
    /// The step size `alpha`.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub learning_rate: f32,
    /// The decay `beta_1` of the mean of gradients, for each update.
    #[garde(range(min = 0.0, max = 0.999_99), custom(is_a_number))]
    pub beta_1: f32,
    /// The decay `beta_2` of the mean of squared gradients, for each update.
    #[garde(range(min = 0.0, max = 0.999_999), custom(is_a_number))]
    pub beta_2: f32,
    /// Added to the root of the mean square, so that nothing is divided by zero.
    #[garde(range(min = 1.0e-12, max = 1.0), custom(is_a_number))]
    pub epsilon: f32,
}

impl Default for AdamSettings {
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-8,
        }
    }
}

/// Double deep Q-learning (van Hasselt, Guez and Silver 2016).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct DqnSettings {
    /// How far the target network moves towards the policy network in each update (Lillicrap et al. 2016: `tau`).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub target_averaging: f32,
    /// Whether the policy network chooses the action whose value the target network tells; otherwise the target network does both.
    #[garde(skip)]
    pub double: bool,
    /// Temporal-difference errors beyond this count linearly, not squared (Huber 1964: `delta`), in units of reward.
    #[garde(range(min = 1.0e-6, max = 1.0e6), custom(is_a_number))]
    pub huber_threshold: f32,
    /// The probability of a random action at the first decision.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub epsilon_start: f32,
    /// The probability of a random action once exploration has come down; it stays there for ever.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub epsilon_end: f32,
    /// The share of the first task's decisions over which that probability falls, linearly.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub exploration_fraction: f32,
}

impl Default for DqnSettings {
    fn default() -> Self {
        Self {
            target_averaging: 0.01,
            double: true,
            huber_threshold: 1.0,
            epsilon_start: 1.0,
            epsilon_end: 0.05,
            exploration_fraction: 0.2,
        }
    }
}

/// The memory of what was experienced lately: first in, first out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct FreshMemorySettings {
    /// Transitions that are kept at most, all gardens together; each garden has an equal part.
    #[garde(range(min = 2, max = 1_000_000_000))]
    pub capacity: usize,
    /// Updates wait until so many transitions are there, at the start and again after the memory was cleared. Updates that did not
    /// happen are not made up for.
    #[garde(range(min = 1, max = 1_000_000_000))]
    pub minimum_transitions: usize,
}

impl Default for FreshMemorySettings {
    fn default() -> Self {
        Self {
            capacity: 50_000,
            minimum_transitions: 1_000,
        }
    }
}

/// The memory of all that was ever experienced: a uniform sample of it (Vitter 1985, algorithm R).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ReservoirSettings {
    /// Transitions that are kept at most.
    #[garde(range(min = 1, max = 1_000_000_000))]
    pub capacity: usize,
    /// Consecutive decisions that are kept or forgotten together, so that `n` transitions need `n + 1` observations, not `2 n`.
    /// Longer ones take less memory and are more alike among themselves.
    #[garde(range(min = 1, max = 1_000))]
    pub segment_decisions: usize,
}

impl Default for ReservoirSettings {
    fn default() -> Self {
        Self {
            capacity: 20_000,
            segment_decisions: 5,
        }
    }
}

/// What happens at a declared boundary between tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct BoundarySettings {
    /// Forget what was experienced lately.
    #[garde(skip)]
    pub clear_fresh_memory: bool,
    /// Forget the optimiser's means of gradients.
    #[garde(skip)]
    pub reset_optimiser: bool,
    /// Begin with new networks.
    #[garde(skip)]
    pub reset_networks: bool,
    /// Explore as in the first task. Off, because it tells the policy that a season changed.
    #[garde(skip)]
    pub restart_exploration: bool,
}

impl Default for BoundarySettings {
    fn default() -> Self {
        Self {
            clear_fresh_memory: true,
            reset_optimiser: false,
            reset_networks: false,
            restart_exploration: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_in_range() {
        assert!(LearnerSettings::default().validate().is_ok());
    }

    #[test]
    fn a_setting_out_of_range_is_named_by_its_path() {
        let mut settings = LearnerSettings::default();
        settings.dqn.epsilon_end = 1.5;
        settings.hidden = vec![128, 0];
        let report = settings.validate().unwrap_err().to_string();
        assert!(report.contains("dqn.epsilon_end"), "{report}");
        assert!(report.contains("hidden[1]"), "{report}");
    }

    #[test]
    fn not_a_number_is_out_of_range() {
        let mut settings = LearnerSettings::default();
        settings.adam.learning_rate = f32::NAN;
        assert!(settings.validate().is_err());
    }

    #[test]
    fn unknown_keys_are_refused_and_missing_ones_have_defaults() {
        assert!(toml::from_str::<LearnerSettings>("gamma = 0.9").is_err());
        let settings: LearnerSettings = toml::from_str("[replay]\ncloning_weight = 0.0").unwrap();
        assert_eq!(
            settings.replay,
            ReplaySettings {
                cloning_weight: 0.0,
                ..Default::default()
            }
        );
    }

    #[test]
    fn settings_survive_toml() {
        let settings = LearnerSettings {
            discount: 0.9,
            ..Default::default()
        };
        assert_eq!(
            toml::from_str::<LearnerSettings>(&toml::to_string(&settings).unwrap()).unwrap(),
            settings
        );
    }
}
