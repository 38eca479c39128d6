//! The world: plants, soil, weather, season, robot, watering, reward, episode.
//!
//! A garden is an entity with a Rapier world of its own ([`crate::physics`]); its robot, plants, butt and props are entities that
//! [`GardenEntities`] lists. Many gardens live side by side in one app. Nothing in one depends on another, nor on the order in which
//! the ECS stores them, nor on any clock but the count of ticks: **a garden's state is a function of how its episode began
//! ([`EpisodeStart`]) and of the actions since**. Resume, replay and the window rest on this.
//!
//! One file a concern. The systems stand here; their order in a tick is stated once, in [`crate::app`].

mod components;
mod episode;
mod grow;
mod layout;
mod reward;
mod season;
mod state_hash;
mod watering;
mod weather;

pub use components::*;
pub use episode::{EpisodeStart, begin_episode, begin_next_episodes, spawn_gardens};
pub use grow::grow;
pub use reward::{advance_clock, reward};
pub use season::follow_the_year;
pub use state_hash::{EndHash, StateHash, hash_ends, hash_now, hash_states};
pub use watering::{act, water};
pub use weather::{Sky, change_weather};
