//! What gardens, plants and robots are made of.

use bevy::prelude::*;

use crate::mdp::Action;
use crate::scenario::{Climate, Moment, PropKind, Scenario, Year};

/// The scenario that all gardens of an app follow.
#[derive(Resource, Clone, Debug)]
pub struct ActiveScenario(pub std::sync::Arc<Scenario>);

/// The calendar that they follow.
#[derive(Resource, Clone, Debug)]
pub struct ActiveYear(pub Year);

/// How many ticks have passed; one tick is one decision of every garden.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// The number of the tick that comes next or is under way.
    pub tick: u64,
}

/// The seed that all chance in the gardens comes from.
#[derive(Resource, Clone, Copy, Debug)]
pub struct GardenSeed(pub u64);

/// Every garden of the app, by number.
#[derive(Resource, Clone, Debug, Default)]
pub struct GardenList(pub Vec<Entity>);

/// A garden.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Garden {
    /// Its number, from 0.
    pub number: usize,
}

/// Relationship of a plant, a robot, a butt or a prop to its garden.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
#[relationship(relationship_target = GardenContents)]
pub struct InGarden(pub Entity);

/// All entities of a garden, in no particular order; they are despawned with it, and when an episode ends.
#[derive(Component, Debug, Default)]
#[relationship_target(relationship = InGarden, linked_spawn)]
pub struct GardenContents(Vec<Entity>);

/// The entities of a garden by kind, in the order in which they were planted: exactness needs an order that the ECS does not change.
#[derive(Component, Clone, Debug)]
pub struct GardenEntities {
    /// The robot.
    pub robot: Entity,
    /// The plants.
    pub plants: Vec<Entity>,
    /// The water butt, where the robot has a tank.
    pub butt: Option<Entity>,
    /// What lies around.
    pub props: Vec<Entity>,
}

/// The episode that a garden is in.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct EpisodeState {
    /// Its number, from 0.
    pub number: u64,
    /// The tick of its first decision.
    pub begun_at_tick: u64,
    /// Decisions taken in it so far.
    pub decisions: u32,
    /// How it ended in the tick under way, if it did.
    pub end: Option<EpisodeEnd>,
    /// What happened in it so far.
    pub tally: Tally,
}

/// How an episode ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EpisodeEnd {
    /// For real: nothing follows.
    Terminated,
    /// Cut off by the time limit or by the year.
    Truncated,
}

/// What happened in an episode, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    /// Sum of rewards: the return.
    pub episode_return: f32,
    /// Thirst that watering took away, in full thirsts.
    pub thirst_relieved: f32,
    /// Sprays that met a thirsty plant.
    pub sprays_thirsty: u32,
    /// Sprays that met a plant without thirst.
    pub sprays_needless: u32,
    /// Sprays that met bare ground.
    pub sprays_ground: u32,
    /// In how many decisions the robot bumped into something.
    pub bumps: u32,
}

/// What the season makes of a garden now.
#[derive(Component, Clone, Debug, PartialEq)]
pub struct SeasonState {
    /// The place in the year.
    pub moment: Moment,
    /// Look, dynamics and weather there.
    pub climate: Climate,
}

/// Something that stands or lies at a fixed place of the plane (x, z), in metres.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Position(pub Vec2);

/// A plant.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Plant {
    /// Its species, by number in the scenario.
    pub species: usize,
    /// What its own colour adds to that of the season, in sRGB.
    pub tint: [f32; 3],
}

/// The soil that a plant stands in.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Soil {
    /// Its moisture, in 0..1.
    pub moisture: f32,
}

/// How a plant is: 1 is well, 0 is dead.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Wellbeing(pub f32);

/// The water butt.
#[derive(Component, Clone, Copy, Debug)]
pub struct Butt;

/// A thing that lies around.
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct Prop {
    /// What it is.
    pub kind: PropKind,
    /// Its colour in sRGB.
    pub colour: [f32; 3],
    /// Its radius, in metres.
    pub radius_m: f32,
}

/// The robot.
#[derive(Component, Clone, Copy, Debug)]
pub struct RobotMarker;

/// What the driver decided that a garden's robot does in this tick.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decision(pub Action);

/// The robot's pump.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pump {
    /// Whether it runs.
    pub on: bool,
    /// Sprays left in the tank; a robot on a hose has none to count.
    pub sprays_left: Option<u32>,
}

/// What the jet met in the last decision.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub enum Watering {
    /// The pump did not run.
    #[default]
    Off,
    /// The tank was empty.
    Dry,
    /// Water went to the ground.
    Ground,
    /// Water went to a plant.
    Plant {
        /// Which one.
        plant: Entity,
        /// How thirsty it was before, in 0..1.
        thirst_before: f32,
    },
}

/// The reward of the last decision.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub struct Reward(pub f32);
