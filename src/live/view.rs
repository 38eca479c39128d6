//! Everything of one garden that can be drawn or told, as it was after a tick.
//!
//! A view is a copy: whoever draws it can take as long as it likes, and nothing that is drawn reaches back into the simulation.

use bevy::prelude::*;

use crate::app::Gardens;
use crate::garden::{
    ActiveScenario, Decision, EpisodeState, GardenEntities, GardenList, Plant, Position, Prop, Pump, Reward, SeasonState, Sky,
    Soil, Tally, Watering, Wellbeing,
};
use crate::mdp::Action;
use crate::physics::{Bumped, LoosePose, Motion, Pose, Skid, WheelCommand};
use crate::scenario::{Climate, Moment, PropKind};

/// Everything of one garden that can be drawn or told, as it was after a tick.
#[derive(Clone, Debug, PartialEq)]
pub struct GardenView {
    /// How many ticks had passed; 0 is the beginning.
    pub tick: u64,
    /// Fingerprint of all gardens then.
    pub state_hash: u64,
    /// The garden's number.
    pub garden: usize,
    /// Its episode.
    pub episode: EpisodeView,
    /// The place in the year.
    pub moment: Moment,
    /// Look, dynamics and weather there, as far as the schedule lets them vary.
    pub climate: Climate,
    /// The sky over it.
    pub sky: SkyView,
    /// The robot.
    pub robot: RobotView,
    /// The plants, in the order in which they were planted.
    pub plants: Vec<PlantView>,
    /// Where the water butt stands (x, z), in metres, if there is one.
    pub butt_m: Option<Vec2>,
    /// What lies around.
    pub props: Vec<PropView>,
    /// What was decided in the tick.
    pub action: Action,
    /// What it was worth.
    pub reward: f32,
    /// What the jet met in it.
    pub watering: WateringView,
    /// What the decision was made from and how, if a policy was asked.
    pub thought: Option<Thought>,
}

/// A garden's episode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpisodeView {
    /// Its number, from 0.
    pub number: u64,
    /// Decisions taken in it so far.
    pub decisions: u32,
    /// How many it has at most.
    pub length: u32,
    /// What happened in it so far.
    pub tally: Tally,
}

/// The sky over a garden.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SkyView {
    /// Temperature, in degrees Celsius.
    pub temperature_celsius: f32,
    /// What colours are multiplied with: about 0.8 (clouds) to 1.1 (bright).
    pub light: f32,
    /// Whether it rains.
    pub rains: bool,
}

/// A robot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RobotView {
    /// Where it stands and looks.
    pub pose: Pose,
    /// How it moves.
    pub motion: Motion,
    /// What its wheels were told.
    pub wheels: WheelCommand,
    /// Whether its pump ran.
    pub pump_on: bool,
    /// How full its tank is, in 0..1; none where it draws on a hose that never ends.
    pub tank_fraction: Option<f32>,
    /// Share of the tick in which its wheels slid, in 0..1.
    pub skid: f32,
    /// Whether it touched something.
    pub bumped: bool,
}

/// A plant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlantView {
    /// Where it stands (x, z), in metres.
    pub position_m: Vec2,
    /// Its species, by number in the scenario.
    pub species: usize,
    /// What its own colour adds to that of the season, in sRGB.
    pub tint: [f32; 3],
    /// Moisture of its soil, in 0..1.
    pub moisture: f32,
    /// Its thirst, in 0..1.
    pub thirst: f32,
    /// How it is: 1 is well, 0 is dead.
    pub wellbeing: f32,
}

/// A thing that lies around.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PropView {
    /// What it is.
    pub kind: PropKind,
    /// Its colour in sRGB.
    pub colour: [f32; 3],
    /// Its radius, in metres.
    pub radius_m: f32,
    /// Position of its centre, in metres.
    pub translation_m: Vec3,
    /// Its orientation.
    pub rotation: Quat,
}

/// What the jet met.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum WateringView {
    /// The pump did not run.
    #[default]
    Off,
    /// The tank was empty.
    Dry,
    /// Water went to the ground.
    Ground,
    /// Water went to a plant.
    Plant {
        /// Its number.
        number: usize,
        /// How thirsty it was before, in 0..1.
        thirst_before: f32,
    },
}

/// What a policy saw, and what it made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Thought {
    /// What it saw: `observation_len` bytes, see [`crate::mdp::ObservationSpec`].
    pub observation: Vec<u8>,
    /// One number for each action, in the order of [`Action::ALL`].
    pub outputs: Vec<f32>,
    /// What these numbers mean.
    pub meaning: OutputMeaning,
    /// Probability of each action, exploration included.
    pub probabilities: Vec<f32>,
}

/// What a policy's outputs mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputMeaning {
    /// How much reward is expected after each action.
    Values,
    /// Logarithms of the actions' probabilities, up to a constant.
    Logits,
}

impl GardenView {
    /// The garden of this number as it is now; none if there is no such garden.
    pub fn of(gardens: &Gardens, number: usize) -> Option<Self> {
        let world = gardens.world();
        let scenario = &world.resource::<ActiveScenario>().0;
        let garden = *world.resource::<GardenList>().0.get(number)?;
        let entities = world.get::<GardenEntities>(garden)?;
        let (episode, today, sky) = (
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
            moment: today.moment,
            climate: today.climate.clone(),
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
        })
    }
}
