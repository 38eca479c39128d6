//! The agent: drivers that decide, and the systems that pass experience to a learner.

pub mod drivers;
pub mod systems;
mod truth;

pub use drivers::{Driver, DriverInput};
pub use systems::{Controller, EpisodeFinished, Experienced, GivenActions};
pub use truth::{GardenTruth, PlantTruth, TruthInputs};
