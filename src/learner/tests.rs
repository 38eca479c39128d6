//! The learner as a whole: what it remembers, how it resumes, what it refuses.

mod forgetting;
mod gradients;
mod plasticity;
mod resuming;
mod strength_zero;
mod updates;
