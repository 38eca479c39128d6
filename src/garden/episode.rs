//! Starts episodes. Each one gets a new garden, drawn from the numbers of the garden and of the episode.

use bevy::prelude::*;
use rand_distr::{Distribution, Normal, weighted::WeightedIndex};

use super::layout::{GardenLayout, draw_layout, prop_radius_m, uniform};
use super::{
    ActiveScenario, ActiveYear, Butt, Clock, Decision, EndHash, EpisodeState, Garden, GardenContents, GardenEntities, GardenList,
    GardenSeed, InGarden, OwnSeed, Plant, Position, Prop, Pump, RecentRewards, Reward, RobotMarker, SeasonState, Sky, Soil,
    StateHash, Tally, Watering, Wellbeing,
};
use crate::physics::{BodySpec, Bumped, LoosePose, LooseShape, Motion, RobotSpec, Skid, Traction, WheelCommand, build_world};
use crate::random::stream;
use crate::scenario::{Moment, PropKind, Scenario, Year};

/// Start of an episode. Together with the seed and the actions since, it determines a garden's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EpisodeStart {
    /// Number of the episode in its garden, from 0.
    pub number: u64,
    /// Tick of its first decision, which gives the position in the year.
    pub tick: u64,
}

/// Spawns `gardens` gardens that follow `scenario` through `year`; each starts its episode 0 at tick 0.
pub fn spawn_gardens(world: &mut World, scenario: std::sync::Arc<Scenario>, gardens: usize, seed: u64, year: Year) {
    world.insert_resource(ActiveScenario(scenario));
    world.insert_resource(ActiveYear(year));
    world.insert_resource(Clock::default());
    world.insert_resource(GardenSeed(seed));
    world.insert_resource(StateHash::default());
    world.insert_resource(EndHash::default());
    let list: Vec<Entity> = (0..gardens)
        .map(|number| world.spawn((Name::new(format!("garden {number}")), Garden { number })).id())
        .collect();
    world.insert_resource(GardenList(list.clone()));
    for garden in list {
        begin_episode(world, garden, EpisodeStart { number: 0, tick: 0 });
    }
}

/// Starts the next episode in every garden whose episode ended.
pub fn begin_next_episodes(world: &mut World) {
    let tick = world.resource::<Clock>().tick;
    let list = world.resource::<GardenList>().0.clone();
    for garden in list {
        if let Some(&EpisodeState {
            number, end: Some(_), ..
        }) = world.get::<EpisodeState>(garden)
        {
            begin_episode(
                world,
                garden,
                EpisodeStart {
                    number: number + 1,
                    tick,
                },
            );
        }
    }
}

