//! What a garden year is, as text and as types.
//!
//! A scenario is data: its look, dynamics, weather, plot, plants, robot and schedule all live in TOML files (`scenarios/`), and the
//! types of [`schema`] are their exact mirror, key for key. Nothing here knows Bevy.

mod colour;
mod schedule;
mod schema;

pub use colour::Colour;
pub use schedule::{Climate, Moment, Year};
pub use schema::*;
