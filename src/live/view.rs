//! Snapshot of one garden after a tick: everything that can be drawn or reported.
//!
//! A view is a copy, so drawing it can take any time and cannot change the simulation.

use bevy::prelude::*;

use crate::app::Gardens;
use crate::garden::{
    ActiveScenario, Decision, EpisodeState, GardenEntities, GardenList, Plant, Position, Prop, Pump, Reward, SeasonState, Sky,
    Soil, Tally, Watering, Wellbeing,
};
use crate::mdp::Action;
use crate::physics::{Bumped, LoosePose, Motion, Pose, Skid, WheelCommand};
use crate::scenario::{Climate, Moment, PropKind};

/// Snapshot of one garden after a tick: everything that can be drawn or reported.
#[derive(Clone, Debug, PartialEq)]
pub struct GardenView {
    /// Number of ticks passed; 0 is the beginning.
    pub tick: u64,
    /// Hash of the state of all gardens at that tick.
    pub state_hash: u64,
    /// Number of the garden.
    pub garden: usize,
    /// State of the episode.
    pub episode: EpisodeView,
    /// Position in the year.
    pub moment: Moment,
    /// Look, dynamics and weather at that moment, as far as the schedule lets them vary.
    pub climate: Climate,
    /// State of the sky.
    pub sky: SkyView,
    /// State of the robot.
    pub robot: RobotView,
    /// The plants, in the order in which they were planted.
    pub plants: Vec<PlantView>,
    /// Position of the water butt (x, z), in metres; `None` without one.
    pub butt_m: Option<Vec2>,
    /// Props: objects that lie in the garden.
    pub props: Vec<PropView>,
    /// Action taken in the tick.
    pub action: Action,
    /// Reward of the tick.
    pub reward: f32,
    /// Outcome of watering in the tick.
    pub watering: WateringView,
    /// The policy's input and output for the decision; `None` if no policy was asked.
    pub thought: Option<Thought>,
    /// Plants that the policy would treat wrongly if the robot stood before them; empty where nobody judged.
    pub misjudged: Vec<usize>,
}

/// State of an episode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpisodeView {
    /// Number of the episode, from 0.
    pub number: u64,
    /// Number of decisions taken so far.
    pub decisions: u32,
    /// Maximum number of decisions.
    pub length: u32,
    /// Counts of what has happened so far.
    pub tally: Tally,
}

/// State of the sky over a garden.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SkyView {
    /// Temperature, in degrees Celsius.
    pub temperature_celsius: f32,
    /// Factor on all colours: about 0.8 (clouds) to 1.1 (bright).
    pub light: f32,
    /// `true` if it rains.
    pub rains: bool,
}

/// State of a robot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RobotView {
    /// Position and heading.
    pub pose: Pose,
    /// Velocities.
    pub motion: Motion,
    /// Command that the wheels were given.
    pub wheels: WheelCommand,
    /// `true` if the pump ran.
    pub pump_on: bool,
    /// Fill level of the tank, in 0..1; `None` with a hose, which never runs dry.
    pub tank_fraction: Option<f32>,
    /// Fraction of the tick in which the wheels slid, in 0..1.
    pub skid: f32,
    /// `true` if the robot touched something.
    pub bumped: bool,
}

/// State of a plant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlantView {
    /// Position (x, z), in metres.
    pub position_m: Vec2,
    /// Number of its species in the scenario.
    pub species: usize,
    /// Individual tint, added to the colour of the season, in sRGB.
    pub tint: [f32; 3],
    /// Soil moisture, in 0..1.
    pub moisture: f32,
    /// Thirst, in 0..1.
    pub thirst: f32,
    /// Wellbeing: 1 is well, 0 is dead.
    pub wellbeing: f32,
}

/// State of a prop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PropView {
    /// Kind of the prop.
    pub kind: PropKind,
    /// Colour, in sRGB.
    pub colour: [f32; 3],
    /// Radius, in metres.
    pub radius_m: f32,
    /// Position of its centre, in metres.
    pub translation_m: Vec3,
    /// Orientation.
    pub rotation: Quat,
}

/// Outcome of watering in a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum WateringView {
    /// The pump did not run.
    #[default]
    Off,
    /// The tank was empty.
    Dry,
    /// The water hit the ground.
    Ground,
    /// The water hit a plant.
    Plant {
        /// Number of the plant.
        number: usize,
        /// Thirst of the plant before, in 0..1.
        thirst_before: f32,
    },
}