/// Clears a garden and starts an episode in it.
pub fn begin_episode(world: &mut World, garden: Entity, start: EpisodeStart) {
    let Some(&Garden { number }) = world.get::<Garden>(garden) else {
        return;
    };
    world.entity_mut(garden).despawn_related::<GardenContents>();
    let scenario = world.resource::<ActiveScenario>().0.clone();
    let (seed, stream_number) = OwnSeed::of(world.get::<OwnSeed>(garden), *world.resource::<GardenSeed>(), number);
    let moment = world.resource::<ActiveYear>().0.moment(number, start.tick);
    let episode_stream = |purpose: &str| stream(seed, purpose, (stream_number << 40) | start.number);

    let season = SeasonState {
        moment,
        climate: scenario.climate(moment),
    };
    let sky = Sky::new(&season.climate.weather, episode_stream("weather"));
    let props: Vec<(PropKind, [f32; 3])> = scenario.seasons[season.climate.props_season]
        .props
        .iter()
        .flat_map(|props| std::iter::repeat_n((props.kind, props.colour.to_array()), props.count))
        .collect();
    let kinds: Vec<PropKind> = props.iter().map(|&(kind, _)| kind).collect();
    let layout = draw_layout(&scenario, &kinds, &mut episode_stream("layout"));

    let mut fixed: Vec<BodySpec> = Vec::new();
    let plants = spawn_plants(world, garden, &scenario, &layout, &mut episode_stream("plants"), &mut fixed);
    let butt = layout.butt_m.zip(scenario.robot.tank.as_ref()).map(|(position_m, tank)| {
        let entity = world
            .spawn((Name::new("water butt"), InGarden(garden), Butt, Position(position_m)))
            .id();
        fixed.push(BodySpec {
            position_m,
            radius_m: tank.butt_radius_m,
            height_m: tank.butt_height_m,
        });
        entity
    });
    let mut loose = Vec::new();
    let props = layout
        .props
        .iter()
        .zip(props)
        .map(|(&(kind, position_m), (_, colour))| {
            let radius_m = prop_radius_m(kind);
            let entity = world
                .spawn((
                    Name::new("prop"),
                    InGarden(garden),
                    Prop { kind, colour, radius_m },
                    Position(position_m),
                ))
                .id();
            let shape = match kind {
                PropKind::Stone => {
                    fixed.push(BodySpec {
                        position_m,
                        radius_m,
                        height_m: radius_m,
                    });
                    return entity;
                }
                PropKind::Apple => LooseShape::Ball,
                PropKind::Pot => LooseShape::LyingCylinder,
            };
            loose.push((entity, shape, position_m, radius_m));
            world
                .entity_mut(entity)
                .insert(LoosePose::at_rest(shape, position_m, radius_m));
            entity
        })
        .collect();

    let settings = &scenario.robot;
    let robot = world.spawn_empty().id();
    let spec = RobotSpec {
        entity: robot,
        pose: layout.robot,
        radius_m: settings.radius_m,
        height_m: settings.height_m,
        mass_kg: settings.mass_kg,
    };
    world.entity_mut(robot).insert((
        Name::new("robot"),
        InGarden(garden),
        RobotMarker,
        layout.robot,
        spec.chassis(settings.wheel_track_m, settings.wheel_gain),
        Motion::default(),
        WheelCommand::default(),
        Bumped::default(),
        Skid::default(),
        Pump {
            on: false,
            sprays_left: settings.tank.as_ref().map(|tank| tank.capacity_sprays),
        },
    ));
    let (rapier, moving, free_space) = build_world(scenario.plot.side_m, scenario.plot.wall_height_m, &fixed, &spec, &loose);
    let traction = Traction(season.climate.dynamics.traction);
    let episode = EpisodeState {
        number: start.number,
        begun_at_tick: start.tick,
        decisions: 0,
        end: None,
        tally: Tally::default(),
    };
    world.entity_mut(garden).insert((
        GardenEntities {
            robot,
            plants,
            butt,
            props,
        },
        episode,
        season,
        sky,
        traction,
        Decision::default(),
        Watering::default(),
        (Reward::default(), RecentRewards::default()),
        rapier,
        moving,
        free_space,
    ));
}

fn spawn_plants(
    world: &mut World,
    garden: Entity,
    scenario: &Scenario,
    layout: &GardenLayout,
    stream: &mut crate::random::Stream,
    fixed: &mut Vec<BodySpec>,
) -> Vec<Entity> {
    let settings = &scenario.plants;
    let shares = WeightedIndex::new(settings.species.iter().map(|species| species.share));
    let tint = Normal::new(0.0, settings.tint_deviation);
    layout
        .plants_m
        .iter()
        .map(|&position_m| {
            let species = shares.as_ref().map_or(0, |shares| shares.sample(stream));
            let tint = [(); 3].map(|()| tint.map_or(0.0, |tint| tint.sample(stream)));
            let moisture = uniform(settings.initial_moisture_low, settings.initial_moisture_high, stream);
            let kind = &settings.species[species];
            let entity = world
                .spawn((
                    Name::new(kind.name.clone()),
                    InGarden(garden),
                    Plant { species, tint },
                    Position(position_m),
                    Soil { moisture },
                    Wellbeing(1.0),
                ))
                .id();
            fixed.push(BodySpec {
                position_m,
                radius_m: kind.stem_radius_m,
                height_m: kind.height_m,
            });
            entity
        })
        .collect()
}

impl SeasonState {
    /// Returns the season state at a moment of the scenario's year.
    pub fn at(scenario: &Scenario, moment: Moment) -> Self {
        Self {
            moment,
            climate: scenario.climate(moment),
        }
    }
}
