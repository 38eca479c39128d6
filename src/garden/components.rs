//! Components and resources of gardens, plants and robots.

use bevy::prelude::*;

use crate::mdp::Action;
use crate::scenario::{Climate, Moment, PropKind, Scenario, Year};

/// The scenario that all gardens of an app follow.
#[derive(Resource, Clone, Debug)]
pub struct ActiveScenario(pub std::sync::Arc<Scenario>);

/// The calendar that all gardens of an app follow.
#[derive(Resource, Clone, Debug)]
pub struct ActiveYear(pub Year);

/// Counter of ticks; one tick is one decision of every garden.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Number of the next tick, or of the current one during a tick.
    pub tick: u64,
}

/// Seed of all random streams of the gardens.
#[derive(Resource, Clone, Copy, Debug)]
pub struct GardenSeed(pub u64);

/// Random streams of a garden that are those of another world's garden. Without it, a garden's streams derive from the seed of its
/// own world and its number there.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnSeed {
    /// Seed of that world.
    pub seed: u64,
    /// Number of the garden in that world.
    pub number: usize,
}

impl OwnSeed {
    /// Returns the seed and the number that name a garden's random streams.
    pub(crate) fn of(own: Option<&Self>, world: GardenSeed, number: usize) -> (u64, u64) {
        own.map_or((world.0, number as u64), |own| (own.seed, own.number as u64))
    }
}

/// All gardens of the app, by number.
#[derive(Resource, Clone, Debug, Default)]
pub struct GardenList(pub Vec<Entity>);

/// A garden.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Garden {
    /// Number of the garden, from 0.
    pub number: usize,
}

/// Relationship from a plant, robot, water butt or prop to its garden.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
#[relationship(relationship_target = GardenContents)]
pub struct InGarden(pub Entity);

/// All entities of a garden, in no particular order. They are despawned with the garden and at the end of an episode.
#[derive(Component, Debug, Default)]
#[relationship_target(relationship = InGarden, linked_spawn)]
pub struct GardenContents(Vec<Entity>);

/// Entities of a garden by kind, in spawn order: exact reproduction needs an order that the ECS does not change.
#[derive(Component, Clone, Debug)]
pub struct GardenEntities {
    /// The robot.
    pub robot: Entity,
    /// The plants.
    pub plants: Vec<Entity>,
    /// The water butt, if the robot has a tank.
    pub butt: Option<Entity>,
    /// Props: objects that lie around.
    pub props: Vec<Entity>,
}

/// The current episode of a garden.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct EpisodeState {
    /// Number of the episode, from 0.
    pub number: u64,
    /// The tick of its first decision.
    pub begun_at_tick: u64,
    /// Decisions taken in it so far.
    pub decisions: u32,
    /// Ending of the episode in the current tick; `None` if it goes on.
    pub end: Option<EpisodeEnd>,
    /// Sums over the episode so far.
    pub tally: Tally,
}

/// Ending of an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpisodeEnd {
    /// Terminal state: nothing follows.
    Terminated,
    /// Cut off by the time limit or by the year.
    Truncated,
}

/// Sums over an episode.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    /// Sum of rewards (the return).
    pub episode_return: f32,
    /// Sum of the thirst (0..1) that watering removed.
    pub thirst_relieved: f32,
    /// Sprays that hit a thirsty plant.
    pub sprays_thirsty: u32,
    /// Sprays that hit a plant without thirst.
    pub sprays_needless: u32,
    /// Sprays that hit bare ground.
    pub sprays_ground: u32,
    /// Decisions in which the robot bumped into something.
    pub bumps: u32,
}

/// Current season of a garden.
#[derive(Component, Clone, Debug, PartialEq)]
pub struct SeasonState {
    /// Position in the year.
    pub moment: Moment,
    /// Look, dynamics and weather at that moment.
    pub climate: Climate,
}

/// Fixed position on the plane (x, z), in metres.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Position(pub Vec2);

/// A plant.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Plant {
    /// Index of its species in the scenario.
    pub species: usize,
    /// Offset of its own colour from the colour of the season, in sRGB.
    pub tint: [f32; 3],
}

/// The soil that a plant stands in.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Soil {
    /// Moisture, in 0..1.
    pub moisture: f32,
}

/// Wellbeing of a plant: 1 is healthy, 0 is dead.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Wellbeing(pub f32);

/// The water butt.
#[derive(Component, Clone, Copy, Debug)]
pub struct Butt;

/// A prop: an object that lies around.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Prop {
    /// Kind of the prop.
    pub kind: PropKind,
    /// Colour, in sRGB.
    pub colour: [f32; 3],
    /// Radius, in metres.
    pub radius_m: f32,
}

/// The robot.
#[derive(Component, Clone, Copy, Debug)]
pub struct RobotMarker;

/// Action of a garden's robot in this tick, as chosen by its driver.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decision(pub Action);

/// The robot's pump.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pump {
    /// `true` while the pump runs.
    pub on: bool,
    /// Sprays left in the tank; `None` for a robot on a hose.
    pub sprays_left: Option<u32>,
}

/// Target of the water jet in the last decision.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub enum Watering {
    /// The pump did not run.
    #[default]
    Off,
    /// The tank was empty.
    Dry,
    /// The water hit the ground.
    Ground,
    /// The water hit a plant.
    Plant {
        /// The watered plant.
        plant: Entity,
        /// Thirst of the plant before watering, in 0..1.
        thirst_before: f32,
    },
}

/// Reward of the last decision.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub struct Reward(pub f32);
