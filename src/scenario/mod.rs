//! What a garden year is, as text and as types.
//!
//! A scenario is data: its look, dynamics, weather, plot, plants, robot and schedule all live in TOML files (`scenarios/`), and the
//! types of [`Scenario`] are their exact mirror, key for key. Nothing here knows Bevy.

mod colour;
mod load;
pub mod overrides;
mod schedule;
mod schema;
mod shipped;
#[cfg(test)]
mod tests;
mod text;

pub use colour::{Colour, NotAColour};
pub use load::{DEFAULT_SCENARIO, Loaded, Origin, ScenarioError};
pub use schedule::{Climate, Moment, Year};
pub use schema::*;
pub use shipped::shipped_names;
pub use text::{Entry, Field, Mistake, Mistakes, Schema, nearest};
