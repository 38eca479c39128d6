//! Contents of a garden for a picture. Policies never see it.

use bevy::prelude::*;
use numpy::{PyArray1, PyArray2};
use perennial::app::Gardens;
use perennial::garden::{ActiveScenario, GardenEntities, GardenList, Plant, Position, Prop, Pump, SeasonState, Sky, Soil};
use perennial::physics::{LoosePose, Pose};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::failure::plain;

/// Things of one garden: positions, radii in metres, colours in 0..1.
#[derive(Default)]
struct Things {
    positions_m: Vec<Vec<f32>>,
    radii_m: Vec<f32>,
    colours: Vec<Vec<f32>>,
    thirst: Vec<f32>,
}

impl Things {
    fn push(&mut self, position_m: Vec2, radius_m: f32, colour: [f32; 3], thirst: f32) {
        self.positions_m.push(position_m.to_array().to_vec());
        self.radii_m.push(radius_m);
        self.colours.push(colour.to_vec());
        self.thirst.push(thirst);
    }
}

/// Returns a garden as a dict: `side_m`, `ground`, `light`, `robot` (x, z, and its heading as a unit vector), `robot_radius_m`, `pump_on`,
/// `jet_reach_m`, and of each thing `positions_m`, `radii_m`, `colours`, `thirst` (-1 for what is no plant).
pub(crate) fn scene<'py>(py: Python<'py>, gardens: &Gardens, garden: usize) -> PyResult<Bound<'py, PyDict>> {
    let world = gardens.world();
    let scenario = &world.resource::<ActiveScenario>().0;
    let missing = || {
        plain(format!(
            "there is no garden {garden}: there are {}, numbered from 0",
            gardens.len()
        ))
    };
    let &entity = world.resource::<GardenList>().0.get(garden).ok_or_else(missing)?;
    let (Some(entities), Some(season), Some(sky)) = (
        world.get::<GardenEntities>(entity),
        world.get::<SeasonState>(entity),
        world.get::<Sky>(entity),
    ) else {
        return Err(missing());
    };
    let mut things = Things::default();
    for &entity in &entities.plants {
        let (Some(plant), Some(place), Some(soil)) = (
            world.get::<Plant>(entity),
            world.get::<Position>(entity),
            world.get::<Soil>(entity),
        ) else {
            continue;
        };
        let thirst = scenario.plants.thirst(soil.moisture);
        let colour = season.climate.plants[plant.species].colour(thirst, plant.tint);
        things.push(place.0, scenario.plants.species[plant.species].crown_radius_m, colour, thirst);
    }
    if let (Some(tank), Some(place)) = (
        &scenario.robot.tank,
        entities.butt.and_then(|butt| world.get::<Position>(butt)),
    ) {
        things.push(place.0, tank.butt_radius_m, tank.butt_colour.to_array(), -1.0);
    }
    for &entity in &entities.props {
        let (Some(prop), Some(place)) = (world.get::<Prop>(entity), world.get::<Position>(entity)) else {
            continue;
        };
        let loose = world.get::<LoosePose>(entity);
        let position_m = loose.map_or(place.0, |pose| Vec2::new(pose.translation_m.x, pose.translation_m.z));
        things.push(position_m, prop.radius_m, prop.colour, -1.0);
    }
    let dict = PyDict::new(py);
    if let (Some(pose), Some(pump)) = (world.get::<Pose>(entities.robot), world.get::<Pump>(entities.robot)) {
        let [x, z] = pose.position_m.to_array();
        dict.set_item("robot", (x, z, pose.forward.x, pose.forward.y))?;
        dict.set_item("pump_on", pump.on)?;
    }
    dict.set_item("side_m", scenario.plot.side_m)?;
    dict.set_item("robot_radius_m", scenario.robot.radius_m)?;
    dict.set_item("jet_reach_m", scenario.robot.jet_reach_m)?;
    dict.set_item("light", sky.light)?;
    dict.set_item("ground", season.climate.look.ground.to_array())?;
    dict.set_item("positions_m", PyArray2::from_vec2(py, &things.positions_m)?)?;
    dict.set_item("radii_m", PyArray1::from_vec(py, things.radii_m))?;
    dict.set_item("colours", PyArray2::from_vec2(py, &things.colours)?)?;
    dict.set_item("thirst", PyArray1::from_vec(py, things.thirst))?;
    Ok(dict)
}
