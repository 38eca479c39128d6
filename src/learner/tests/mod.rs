//! Tests of the learner as a whole: forgetting, resuming, rejected inputs.

mod forgetting;
mod gradients;
mod importances;
mod plasticity;
mod regularisation;
mod resuming;
mod sac;
mod strengths;
mod updates;
