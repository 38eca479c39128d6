//! A garden that somebody watches: simulated on a thread of its own, steered by orders, shown by copies.
//!
//! | part | what it answers |
//! |---|---|
//! | [`SimulationThread`] | how does it run beside whoever watches, at the pace that is asked for? |
//! | [`Session`] | gardens that are simulated now: learning, driving, seasons by hand |
//! | [`Playback`] | a recording, with its every tick to go to |
//! | [`SimulationCommand`] | what can be asked for |
//! | [`GardenView`], [`Status`] | what is shown |
//!
//! What always holds: orders are carried out between two ticks, and pace is only a matter of when a tick is done. So a garden that
//! is watched goes through the same states, bit for bit, as the same one in `train`.

mod past;
mod playback;
mod session;
mod shown_driver;
mod simulation_command;
mod simulation_thread;
mod status;
#[cfg(test)]
mod tests;
mod view;

pub use past::read_past;
pub use playback::Playback;
pub use session::{Session, SessionSettings};
pub use simulation_command::{DriverKind, SimulationCommand};
pub use simulation_thread::{PlayedView, Simulation, SimulationThread};
pub use status::{CurvePoint, EvaluationRow, LearningStatus, Programme, Status, YearStatus};
pub use view::{EpisodeView, GardenView, OutputMeaning, PlantView, PropView, RobotView, SkyView, Thought, WateringView};
