//! Live simulation: gardens on a thread of their own, steered by commands and observed through copies.
//!
//! | part | responsibility |
//! |---|---|
//! | [`SimulationThread`] | runs a simulation beside the observer, at the requested pace |
//! | [`Session`] | gardens that are simulated now: learning, driving, manually chosen seasons |
//! | [`Playback`] | a recording in which any tick can be reached |
//! | [`SimulationCommand`] | the commands that a simulation accepts |
//! | [`GardenView`], [`Status`] | copies of the state, for display |
//!
//! Invariant: commands are carried out between two ticks, and the pace only decides when a tick is run. A watched garden
//! therefore goes through the same states, bit for bit, as the same garden in `train`.

mod past;
mod playback;
mod session;
mod shown_driver;
mod simulation_command;
mod simulation_thread;
mod status;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod view;

pub use past::read_past;
pub use playback::Playback;
pub use session::{EarlierPolicy, Session, SessionSettings};
pub use simulation_command::{DriverKind, SimulationCommand};
pub use simulation_thread::{PlayedView, Simulation, SimulationThread};
pub use status::{
    EarlierMark, EarlierStatus, EvaluationRow, InsideStatus, LearningStatus, Programme, SeasonCurvePoint, Status, YearStatus,
};
pub use view::{EpisodeView, GardenView, OutputMeaning, PlantView, PropView, RobotView, SkyView, Thought, WateringView};
