//! Adapters: what a policy learned for another taste, in a file of its own beside the policy, which stays as it is.
//!
//! A file is a state file, as that of a policy: the [factors](crate::learner::methods::low_rank) of each layer, and the hash of the network that they belong to.
//!
//! Always holds: an adapter with its base is the policy that its run evaluates, bit for bit; without it the base is what it was.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::run_folder::{checkpoints_of, write_atomically};
use super::{RunPolicy, TrainingError};
use crate::learner::methods::low_rank::{LayerFactors, LowRankSettings, adapted};
use crate::learner::network::NetworkShape;
use crate::learner::{PolicySnapshot, StateDict, StateError};
use crate::training::read_run_config;

/// Change of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Adapter {
    /// Origin of the adapter, and the network that it belongs to.
    pub origin: AdapterOrigin,
    /// Factors of each layer.
    factors: Vec<LayerFactors>,
}

/// Origin of an adapter, and the network that it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdapterOrigin {
    /// Name of the scenario whose taste was learned.
    pub scenario: String,
    /// Decisions that it took.
    pub decisions: u64,
    /// Hash of the network that it changes.
    pub base: String,
    /// Sizes of that network.
    pub shape: NetworkShape,
    /// Rank of the change of each layer.
    pub rank: usize,
}

/// An adapter does not belong to a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum AdapterMisfit {
    /// The networks have other sizes.
    #[error("the adapter is for a network of {expected}, and the policy's is of {found}")]
    Shape {
        /// Sizes that the adapter is for.
        expected: String,
        /// Sizes of the policy.
        found: String,
    },
    /// The network has other weights.
    #[error("the adapter was learned on another policy, {expected}, and this one is {found}")]
    #[diagnostic(help("give the policy that `personalise` was given"))]
    Base {
        /// Hash of the network that the adapter is for.
        expected: String,
        /// Hash of the policy's.
        found: String,
    },
    /// The policy has several networks.
    #[error("the policy has several networks, and an adapter changes one")]
    SeveralNetworks,
}

impl Adapter {
    /// Reads the adapter that a finished run of the method `low_rank` learned, which began with this policy.
    ///
    /// # Errors
    /// The run cannot be read, or has no adapter.
    pub fn of_run(run: &Path, base: &PolicySnapshot) -> Result<Self, TrainingError> {
        let config = read_run_config(run)?;
        let (checkpoint, ..) = checkpoints_of(run).newest()?;
        let state = StateDict::from_bytes(&checkpoint.body)?;
        let prefix = "learner.method.low_rank";
        let which = if config.learner.evaluation_averaging > 0.0 {
            "average"
        } else {
            "now"
        };
        let factors = (0..base.shape.layers().len()).map(|layer| {
            Ok(LayerFactors {
                a: state.array(&format!("{prefix}.{layer}.{which}.a"))?,
                b: state.array(&format!("{prefix}.{layer}.{which}.b"))?,
            })
        });
        Ok(Self {
            factors: factors.collect::<Result<_, StateError>>()?,
            origin: AdapterOrigin {
                scenario: config.scenario.name.clone(),
                decisions: checkpoint.decisions,
                base: base.hash(),
                shape: base.shape.clone(),
                rank: LowRankSettings::of(&config.learner).rank,
            },
        })
    }

    /// Number of its parameters.
    pub fn parameters(&self) -> usize {
        self.factors.iter().map(|layer| layer.a.len() + layer.b.len()).sum()
    }

    /// Returns the personalised network.
    ///
    /// # Errors
    /// The adapter belongs to another network.
    pub fn apply(&self, base: &PolicySnapshot) -> Result<PolicySnapshot, AdapterMisfit> {
        if !base.contexts.is_empty() {
            return Err(AdapterMisfit::SeveralNetworks);
        }
        if base.shape != self.origin.shape {
            let sizes = |shape: &NetworkShape| {
                let sizes = [shape.inputs]
                    .into_iter()
                    .chain(shape.hidden.iter().copied())
                    .chain([shape.outputs]);
                sizes.map(|size| size.to_string()).collect::<Vec<_>>().join(", ")
            };
            return Err(AdapterMisfit::Shape {
                expected: sizes(&self.origin.shape),
                found: sizes(&base.shape),
            });
        }
        if base.hash() != self.origin.base {
            return Err(AdapterMisfit::Base {
                expected: self.origin.base.clone(),
                found: base.hash(),
            });
        }
        let mut personalised = base.clone();
        adapted(
            &base.shape,
            &base.parameters,
            &self.factors,
            self.origin.rank,
            &mut personalised.parameters,
        );
        Ok(personalised)
    }

