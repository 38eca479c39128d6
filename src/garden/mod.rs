//! The simulated world: plants, soil, weather, season, robot, watering, reward, episode.
//!
//! A garden is an entity with its own Rapier world ([`crate::physics`]). Its robot, plants, butt and props are entities listed in
//! [`GardenEntities`]. Many gardens run side by side in one app. A garden does not depend on other gardens, on the order in which
//! the ECS stores entities, or on any clock but the tick count: **its state is a function of the start of its episode
//! ([`EpisodeStart`]) and of the actions since**. Resume, replay and the window rely on this.
//!
//! Each file covers one concern. The systems are defined here; their order in a tick is stated in [`crate::app`].

mod components;
mod episode;
mod grow;
mod layout;
mod recent_rewards;
mod reward;
mod season;
mod state_hash;
mod watering;
mod weather;

pub use components::*;
pub use episode::{EpisodeStart, begin_episode, begin_next_episodes, spawn_gardens};
pub use grow::grow;
pub use recent_rewards::RecentRewards;
pub use reward::{advance_clock, remember_rewards, reward};
pub use season::follow_the_year;
pub use state_hash::{EndHash, StateHash, hash_ends, hash_now, hash_states};
pub use watering::{act, water};
pub use weather::{Sky, change_weather};
