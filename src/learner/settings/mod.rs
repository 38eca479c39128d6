//! All hyperparameters of the learner, with unit, source and valid range.
//!
//! The defaults were chosen on this garden: step size, update rate and the share of `replay` as ARCHITECTURE.md says (2026-11-24); strengths by the search in
//! `docs/tuning.toml`, or, as long as a method is not searched, by the first value of its grid. Sources of others are named at their fields.

mod history;
mod sac;

pub(crate) use history::Footprint;
pub use history::History;
pub use sac::SacSettings;

pub use super::methods::settings::*;

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::learner::heads::Heads;
use crate::learner::network::NetworkShape;
use crate::learner::spec::LearnerSpec;

macro_rules! learner_settings {
    ($($method:ident $(($settings:ident))?,)*) => {
        /// All settings of a learner.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
        #[serde(deny_unknown_fields, default)]
        pub struct LearnerSettings {
            /// Transitions per update, including those of past seasons (Mnih et al. 2015 use 32; larger batches make fewer,
            /// better updates, which is cheaper on a CPU).
            #[garde(range(min = 1, max = 65_536))]
            pub batch_size: usize,
            /// Decisions per update, counted over all gardens: 6 gives 8 updates per 3 decisions of 16 gardens.
            #[garde(range(min = 1, max = 1_000_000))]
            pub decisions_per_update: u64,
            /// Units of each hidden layer, from the observation to the outputs.
            #[garde(length(min = 1, max = 8), inner(range(min = 1, max = 4_096)))]
            pub hidden: Vec<usize>,
            /// `true` to normalise the pre-activations of every hidden layer of every network (Ba, Kiros and Hinton 2016, "Layer
            /// normalization"), as Continual World (Wolczyk et al. 2021) does in its first layer and Lyle et al. 2024 in all.
            /// There is no learned gain and offset: see [`network`](crate::learner::network).
            #[garde(skip)]
            pub layer_norm: bool,
            /// Output layers: one for all seasons, or one for each season, as Continual World and PackNet's paper have. With one
            /// for each, the method is told the season in training and in evaluation, and a past season is evaluated with its
            /// own. Methods that cannot be run with one for each are refused; the error names those that can.
            #[garde(skip)]
            pub heads: Heads,
            /// Discount `gamma` per decision (Sutton and Barto 2018, eq. 3.8). 0.97 corresponds to a horizon of about 33
            /// decisions.
            #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
            pub discount: f32,
            /// Maximum norm of the gradient over all networks together; larger gradients are scaled down. 0 turns clipping off.
            /// 10 is Stable-Baselines3's default.
            #[garde(range(min = 0.0, max = 1.0e6), custom(is_a_number))]
            pub maximum_gradient_norm: f32,
            /// Fraction by which the *evaluated* policy moves towards the acting one in each update (Polyak and Juditsky 1992;
            /// Izmailov et al. 2018, "Averaging weights leads to wider optima"). Values learned by bootstrapping fluctuate from
            /// update to update, and with them the best action; the average does not. 0 evaluates the policy of the last update
            /// unchanged.
            #[garde(range(min = 0.0, max = 1.0))]
            pub evaluation_averaging: f32,
            /// Limit on the past data that any method may keep.
            #[garde(skip)]
            pub history: History,
            /// Settings of the optimiser.
            #[garde(dive)]
            pub adam: AdamSettings,
            /// Settings of double deep Q-learning.
            #[garde(dive)]
            pub dqn: DqnSettings,
            /// Settings of the discrete soft actor-critic.
            #[garde(dive)]
            pub sac: SacSettings,
            /// Settings of the replay buffer of recent transitions.
            #[garde(dive)]
            pub fresh_memory: ReplayBufferSettings,
            /// Settings of the reservoir, a uniform sample of all transitions so far.
            #[garde(dive)]
            pub reservoir: ReservoirSettings,
            /// Actions at a declared boundary between tasks.
            #[garde(dive)]
            pub boundary: BoundarySettings,
            $($(
                #[doc = concat!("Settings of the method `", stringify!($method), "`.")]
                #[garde(dive)]
                pub $method: super::methods::$method::$settings,
            )?)*
            /// Settings of methods from outside of this crate (see [`register`](super::register)), by method name.
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
                    layer_norm: true,
                    heads: Heads::Shared,
                    discount: 0.97,
                    maximum_gradient_norm: 10.0,
                    evaluation_averaging: 0.001,
                    history: History::default(),
                    adam: AdamSettings::default(),
                    dqn: DqnSettings::default(),
                    sac: SacSettings::default(),
                    fresh_memory: ReplayBufferSettings::default(),
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

impl LearnerSettings {
    /// Shape of the policy network, and of every critic.
    pub fn network_shape(&self, spec: &LearnerSpec) -> NetworkShape {
        NetworkShape {
            inputs: spec.observation.len(),
            hidden: self.hidden.clone(),
            outputs: spec.actions,
            layer_norm: self.layer_norm,
        }
    }
}

/// Rejects NaN, which a range alone lets through because comparisons with NaN are false.
pub(crate) fn is_a_number(value: &f32, (): &()) -> garde::Result {
    if value.is_nan() {
        Err(garde::Error::new("is not a number"))
    } else {
        Ok(())
    }
}

/// Settings of Adam (Kingma and Ba 2015, algorithm 1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct AdamSettings {
    /// Step size `alpha`.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub learning_rate: f32,
    /// Decay `beta_1` of the mean of gradients, per update.
    #[garde(range(min = 0.0, max = 0.999_99), custom(is_a_number))]
    pub beta_1: f32,
    /// Decay `beta_2` of the mean of squared gradients, per update.
    #[garde(range(min = 0.0, max = 0.999_999), custom(is_a_number))]
    pub beta_2: f32,
    /// Constant added to the root of the mean square, to avoid division by zero.
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

/// Settings of double deep Q-learning (van Hasselt, Guez and Silver 2016).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct DqnSettings {
    /// Fraction by which the target network moves towards the policy network in each update (Lillicrap et al. 2016: `tau`).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub target_averaging: f32,
    /// `true` if the policy network selects the action whose value the target network estimates; otherwise the target network
    /// does both.
    #[garde(skip)]
    pub double: bool,
    /// Temporal-difference error, in units of reward, beyond which the loss is linear instead of quadratic (Huber 1964: `delta`).
    #[garde(range(min = 1.0e-6, max = 1.0e6), custom(is_a_number))]
    pub huber_threshold: f32,
    /// Probability of a random action at the first decision.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub epsilon_start: f32,
    /// Final probability of a random action, which stays constant from then on.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub epsilon_end: f32,
    /// Fraction of the first task's decisions over which that probability decreases linearly.
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

/// Settings of the replay buffer of recent transitions: first in, first out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ReplayBufferSettings {
    /// Maximum number of transitions, over all gardens; each garden has an equal part.
    #[garde(range(min = 2, max = 1_000_000_000))]
    pub capacity: usize,
    /// Minimum number of transitions before updates start, at the beginning and again after the buffer was cleared. Updates
    /// skipped meanwhile are not made up for.
    #[garde(range(min = 1, max = 1_000_000_000))]
    pub minimum_transitions: usize,
}

impl Default for ReplayBufferSettings {
    fn default() -> Self {
        Self {
            capacity: 50_000,
            minimum_transitions: 1_000,
        }
    }
}

/// Settings of the reservoir: a uniform sample of all transitions so far (Vitter 1985, algorithm R).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ReservoirSettings {
    /// Maximum number of transitions.
    #[garde(range(min = 1, max = 1_000_000_000))]
    pub capacity: usize,
    /// Length of segments of consecutive decisions, which are kept or dropped together: `n` transitions then need `n + 1`
    /// observations instead of `2 n`. Longer segments take less memory, but their transitions are more alike.
    #[garde(range(min = 1, max = 1_000))]
    pub segment_decisions: usize,
    /// `true` to pack segments without loss, into about a quarter of their bytes, and to store outputs in half precision; costs time
    /// where a transition is drawn.
    #[garde(skip)]
    pub packed: bool,
}

impl Default for ReservoirSettings {
    fn default() -> Self {
        Self {
            capacity: 20_000,
            segment_decisions: 5,
            packed: false,
        }
    }
}

/// Actions at a declared boundary between tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct BoundarySettings {
    /// Clear the replay buffer of recent transitions.
    #[garde(skip)]
    pub clear_fresh_memory: bool,
    /// Reset the optimiser's state.
    #[garde(skip)]
    pub reset_optimiser: bool,
    /// Replace the networks by new ones.
    #[garde(skip)]
    pub reset_networks: bool,
    /// Restart exploration as in the first task. Off by default, because it tells the policy that a season changed.
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
