//! Settings of the methods that give tasks weights, networks or features of their own.

use garde::Validate;
use serde::{Deserialize, Serialize};

use super::is_a_number;

/// PackNet (Mallya and Lazebnik 2018).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct PacknetSettings {
    /// The share of each layer's weights that a task keeps for itself; 0 equals `finetune`. 0.25 gives four tasks equal parts, as in
    /// Continual World (Wolczyk et al. 2021); later tasks only use what is there.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub share_of_a_task: f32,
    /// Updates at the end of a task in which the weights that it keeps learn to do without the others.
    #[garde(range(min = 0, max = 10_000_000))]
    pub retraining_updates: u64,
    /// Whether they learn from what the network said before it was pruned; otherwise from rewards, as in Continual World.
    #[garde(skip)]
    pub retrain_on_outputs: bool,
}

impl Default for PacknetSettings {
    fn default() -> Self {
        Self {
            // Found by tuning: docs/tuning.toml.
            share_of_a_task: 0.2,
            retraining_updates: 2_000,
            retrain_on_outputs: true,
        }
    }
}

/// Reset and distil (Ahn et al. 2024).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct ResetDistilSettings {
    /// Updates of the student at the end of each task; 0 has no student, resets nothing, and equals `finetune`.
    #[garde(range(min = 0, max = 10_000_000))]
    pub distillation_updates: u64,
    /// Views in the batch of one such update; half of them are of past tasks, once there are any.
    #[garde(range(min = 1, max = 65_536))]
    pub batch_size: usize,
    /// Views of past tasks that are kept at most, with their teachers' outputs; all tasks have equal parts.
    #[garde(range(min = 1, max = 1_000_000_000))]
    pub views: usize,
    /// Explore at the beginning of each task as in the first one, since the networks are as new as there.
    #[garde(skip)]
    pub restart_exploration: bool,
}

impl Default for ResetDistilSettings {
    fn default() -> Self {
        Self {
            distillation_updates: 4_000,
            batch_size: 256,
            views: 20_000,
            restart_exploration: true,
        }
    }
}

/// Self-predictive representations (Schwarzer et al. 2021).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Validate)]
#[serde(deny_unknown_fields, default)]
pub struct SelfSupervisedSettings {
    /// The weight of the prediction's loss beside the algorithm's own (Schwarzer et al.: `lambda`, 2); 0 equals `finetune`.
    #[garde(range(min = 0.0, max = 1.0e3), custom(is_a_number))]
    pub weight: f32,
    /// Decisions that are predicted ahead (Schwarzer et al.: `K`, 5).
    #[garde(range(min = 1, max = 32))]
    pub steps: usize,
    /// Sequences from which each update learns to predict.
    #[garde(range(min = 1, max = 65_536))]
    pub sequences: usize,
    /// The decay of the encoder's average that makes the targets, for each update (Schwarzer et al.: `tau`, 0.99 without
    /// augmentation of images).
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub target_decay: f32,
    /// Units of the hidden layer that predicts the next latent.
    #[garde(range(min = 1, max = 4_096))]
    pub transition_units: usize,
    /// Latents whose directions spread less than this, of at most 1, have collapsed: the alarm is on.
    #[garde(range(min = 0.0, max = 1.0), custom(is_a_number))]
    pub collapse_spread: f32,
}

impl Default for SelfSupervisedSettings {
    fn default() -> Self {
        Self {
            // Found by tuning: docs/tuning.toml.
            weight: 0.1,
            steps: 3,
            sequences: 32,
            target_decay: 0.99,
            transition_units: 128,
            collapse_spread: 0.01,
        }
    }
}
