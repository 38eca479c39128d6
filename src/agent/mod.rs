//! The agent: drivers that decide, and the systems in which robots sense and finished episodes are reported.
//!
//! The experience that they leave goes to a learner in `training::learning`.

pub mod drivers;
pub mod systems;
mod truth;

pub use drivers::{Driver, DriverInput};
pub use systems::{Controller, EpisodeFinished, Experienced, GivenActions};
pub use truth::{GardenTruth, PlantTruth, TruthInputs};