    /// Returns the personalised policy.
    ///
    /// # Errors
    /// As [`apply`](Self::apply); or there is one network for each season.
    pub fn apply_to(&self, policy: &RunPolicy) -> Result<RunPolicy, TrainingError> {
        if policy.is_by_season() {
            return Err(AdapterMisfit::SeveralNetworks.into());
        }
        let network = self.apply(&policy.networks()[0])?;
        Ok(RunPolicy::new(
            vec![network],
            policy.origin.clone(),
            policy.trained_on.clone(),
        )?)
    }

    /// Returns it as a file.
    ///
    /// # Errors
    /// None that an adapter of a run could cause.
    pub fn to_bytes(&self) -> Result<Vec<u8>, StateError> {
        let mut state = StateDict::new();
        state.set("adapter", &self.origin)?;
        for (layer, factors) in self.factors.iter().enumerate() {
            state.put(format!("{layer}.a"), &factors.a);
            state.put(format!("{layer}.b"), &factors.b);
        }
        state.to_bytes()
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    /// The bytes are damaged, or something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StateError> {
        let state = StateDict::from_bytes(bytes)?;
        let origin: AdapterOrigin = state.get("adapter")?;
        if !origin.shape.is_possible() {
            return Err(StateError::Mismatch {
                entry: "adapter".to_owned(),
                expected: "sizes of a network".to_owned(),
                found: format!("{:?}", origin.shape),
            });
        }
        let layers = origin.shape.layers();
        let factors = layers.iter().enumerate().map(|(number, layer)| {
            let length = |size: usize| size.saturating_mul(origin.rank);
            Ok(LayerFactors {
                a: state.array_of_len(&format!("{number}.a"), length(layer.inputs + 1))?,
                b: state.array_of_len(&format!("{number}.b"), length(layer.outputs))?,
            })
        });
        let factors: Vec<LayerFactors> = factors.collect::<Result<_, StateError>>()?;
        if factors
            .iter()
            .flat_map(|layer| layer.a.iter().chain(&layer.b))
            .any(|number| !number.is_finite())
        {
            return Err(StateError::Damaged {
                reason: "the factors are not all finite".to_owned(),
            });
        }
        Ok(Self { origin, factors })
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), TrainingError> {
        let bytes = self.to_bytes()?;
        write_atomically(path, |file| std::io::Write::write_all(file, &bytes))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learner::ExplorationPolicy;
    use crate::random::stream;

    fn base(hidden: usize) -> PolicySnapshot {
        let shape = NetworkShape {
            inputs: 3,
            hidden: vec![hidden],
            outputs: 5,
            layer_norm: true,
        };
        PolicySnapshot {
            parameters: shape.initial_parameters(&mut stream(1, "test", 0)),
            shape,
            exploration: ExplorationPolicy::EpsilonGreedy { epsilon: 0.0 },
            contexts: Default::default(),
        }
    }

    fn adapter(base: &PolicySnapshot, numbers: f32) -> Adapter {
        let factors = base.shape.layers().into_iter().map(|layer| LayerFactors {
            a: vec![numbers; 2 * (layer.inputs + 1)],
            b: vec![0.25; 2 * layer.outputs],
        });
        Adapter {
            factors: factors.collect(),
            origin: AdapterOrigin {
                scenario: "thrifty".to_owned(),
                decisions: 600,
                base: base.hash(),
                shape: base.shape.clone(),
                rank: 2,
            },
        }
    }

    #[test]
    fn an_adapter_adds_its_product_to_every_layer_and_its_base_stays() {
        let base = base(4);
        let before = base.clone();
        let personalised = adapter(&base, 0.5).apply(&base).unwrap();
        assert_eq!(base, before);
        for (now, before) in personalised.parameters.iter().zip(&before.parameters) {
            assert!((now - before - 0.25).abs() < 1e-6, "two times a half times a quarter");
        }
        assert_eq!(adapter(&base, 0.5).parameters(), 2 * (4 + 4) + 2 * (5 + 5));
    }

    #[test]
    fn an_adapter_survives_its_file_and_a_damaged_one_is_refused() {
        let adapter = adapter(&base(4), 0.125);
        let bytes = adapter.to_bytes().unwrap();
        assert_eq!(Adapter::from_bytes(&bytes).unwrap(), adapter);
        let mut damaged = bytes.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        assert!(Adapter::from_bytes(&damaged).is_err());
        assert!(Adapter::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        let mut infinite = adapter;
        infinite.factors[0].a[0] = f32::NAN;
        assert!(Adapter::from_bytes(&infinite.to_bytes().unwrap()).is_err());
    }

    #[test]
    fn a_policy_of_other_sizes_or_weights_is_refused() {
        let own = base(4);
        let adapter = adapter(&own, 0.5);
        assert!(matches!(adapter.apply(&base(5)), Err(AdapterMisfit::Shape { .. })));
        let mut other = own;
        other.parameters[0] += 1.0;
        assert!(matches!(adapter.apply(&other), Err(AdapterMisfit::Base { .. })));
    }
}
