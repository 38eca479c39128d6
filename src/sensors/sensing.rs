//! Collects the inputs of a robot's senses and writes the observation.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use super::{EyeGeometry, SENSES};
use crate::garden::{
    ActiveScenario, Butt, EpisodeState, Garden, GardenEntities, GardenSeed, OwnSeed, Plant, Position, Prop, Pump, RecentRewards,
    SeasonState, Sky, Soil,
};
use crate::mdp::ObservationSpec;
use crate::physics::{Bumped, LoosePose, Motion, Pose};
use crate::random::number;
use crate::scenario::{Faults, Look, Scenario};

/// An upright object that can be seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thing {
    /// Position (x, z), in metres.
    pub position_m: Vec2,
    /// Radius of the silhouette, in metres.
    pub radius_m: f32,
    /// Height of the silhouette, in metres.
    pub height_m: f32,
    /// Colour, in sRGB.
    pub colour: [f32; 3],
}

/// Inputs of the senses of one robot.
pub struct Scene<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Viewing directions of the eye's pixels.
    pub geometry: &'a EyeGeometry,
    /// The season's look.
    pub look: &'a Look,
    /// Faults of the eye.
    pub faults: &'a Faults,
    /// Number of this view: what a fault draws at random in it is a function of this number.
    pub view: u64,
    /// Factor on all colours.
    pub light: f32,
    /// Position and heading of the robot.
    pub pose: Pose,
    /// Velocity of the robot.
    pub motion: Motion,
    /// `true` if the robot bumped into something.
    pub bumped: bool,
    /// `true` if its pump ran.
    pub pump_on: bool,
    /// Fill level of the tank, in 0..1; always 1 on a hose.
    pub tank_fraction: f32,
    /// Rewards that watering has just brought.
    pub recent_rewards: RecentRewards,
    /// Visible objects.
    pub things: &'a [Thing],
}

/// Data of the senses that does not change during a run: made once per app.
#[derive(Resource, Clone, Debug)]
pub struct Senses {
    /// Meaning of the observation's bytes.
    pub spec: ObservationSpec,
    lengths: Vec<usize>,
}

impl Senses {
    /// Creates the senses of a scenario's robot.
    pub fn new(scenario: &Scenario) -> Self {
        let lengths = SENSES.iter().map(|sense| (sense.channels)(scenario).len()).collect();
        Self {
            spec: super::observation_spec(scenario),
            lengths,
        }
    }

    /// Writes the whole observation of a scene, one byte per channel.
    pub fn write(&self, scene: &Scene, mut observation: &mut [u8]) {
        for (sense, &length) in SENSES.iter().zip(&self.lengths) {
            let (bytes, rest) = observation.split_at_mut(length);
            (sense.write)(scene, bytes);
            observation = rest;
        }
    }
}

/// Queries needed for sensing.
#[derive(SystemParam)]
pub struct SenseInputs<'w, 's> {
    scenario: Res<'w, ActiveScenario>,
    senses: Res<'w, Senses>,
    geometry: Res<'w, EyeGeometry>,
    seed: Res<'w, GardenSeed>,
    gardens: Query<
        'w,
        's,
        (
            &'static Garden,
            Option<&'static OwnSeed>,
            &'static EpisodeState,
            &'static GardenEntities,
            &'static SeasonState,
            &'static Sky,
            &'static RecentRewards,
        ),
    >,
    robots: Query<'w, 's, (&'static Pose, &'static Motion, &'static Bumped, &'static Pump)>,
    plants: Query<'w, 's, (&'static Plant, &'static Position, &'static Soil)>,
    butts: Query<'w, 's, &'static Position, With<Butt>>,
    props: Query<'w, 's, (&'static Prop, &'static Position, Option<&'static LoosePose>)>,
    things: Local<'s, Vec<Thing>>,
}

impl SenseInputs<'_, '_> {
    /// Meaning of the observation's bytes.
    pub fn spec(&self) -> &ObservationSpec {
        &self.senses.spec
    }

    /// Writes the current observation of this garden's robot.
    pub fn observe(&mut self, garden: Entity, observation: &mut [u8]) {
        self.write(garden, None, observation);
    }

    /// Writes what this garden's robot would observe if it stood still in another pose.
    pub fn observe_from(&mut self, garden: Entity, pose: Pose, observation: &mut [u8]) {
        self.write(garden, Some(pose), observation);
    }

    fn write(&mut self, garden: Entity, elsewhere: Option<Pose>, observation: &mut [u8]) {
        let Ok((garden, own_seed, episode, entities, season, sky, &recent_rewards)) = self.gardens.get(garden) else {
            return;
        };
        // Whoever looks twice in a decision sees the same, and after a resume one sees what was seen before it.
        let (seed, stream_number) = OwnSeed::of(own_seed, *self.seed, garden.number);
        let view = number(seed, &[stream_number, episode.number, u64::from(episode.decisions)]);
        let Ok((&pose, &motion, bumped, pump)) = self.robots.get(entities.robot) else {
            return;
        };
        let (pose, motion) = elsewhere.map_or((pose, motion), |pose| (pose, Motion::default()));
        let scenario = &*self.scenario.0;
        let look = &season.climate.look;

        self.things.clear();
        for (plant, place, soil) in self.plants.iter_many(&entities.plants) {
            let species = &scenario.plants.species[plant.species];
            let thirst = scenario.plants.thirst(soil.moisture);
            let colour = season.climate.plants[plant.species].colour(thirst, plant.tint);
            self.things.push(Thing {
                position_m: place.0,
                radius_m: species.crown_radius_m,
                height_m: species.height_m * (1.0 - 0.5 * scenario.plants.droop * thirst),
                colour,
            });
        }
        if let (Some(tank), Some(Ok(place))) = (&scenario.robot.tank, entities.butt.map(|butt| self.butts.get(butt))) {
            self.things.push(Thing {
                position_m: place.0,
                radius_m: tank.butt_radius_m,
                height_m: tank.butt_height_m,
                colour: tank.butt_colour.to_array(),
            });
        }
        for (prop, place, loose) in self.props.iter_many(&entities.props) {
            let position_m = loose.map_or(place.0, |pose| Vec2::new(pose.translation_m.x, pose.translation_m.z));
            let height_m = 2.0 * prop.radius_m;
            self.things.push(Thing {
                position_m,
                radius_m: prop.radius_m,
                height_m,
                colour: prop.colour,
            });
        }

        let tank_fraction = match (pump.sprays_left, &scenario.robot.tank) {
            (Some(sprays_left), Some(tank)) => sprays_left as f32 / tank.capacity_sprays as f32,
            _ => 1.0,
        };
        let scene = Scene {
            scenario,
            geometry: &self.geometry,
            look,
            faults: &season.climate.faults,
            view,
            light: sky.light,
            pose,
            motion,
            bumped: bumped.0,
            pump_on: pump.on,
            tank_fraction,
            recent_rewards,
            things: &self.things,
        };
        self.senses.write(&scene, observation);
    }
}
