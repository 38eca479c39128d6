//! Networks, optimiser, replay memory, algorithms, methods.
//!
//! The learner knows neither Bevy nor seasons. It is shown what many gardens experienced ([`Learner::observe`]), makes the updates
//! that are due ([`Learner::learn`]), and gives away its policy ([`Learner::copy_policy_into`]), from which a [`Policy`] acts. At most
//! it is told that a task ended.
//!
//! | part | what it is |
//! |---|---|
//! | [`Learner`] | memories, an algorithm and a method, and the order of what they do |
//! | [`algorithms`] | how a policy network is improved by a batch |
//! | [`methods`] | what is done against forgetting; compositions |
//! | [`memory`] | what was experienced, in bytes |
//! | [`network`] | a multilayer perceptron over dfdx tensors |
//! | [`optimiser`] | Adam over flat slices |
//! | [`StateDict`] | everything, in one checked file |
//! | [`settings`] | every hyperparameter |
//! | [`benchmark`] | fixed work to be timed |
//!
//! What always holds: the same seed and the same experience make the same weights, bit for bit on one machine; a learner that is
//! saved and loaded goes on as if nothing had happened; every memory's bytes are counted as they are.

pub mod algorithms;
pub mod benchmark;
mod core;
mod error;
mod inputs;
pub mod losses;
pub mod memory;
pub mod methods;
pub mod network;
pub mod optimiser;
mod parallel;
mod policy;
mod registry;
pub mod settings;
mod state;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod trained;

pub use algorithms::{ALGORITHMS, AlgorithmSpec};
pub use core::{LearnReport, Learner, LearnerLedger, LearnerSpec};
pub use error::{LearnerError, StateError};
pub use inputs::Inputs;
pub use memory::MemoryComposition;
pub use methods::{Curriculum, METHODS, MethodPlan, MethodSpec, Needs, canonical_method, plan};
pub use parallel::single_threaded;
pub use policy::{ExplorationPolicy, Policy, PolicySnapshot};
pub use settings::{History, LearnerSettings};
pub use state::{Element, StateDict};
pub use trained::{Outputs, Role};
