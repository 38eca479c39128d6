//! Measures of what happens inside a learner while it learns.
//!
//! | measure | formula | source |
//! |---|---|---|
//! | [`agreement`] | `g . h / (\|g\| \|h\|)` of the gradients of two tasks, layer by layer | Lopez-Paz and Ranzato 2017, "Gradient episodic memory"; Yu et al. 2020, "Gradient surgery" |
//! | [`dormant_fraction`] | units with `mean \|h_i\| / mean_k mean \|h_k\| <= 0.025` | Sokar et al. 2023, "The dormant neuron phenomenon", eq. 1 |
//! | [`stable_rank`] | `\|X\|_F^2 / \|X\|_2^2` of the centred activations | Rudelson and Vershynin 2007, "Sampling from large matrices" |
//! | [`similarity`] | linear CKA, with the unbiased HSIC | Kornblith et al. 2019, "Similarity of neural network representations revisited"; Song et al. 2012, "Feature selection via dependence maximization", eq. 5 |
//! | [`divergence`] | `KL(then \|\| now)` of a stochastic policy; of values, the root mean squared change of the advantages | Kullback and Leibler 1951; Baird 1993, "Advantage updating" |
//! | [`concentration`] | `(sum F)^2 / (n sum F^2)` of the importances of weights | Kish 1965, "Survey sampling" |
//! | [`GroupInfluence`] | `-grad loss(z) . grad m`, mean over a group of transitions | Pruthi et al. 2020, "Estimating training data influence by tracing gradient descent" |
//! | [`relative_norms`] | `\|step\| / \|theta\|` of a layer | Lyle et al. 2024, "Normalization and effective learning rates in reinforcement learning" |
//!
//! Values are compared by the change of their advantages `Q(s, a) - mean_b Q(s, b)`, in units of reward, and not as a softmax: that would need a
//! temperature that nothing in learning provides, and a common offset decides nothing.
//!
//! Always holds: looking changes nothing that is learned. No random stream is drawn from, gradients are computed aside, and the multiply-adds
//! are not counted as the learner's.

mod influence;
mod look;
mod measures;

pub use influence::{GroupInfluence, InfluenceQuestion};
pub use look::{InsideLook, LayerLook, PolicyLook, ProbeBatches, WeightImportance, look_at_policy};
pub use measures::{agreement, concentration, divergence, dormant_fraction, gram, norm, relative_norms, similarity, stable_rank};
