//! Gathers what a garden's robot can sense, and writes the observation.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;

use super::{EyeGeometry, SENSES};
use crate::garden::{ActiveScenario, Butt, GardenEntities, Plant, Position, Prop, Pump, SeasonState, Sky, Soil};
use crate::mdp::ObservationSpec;
use crate::physics::{Bumped, LoosePose, Motion, Pose};
use crate::scenario::{Look, Scenario};

/// Something upright that can be seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thing {
    /// Where it stands (x, z), in metres.
    pub position_m: Vec2,
    /// Radius of its silhouette, in metres.
    pub radius_m: f32,
    /// Height of its silhouette, in metres.
    pub height_m: f32,
    /// Its colour in sRGB.
    pub colour: [f32; 3],
}

/// Everything that the senses of one robot may read.
pub struct Scene<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Where the eye's pixels look.
    pub geometry: &'a EyeGeometry,
    /// The season's look.
    pub look: &'a Look,
    /// What colours are multiplied with.
    pub light: f32,
    /// Where the robot stands and looks.
    pub pose: Pose,
    /// How it moves.
    pub motion: Motion,
    /// Whether it bumped.
    pub bumped: bool,
    /// Whether its pump ran.
    pub pump_on: bool,
    /// How full its tank is, in 0..1; a hose is always full.
    pub tank_fraction: f32,
    /// What stands and lies around.
    pub things: &'a [Thing],
}

/// What the senses need beside the garden: made once for an app.
#[derive(Resource, Clone, Debug)]
pub struct Senses {
    /// What observations mean.
    pub spec: ObservationSpec,
    lengths: Vec<usize>,
}

impl Senses {
    /// The senses of a scenario's robot.
    pub fn new(scenario: &Scenario) -> Self {
        let lengths = SENSES.iter().map(|sense| (sense.channels)(scenario).len()).collect();
        Self {
            spec: super::observation_spec(scenario),
            lengths,
        }
    }

    /// Writes the whole observation of a scene, a byte for each channel.
    pub fn write(&self, scene: &Scene, mut observation: &mut [u8]) {
        for (sense, &length) in SENSES.iter().zip(&self.lengths) {
            let (bytes, rest) = observation.split_at_mut(length);
            (sense.write)(scene, bytes);
            observation = rest;
        }
    }
}

/// The queries that sensing needs.
#[derive(SystemParam)]
pub struct SenseInputs<'w, 's> {
    scenario: Res<'w, ActiveScenario>,
    senses: Res<'w, Senses>,
    geometry: Res<'w, EyeGeometry>,
    gardens: Query<'w, 's, (&'static GardenEntities, &'static SeasonState, &'static Sky)>,
    robots: Query<'w, 's, (&'static Pose, &'static Motion, &'static Bumped, &'static Pump)>,
    plants: Query<'w, 's, (&'static Plant, &'static Position, &'static Soil)>,
    butts: Query<'w, 's, &'static Position, With<Butt>>,
    props: Query<'w, 's, (&'static Prop, &'static Position, Option<&'static LoosePose>)>,
    things: Local<'s, Vec<Thing>>,
}

impl SenseInputs<'_, '_> {
    /// What observations mean.
    pub fn spec(&self) -> &ObservationSpec {
        &self.senses.spec
    }

    /// Writes what the robot of this garden senses now.
    pub fn observe(&mut self, garden: Entity, observation: &mut [u8]) {
        let Ok((entities, season, sky)) = self.gardens.get(garden) else {
            return;
        };
        let Ok((&pose, &motion, bumped, pump)) = self.robots.get(entities.robot) else {
            return;
        };
        let scenario = &*self.scenario.0;
        let look = &season.climate.look;

        self.things.clear();
        let (fine, thirsty) = (look.plant_fine.to_array(), look.plant_thirsty.to_array());
        for (plant, place, soil) in self.plants.iter_many(&entities.plants) {
            let species = &scenario.plants.species[plant.species];
            let thirst = scenario.plants.thirst(soil.moisture);
            // Between two colours of one leaf a straight line in sRGB will do: it is walked every tick by every plant.
            let colour = std::array::from_fn(|part| fine[part] + (thirsty[part] - fine[part]) * thirst + plant.tint[part]);
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
            light: sky.light,
            pose,
            motion,
            bumped: bumped.0,
            pump_on: pump.on,
            tank_fraction,
            things: &self.things,
        };
        self.senses.write(&scene, observation);
    }
}
