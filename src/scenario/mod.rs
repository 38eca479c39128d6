//! Scenarios: the description of a garden and its year, as text and as types.
//!
//! A scenario is data: look, dynamics, weather, plot, plants, robot and schedule are defined in TOML files (`scenarios/`), and
//! the types of [`Scenario`] mirror them key for key. Nothing here depends on Bevy.

mod calendar;
mod colour;
mod load;
pub mod overrides;
mod schedule;
mod schema;
mod shipped;
mod sources;
#[cfg(test)]
mod tests;
mod text;

pub use calendar::Calendar;
pub use colour::{Colour, NotAColour};
pub use load::{DEFAULT_SCENARIO, Described, Loaded, Origin, ScenarioDocument, ScenarioError, SourcePosition};
pub use schedule::{Climate, Moment, PlantLook, Year};
pub use schema::*;
pub use shipped::{shipped_names, shipped_season_paths};
pub use sources::{FORMAT_VERSION, LARGEST_FILE_BYTES, RENAMED as RENAMED_KEYS};
pub(crate) use text::MOST_DRAWN_BYTES;
pub use text::{Entry, Field, Mistake, Mistakes, Schema, nearest};
