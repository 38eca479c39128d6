//! Contents of a garden for a picture. Policies never see it.

use bevy::prelude::*;
use numpy::{PyArray1, PyArray2};
use perennial::garden::{
    ActiveScenario, EpisodeState, GardenEntities, GardenList, Plant, Position, Prop, Pump, SeasonState, Sky, Soil,
};
use perennial::physics::{LoosePose, Pose};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::{Deserialize, Serialize};

/// A garden at one moment: lengths in metres, colours in 0..1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scene {
    side_m: f32,
    ground: [f32; 3],
    light: f32,
    /// Position (x, z) and heading as a unit vector.
    robot: Option<(f32, f32, f32, f32)>,
    robot_radius_m: f32,
    pump_on: bool,
    jet_reach_m: f32,
    things: Vec<Thing>,
}

/// A thing of a garden, seen from above.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Thing {
    position_m: [f32; 2],
    radius_m: f32,
    colour: [f32; 3],
    /// Thirst; -1 for what is no plant.
    thirst: f32,
}

/// Last scenes of the episodes that ended in this tick, by garden: taken before the next episodes begin.
#[derive(Resource, Default)]
pub(crate) struct LastScenes(pub(crate) Vec<Option<Scene>>);

/// Takes the scenes of the gardens whose episode ends.
pub(crate) fn take_last_scenes(world: &mut World) {
    let list = &world.resource::<GardenList>().0;
    let ends = |garden: &Entity| {
        world
            .get::<EpisodeState>(*garden)
            .is_some_and(|episode| episode.end.is_some())
    };
    let scenes = list.iter().enumerate();
    let scenes = scenes.map(|(number, garden)| if ends(garden) { Scene::of(world, number) } else { None });
    let scenes = scenes.collect();
    world.resource_mut::<LastScenes>().0 = scenes;
}

impl Scene {
    /// A garden as it is now; `None` if there is none of this number.
    pub(crate) fn of(world: &World, garden: usize) -> Option<Self> {
        let scenario = &world.resource::<ActiveScenario>().0;
        let &entity = world.resource::<GardenList>().0.get(garden)?;
        let entities = world.get::<GardenEntities>(entity)?;
        let season = world.get::<SeasonState>(entity)?;
        let mut things = Vec::new();
        for &entity in &entities.plants {
            let (Some(plant), Some(place), Some(soil)) = (
                world.get::<Plant>(entity),
                world.get::<Position>(entity),
                world.get::<Soil>(entity),
            ) else {
                continue;
            };
            let thirst = scenario.plants.thirst(soil.moisture);
            things.push(Thing {
                position_m: place.0.to_array(),
                radius_m: scenario.plants.species[plant.species].crown_radius_m,
                colour: season.climate.plants[plant.species].colour(thirst, plant.tint),
                thirst,
            });
        }
        let mut other = |position_m: Vec2, radius_m, colour| {
            things.push(Thing {
                position_m: position_m.to_array(),
                radius_m,
                colour,
                thirst: -1.0,
            });
        };
        if let (Some(tank), Some(place)) = (
            &scenario.robot.tank,
            entities.butt.and_then(|butt| world.get::<Position>(butt)),
        ) {
            other(place.0, tank.butt_radius_m, tank.butt_colour.to_array());
        }
        for &entity in &entities.props {
            let (Some(prop), Some(place)) = (world.get::<Prop>(entity), world.get::<Position>(entity)) else {
                continue;
            };
            let loose = world.get::<LoosePose>(entity);
            let position_m = loose.map_or(place.0, |pose| Vec2::new(pose.translation_m.x, pose.translation_m.z));
            other(position_m, prop.radius_m, prop.colour);
        }
        let pose = world.get::<Pose>(entities.robot);
        Some(Self {
            side_m: scenario.plot.side_m,
            ground: season.climate.look.ground.to_array(),
            light: world.get::<Sky>(entity)?.light,
            robot: pose.map(|pose| (pose.position_m.x, pose.position_m.y, pose.forward.x, pose.forward.y)),
            robot_radius_m: scenario.robot.radius_m,
            pump_on: world.get::<Pump>(entities.robot).is_some_and(|pump| pump.on),
            jet_reach_m: scenario.robot.jet_reach_m,
            things,
        })
    }

    /// The scene as a dict: `side_m`, `ground`, `light`, `robot` (x, z, and its heading as a unit vector), `robot_radius_m`, `pump_on`,
    /// `jet_reach_m`, and of each thing `positions_m`, `radii_m`, `colours`, `thirst` (-1 for what is no plant).
    pub(crate) fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        if let Some(robot) = self.robot {
            dict.set_item("robot", robot)?;
            dict.set_item("pump_on", self.pump_on)?;
        }
        dict.set_item("side_m", self.side_m)?;
        dict.set_item("robot_radius_m", self.robot_radius_m)?;
        dict.set_item("jet_reach_m", self.jet_reach_m)?;
        dict.set_item("light", self.light)?;
        dict.set_item("ground", self.ground)?;
        let rows = |row: fn(&Thing) -> Vec<f32>| PyArray2::from_vec2(py, &self.things.iter().map(row).collect::<Vec<_>>());
        let column = |number: fn(&Thing) -> f32| PyArray1::from_iter(py, self.things.iter().map(number));
        dict.set_item("positions_m", rows(|thing| thing.position_m.to_vec())?)?;
        dict.set_item("radii_m", column(|thing| thing.radius_m))?;
        dict.set_item("colours", rows(|thing| thing.colour.to_vec())?)?;
        dict.set_item("thirst", column(|thing| thing.thirst))?;
        Ok(dict)
    }
}
