//! Policies of several contexts, and the gate that chooses among them by the view alone.

use serde::{Deserialize, Serialize};

use crate::learner::error::StateError;
use crate::learner::state::StateDict;

/// Normal distribution of the views of a context, channel by channel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ViewDistribution {
    means: Vec<f32>,
    precisions: Vec<f32>,
    /// Mean over the channels of the logarithm of the variance.
    offset: f32,
}

impl ViewDistribution {
    /// Creates a distribution; variances must be positive.
    pub fn new(means: &[f32], variances: &[f32]) -> Self {
        let logarithms = variances.iter().map(|&variance| libm::logf(variance));
        Self {
            means: means.to_vec(),
            precisions: variances.iter().map(|variance| 1.0 / variance).collect(),
            offset: logarithms.sum::<f32>() / variances.len().max(1) as f32,
        }
    }

    /// Means, precisions (inverse variances) and offset of the [`surprise`](Self::surprise).
    pub fn parts(&self) -> (&[f32], &[f32], f32) {
        (&self.means, &self.precisions, self.offset)
    }

    /// Mean over the channels of the squared distance of a view from the mean, in variances: about 1 for a view of this context.
    pub fn distance(&self, view: &[f32]) -> f32 {
        let channels = view.iter().zip(&self.means).zip(&self.precisions);
        let sum: f32 = channels
            .map(|((number, mean), precision)| precision * (number - mean) * (number - mean))
            .sum();
        sum / self.means.len().max(1) as f32
    }

    /// The less, the more likely the view is here: the distance plus the mean logarithm of the variances.
    pub fn surprise(&self, view: &[f32]) -> f32 {
        self.distance(view) + self.offset
    }
}

/// Policy of one context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Context {
    /// Its views.
    pub views: ViewDistribution,
    /// Flat parameters of its network.
    pub parameters: Vec<f32>,
}

/// Policies of several contexts: each view is decided by that of the context in which it is most likely.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Contexts(pub Vec<Context>);

impl Contexts {
    /// Returns `true` if one policy decides everything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Number of the context in which a view is most likely, the first of equals.
    pub fn of_view(&self, view: &[f32]) -> usize {
        most_likely(self.0.iter().map(|context| context.views.surprise(view)))
    }

    /// Writes them under `prefix`.
    pub fn save(&self, state: &mut StateDict, prefix: &str) -> Result<(), StateError> {
        if self.0.is_empty() {
            // As in files of older versions.
            return Ok(());
        }
        state.set(format!("{prefix}.contexts"), &self.0.len())?;
        for (number, context) in self.0.iter().enumerate() {
            let prefix = format!("{prefix}.contexts.{number}");
            state.put(format!("{prefix}.means"), &context.views.means);
            state.put(format!("{prefix}.precisions"), &context.views.precisions);
            state.put(format!("{prefix}.offset"), &[context.views.offset]);
            state.put(format!("{prefix}.parameters"), &context.parameters);
        }
        Ok(())
    }

    /// Loads what was written there; there are none in files of older versions.
    pub fn load(state: &StateDict, prefix: &str, inputs: usize, parameters: usize) -> Result<Self, StateError> {
        let count: usize = match state.get(&format!("{prefix}.contexts")) {
            Ok(count) => count,
            Err(StateError::Missing { .. }) => 0,
            Err(error) => return Err(error),
        };
        let context = |number: usize| {
            let prefix = format!("{prefix}.contexts.{number}");
            let mut offset = [0.0];
            state.copy_to(&format!("{prefix}.offset"), &mut offset)?;
            Ok(Context {
                views: ViewDistribution {
                    means: state.array_of_len(&format!("{prefix}.means"), inputs)?,
                    precisions: state.array_of_len(&format!("{prefix}.precisions"), inputs)?,
                    offset: offset[0],
                },
                parameters: state.array_of_len(&format!("{prefix}.parameters"), parameters)?,
            })
        };
        Ok(Self((0..count).map(context).collect::<Result<_, StateError>>()?))
    }
}

/// Returns the place of the least surprise, the first of equals.
pub(crate) fn most_likely(surprises: impl Iterator<Item = f32>) -> usize {
    let mut least = (0, f32::INFINITY);
    for (place, surprise) in surprises.enumerate() {
        if surprise < least.1 {
            least = (place, surprise);
        }
    }
    least.0
}