/// A policy's input and output for one decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Thought {
    /// The observation: `observation_len` bytes, see [`crate::mdp::ObservationSpec`].
    pub observation: Vec<u8>,
    /// One output for each action, in the order of [`Action::ALL`].
    pub outputs: Vec<f32>,
    /// Meaning of the outputs.
    pub meaning: OutputMeaning,
    /// Probability of each action, exploration included.
    pub probabilities: Vec<f32>,
}

/// Meaning of a policy's outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputMeaning {
    /// Expected return after each action.
    Values,
    /// Logarithms of the action probabilities, up to a constant.
    Logits,
}

impl GardenView {
    /// Takes a view of the garden `number`; `None` if there is no such garden.
    pub fn of(gardens: &Gardens, number: usize) -> Option<Self> {
        let world = gardens.world();
        let scenario = &world.resource::<ActiveScenario>().0;
        let garden = *world.resource::<GardenList>().0.get(number)?;
        let entities = world.get::<GardenEntities>(garden)?;
        let (episode, season, sky) = (
            world.get::<EpisodeState>(garden)?,
            world.get::<SeasonState>(garden)?,
            world.get::<Sky>(garden)?,
        );
        let robot = entities.robot;
        let pump = world.get::<Pump>(robot)?;
        let tank_fraction = pump
            .sprays_left
            .zip(scenario.robot.tank.as_ref())
            .map(|(left, tank)| left as f32 / tank.capacity_sprays as f32);
        let plant = |&entity: &Entity| {
            let (plant, moisture) = (world.get::<Plant>(entity)?, world.get::<Soil>(entity)?.moisture);
            Some(PlantView {
                position_m: world.get::<Position>(entity)?.0,
                species: plant.species,
                tint: plant.tint,
                moisture,
                thirst: scenario.plants.thirst(moisture),
                wellbeing: world.get::<Wellbeing>(entity)?.0,
            })
        };
        let prop = |&entity: &Entity| {
            let (prop, place) = (world.get::<Prop>(entity)?, world.get::<Position>(entity)?.0);
            let lying = world.get::<LoosePose>(entity);
            Some(PropView {
                kind: prop.kind,
                colour: prop.colour,
                radius_m: prop.radius_m,
                translation_m: lying.map_or(Vec3::new(place.x, 0.5 * prop.radius_m, place.y), |pose| pose.translation_m),
                rotation: lying.map_or(Quat::IDENTITY, |pose| pose.rotation),
            })
        };
        let watering = match *world.get::<Watering>(garden)? {
            Watering::Off => WateringView::Off,
            Watering::Dry => WateringView::Dry,
            Watering::Ground => WateringView::Ground,
            Watering::Plant { plant, thirst_before } => {
                // An episode that has just begun has other plants than the one that was watered.
                match entities.plants.iter().position(|&other| other == plant) {
                    Some(number) => WateringView::Plant { number, thirst_before },
                    None => WateringView::Off,
                }
            }
        };
        Some(Self {
            tick: gardens.clock(),
            state_hash: gardens.state_hash(),
            garden: number,
            episode: EpisodeView {
                number: episode.number,
                decisions: episode.decisions,
                length: scenario.episode.decisions,
                tally: episode.tally,
            },
            moment: season.moment,
            climate: season.climate.clone(),
            sky: SkyView {
                temperature_celsius: sky.temperature_celsius,
                light: sky.light,
                rains: sky.rains(),
            },
            robot: RobotView {
                pose: *world.get::<Pose>(robot)?,
                motion: *world.get::<Motion>(robot)?,
                wheels: *world.get::<WheelCommand>(robot)?,
                pump_on: pump.on,
                tank_fraction,
                skid: world.get::<Skid>(robot)?.0,
                bumped: world.get::<Bumped>(robot)?.0,
            },
            plants: entities.plants.iter().filter_map(plant).collect(),
            butt_m: entities
                .butt
                .and_then(|butt| world.get::<Position>(butt))
                .map(|place| place.0),
            props: entities.props.iter().filter_map(prop).collect(),
            action: world.get::<Decision>(garden)?.0,
            reward: world.get::<Reward>(garden)?.0,
            watering,
            thought: None,
            misjudged: Vec::new(),
        })
    }
}
