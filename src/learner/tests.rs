//! The learner as a whole: what it remembers, how it resumes, what it refuses.

mod forgetting;
mod gradients;
mod holding;
mod importances;
mod resuming;
mod sac;
mod strengths;
mod updates;
