//! An estimate of the memory that a learner needs, from its settings alone.
//!
//! Made before anything is allocated: a learner whose memories do not fit would otherwise be killed by the system in the middle of a
//! run. Every method estimates its own part in its [`MethodSpec`](crate::learner::MethodSpec). Sums saturate, so that absurd settings
//! need absurdly much rather than little.

use crate::learner::algorithms;
use crate::learner::error::LearnerError;
use crate::learner::heads::Heads;
use crate::learner::methods;
use crate::learner::settings::LearnerSettings;
use crate::learner::spec::LearnerSpec;

/// Copies of its weights that a network in training has: parameters, gradient, two moments, and a mirror in matrices, whose rows are filled
/// up and therefore count twice.
const COPIES_OF_TRAINED: u64 = 6;
/// Copies that a target network has: parameters and such a mirror.
const COPIES_OF_TARGET: u64 = 3;
/// Copies of the policy beside these: the running average, the policy that acts with its mirror, snapshots on their way to it.
const COPIES_OF_POLICY: u64 = 7;
/// Rows of a batch for each transition: the observation and the next one.
const ROWS_OF_TRANSITION: u64 = 2;
/// Copies of a row of inputs: decoded, and in the passes of the network and of its target.
const COPIES_OF_INPUTS: u64 = 4;
/// Copies of a row of units: outputs and gradients, filled up, of the network and of its target.
const COPIES_OF_UNITS: u64 = 8;
/// Copies more where units are normalised: their normalised numbers, of the network and of its target.
const COPIES_OF_NORMALISED: u64 = 2;
/// Bytes of a decoded number.
const NUMBER: u64 = size_of::<f32>() as u64;

/// Sizes from which methods estimate the memory that they need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LearnerScale {
    /// Bytes of an observation, which are as many as its numbers.
    pub observation: u64,
    /// Number of actions.
    pub actions: u64,
    /// Gardens side by side.
    pub gardens: u64,
    /// Decisions of the whole run.
    pub decisions: u64,
    /// Numbers that go into each layer, the constant 1 included.
    pub layer_inputs: Vec<u64>,
    /// Parameters of one network.
    pub parameters: u64,
    /// Networks in training.
    pub networks: u64,
}

impl LearnerScale {
    /// Bytes of `copies` copies of the weights of all networks in training.
    pub fn weights(&self, copies: u64) -> u64 {
        product(&[copies, self.networks, self.parameters, NUMBER])
    }

    /// Bytes of so many numbers.
    pub fn numbers(&self, count: u64) -> u64 {
        product(&[count, NUMBER])
    }

    /// Bytes of one more network that is trained beside them.
    pub fn another_network(&self) -> u64 {
        product(&[COPIES_OF_TRAINED, self.parameters, NUMBER])
    }

    /// Upper bound of the entries in a buffer: one per decision, plus the last observation of each episode.
    pub fn most_experience(&self) -> u64 {
        self.decisions.saturating_mul(2).max(2 * self.gardens)
    }

    /// Bytes of `entries` entries in the replay buffer of recent transitions.
    pub fn recent(&self, entries: u64) -> u64 {
        entries.saturating_mul(self.observation + 1 + NUMBER + 1 + 2)
    }
}

/// Bytes that a learner needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LearnerNeed {
    /// Experience, and what else a method keeps.
    pub memories: u64,
    /// Networks with their optimisers, targets and mirrors.
    pub networks: u64,
    /// A batch and its passes.
    pub batches: u64,
}

impl LearnerNeed {
    /// The bytes that a learner of these settings needs once its memories are full; `decisions` are those of the whole run.
    ///
    /// # Errors
    /// An unknown algorithm or method.
    pub fn of(
        algorithm: &str,
        method: &str,
        settings: &LearnerSettings,
        spec: &LearnerSpec,
        decisions: u64,
    ) -> Result<Self, LearnerError> {
        let algorithm = algorithms::find(algorithm)?;
        let plan = methods::plan_with(method, settings)?;
        let shape = settings.network_shape(spec);
        let layers = shape.layers();
        let scale = LearnerScale {
            observation: shape.inputs as u64,
            actions: shape.outputs as u64,
            gardens: spec.gardens as u64,
            decisions,
            layer_inputs: layers.iter().map(|layer| layer.inputs as u64 + 1).collect(),
            parameters: shape.parameters() as u64,
            networks: algorithm.networks,
        };
        let capacity = settings.fresh_memory.capacity as u64;
        // Each garden has two entries at least.
        let recent = capacity.max(2 * scale.gardens).min(scale.most_experience());
        // Output layers of other tasks: parameters, target and two moments in each network, and their running average.
        let heads = match (settings.heads, layers.last()) {
            (Heads::PerSeason, Some(last)) => {
                let tasks = (decisions / spec.decisions_per_task.max(1)).min(u64::from(u16::MAX));
                product(&[tasks, 4 * scale.networks + 1, last.range.len() as u64, NUMBER])
            }
            _ => 0,
        };
        let of_methods = plan.methods.iter().map(|method| (method.memory)(settings, &scale));
        let units: u64 = layers.iter().map(|layer| layer.outputs as u64 + 1).sum();
        let of_units = COPIES_OF_UNITS + if shape.layer_norm { COPIES_OF_NORMALISED } else { 0 };
        let row = NUMBER.saturating_mul(COPIES_OF_INPUTS * scale.layer_inputs.iter().sum::<u64>() + of_units * units);
        let copies = algorithm.networks * COPIES_OF_TRAINED + algorithm.targets * COPIES_OF_TARGET + COPIES_OF_POLICY;
        Ok(Self {
            memories: of_methods.chain([heads]).fold(scale.recent(recent), u64::saturating_add),
            networks: product(&[copies, scale.parameters, NUMBER]),
            batches: product(&[settings.batch_size as u64, ROWS_OF_TRANSITION, algorithm.networks, row]),
        })
    }
}

/// The product of these numbers, or the greatest number.
pub(crate) fn product(factors: &[u64]) -> u64 {
    factors.iter().fold(1, |product: u64, &factor| product.saturating_mul(factor))
}
