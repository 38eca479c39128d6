//! Learning: networks, optimiser, replay buffers, algorithms, methods.
//!
//! The learner knows neither Bevy nor seasons. It observes the experience of many gardens ([`Learner::observe`]), performs the
//! updates that are due ([`Learner::learn`]), and provides its policy ([`Learner::copy_policy_into`]), with which a [`Policy`]
//! acts. At most it is notified of the end of a task.
//!
//! | item | description |
//! |---|---|
//! | [`Learner`] | combines replay buffers, an algorithm and a method, and orders their steps |
//! | [`algorithms`] | rules by which a policy network is improved from a batch |
//! | [`methods`] | methods of continual learning, and their compositions |
//! | [`memory`] | replay buffers |
//! | [`network`] | a multilayer perceptron, its matrix products, and the same as a module of dfdx |
//! | [`optimiser`] | Adam over flat slices |
//! | [`StateDict`] | the complete state, in one file with a checksum |
//! | [`inside`] | measures of what happens inside a learner while it learns |
//! | [`settings`] | all hyperparameters |
//! | [`distilling`] | given outputs for given views, distilled into a policy |
//! | [`benchmark`] | fixed workloads for timing |
//!
//! Always holds: the same seed and the same experience give the same weights, bit for bit on one machine; a learner that is saved
//! and loaded continues exactly as without the interruption; the reported size of every buffer is its actual size.

pub mod algorithms;
pub mod benchmark;
mod contexts;
mod core;
pub mod distilling;
mod error;
mod heads;
mod inputs;
pub mod inside;
pub mod losses;
pub mod memory;
pub mod methods;
mod need;
pub mod network;
pub mod optimiser;
mod parts;
mod policy;
pub mod settings;
mod spec;
mod state;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod trained;
mod vectorised;
mod view;

pub use algorithms::{ALGORITHMS, AlgorithmSpec};
pub use contexts::{Context, Contexts, ViewDistribution};
pub use core::{LearnReport, Learner, LearnerLedger, LeftOut};
pub use error::{LearnerError, StateError};
pub use heads::Heads;
pub use inputs::Inputs;
pub use memory::MemoryComposition;
pub use methods::{
    Curriculum, METHODS, MethodPlan, MethodSpec, Needs, all_methods, canonical_method, find_method, plan, plan_with, register,
};
pub use need::{LearnerNeed, LearnerScale};
pub use network::ProductKernel;
pub use policy::{ExplorationPolicy, Policy, PolicySnapshot};
pub use settings::{History, LearnerSettings};
pub use spec::LearnerSpec;
pub use state::{Element, StateDict};
pub use trained::{Outputs, Role};
