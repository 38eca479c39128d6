//! The learner as a whole: what it remembers, how it resumes, what it refuses.

mod forgetting;
mod gradients;
mod importances;
mod plasticity;
mod regularisation;
mod resuming;
mod sac;
mod strengths;
mod updates;
