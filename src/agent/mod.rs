//! Who decides, and how what was experienced reaches the learner.

mod deciding;
pub mod drivers;
mod truth;

pub use deciding::{Deciding, Experienced, FinishedEpisode, FinishedEpisodes, decide, observe, observe_now, record_outcome};
pub use drivers::{Driver, DriverInput, External};
pub use truth::{GardenTruth, PlantTruth, gather_truths};
