//! Making an album: a scripted robot plays, and views are chosen of what it met.
//!
//! Views are taken in the inner part of the jet only. At its rim the better answer is often to turn or to drive on, and policies differ in what they do
//! there without having forgotten anything.

use std::collections::BTreeSet;
use std::sync::Arc;

use bevy::prelude::Entity;

use super::{Album, AlbumView, PROBE_TRANSITIONS, ProbeTransition};
use crate::agent::drivers::HalfAtRandom;
use crate::agent::{Driver, DriverInput, GardenTruth};
use crate::app::Gardens;
use crate::garden::{GardenEntities, GardenList, Plant, Position, Pump, Soil};
use crate::mdp::{Action, Experience};
use crate::physics::Pose;
use crate::scenario::{Scenario, Year};
use crate::sensors::shown;

/// Seed of the gardens: of no run, and not that of the evaluations.
const SEED: u64 = 8_000_000;
/// Gardens side by side.
const GARDENS: usize = 8;
/// Ticks in which views are collected.
const TICKS: usize = 400;
/// Part of the jet's reach, and of its half angle, in which views are taken.
const INNER_REACH: f32 = 0.8;
const INNER_ANGLE: f32 = 0.6;
/// Thirst above which a plant is clearly thirsty. What is between none and this is left out.
const THIRSTY: f32 = 0.5;

pub(super) fn make(scenario: &Arc<Scenario>, views_per_season: usize) -> Album {
    let mut album = Album::default();
    for season in 0..scenario.seasons.len() {
        let played = play(scenario, season);
        let [fine, thirsty] = played
            .met
            .map(|met| chosen(met, scenario.plants.species.len(), views_per_season / 2));
        album.views.extend(thirsty.into_iter().chain(fine));
        album.transitions.push(played.transitions);
    }
    album
}

/// Views and transitions that the robot met in a season.
struct Played {
    /// Views of fine plants, and of thirsty ones.
    met: [Vec<AlbumView>; 2],
    transitions: Vec<ProbeTransition>,
}

fn play(scenario: &Arc<Scenario>, season: usize) -> Played {
    let mut gardens = Gardens::shared(scenario.clone(), GARDENS, SEED, Year::Pure(season));
    let inner = Arc::new(with_inner_jet(scenario));
    gardens.drive(Box::new(Closer {
        driver: HalfAtRandom::new(SEED),
        scenario: inner.clone(),
        truths: Vec::new(),
    }));
    let width = gardens.observation_spec().len();
    let mut played = Played {
        met: [Vec::new(), Vec::new()],
        transitions: Vec::new(),
    };
    let mut seen = BTreeSet::new();
    // Odd, so that it comes round to all gardens.
    let stride = (TICKS * GARDENS / PROBE_TRANSITIONS) | 1;
    for tick in 0..TICKS {
        let experience = gardens.tick();
        for garden in (0..GARDENS).filter(|garden| (tick * GARDENS + garden).is_multiple_of(stride)) {
            if played.transitions.len() < PROBE_TRANSITIONS {
                played.transitions.push(transition(experience, garden, width));
            }
        }
        for garden in 0..GARDENS {
            let observation = &gardens.observations()[garden * width..(garden + 1) * width];
            let Some((plant, view)) = view(&inner, scenario, &gardens, garden, season, observation) else {
                continue;
            };
            if seen.insert((plant, view.is_thirsty())) {
                played.met[usize::from(view.is_thirsty())].push(view);
            }
        }
    }
    played
}

/// Returns a scenario whose jet is the inner part of the jet.
fn with_inner_jet(scenario: &Scenario) -> Scenario {
    let mut inner = scenario.clone();
    inner.robot.jet_reach_m *= INNER_REACH;
    inner.robot.jet_half_angle_rad *= INNER_ANGLE;
    inner
}

/// Lets a driver believe in another jet, so that it comes closer to the plants before it waters.
struct Closer {
    driver: HalfAtRandom,
    scenario: Arc<Scenario>,
    truths: Vec<GardenTruth>,
}

impl Driver for Closer {
    fn decide(&mut self, input: &DriverInput, actions: &mut [Action]) {
        self.truths.clear();
        self.truths.extend(input.gardens.iter().map(|truth| GardenTruth {
            scenario: self.scenario.clone(),
            ..truth.clone()
        }));
        self.driver.decide(
            &DriverInput {
                gardens: &self.truths,
                ..*input
            },
            actions,
        );
    }

    fn needs_truth(&self) -> bool {
        true
    }
}

fn transition(experience: &Experience, garden: usize, width: usize) -> ProbeTransition {
    let (row, step) = (garden * width..(garden + 1) * width, &experience.step);
    let next = if step.ended(garden) {
        &step.final_observations
    } else {
        &step.observations
    };
    ProbeTransition {
        observation: experience.observations[row.clone()].to_vec(),
        action: experience.actions[garden],
        reward: step.rewards[garden],
        terminated: step.terminated[garden],
        next_observation: next[row].to_vec(),
    }
}

/// Returns the plant that the jet would hit now and a view of it, if it is in the inner part and there is a clear answer.
fn view(
    inner: &Scenario,
    scenario: &Scenario,
    gardens: &Gardens,
    garden: usize,
    season: usize,
    observation: &[u8],
) -> Option<(Entity, AlbumView)> {
    let world = gardens.world();
    let entities = world.get::<GardenEntities>(*world.resource::<GardenList>().0.get(garden)?)?;
    let pose = world.get::<Pose>(entities.robot)?;
    if world.get::<Pump>(entities.robot)?.sprays_left == Some(0) {
        return None;
    }
    let in_jet = entities.plants.iter().filter_map(|&plant| {
        let position_m = world.get::<Position>(plant)?.0;
        Some((scenario.robot.jet_reaches(pose, position_m)?, plant, position_m))
    });
    let (_, plant, position_m) = in_jet.min_by(|(one_m, ..), (other_m, ..)| one_m.total_cmp(other_m))?;
    inner.robot.jet_reaches(pose, position_m)?;
    let thirst = scenario.plants.thirst(world.get::<Soil>(plant)?.moisture);
    if thirst > 0.0 && thirst <= THIRSTY {
        return None;
    }
    let shown = shown(&scenario.eye, pose, position_m, observation)?;
    let [red, green, blue, _] = shown.pixel;
    let view = AlbumView {
        season,
        species: world.get::<Plant>(plant)?.species,
        thirst,
        column: shown.column,
        colour: [red, green, blue],
        observation: observation.to_vec(),
    };
    Some((plant, view))
}

/// Chooses `count` views, as evenly over the species as they were met, and evenly over the time.
fn chosen(met: Vec<AlbumView>, species: usize, count: usize) -> Vec<AlbumView> {
    let mut by_species: Vec<Vec<AlbumView>> = vec![Vec::new(); species];
    for view in met {
        by_species[view.species].push(view);
    }
    // One more of each species in turn, until there are enough or no more.
    let (mut taken, mut total) = (vec![0; species], 0);
    loop {
        let before = total;
        for (taken, views) in taken.iter_mut().zip(&by_species) {
            if *taken < views.len() && total < count {
                *taken += 1;
                total += 1;
            }
        }
        if total == before {
            break;
        }
    }
    let spread = by_species.into_iter().zip(taken).flat_map(|(views, taken)| {
        let places: Vec<usize> = (0..taken).map(|number| number * views.len() / taken.max(1)).collect();
        places.into_iter().map(|place| views[place].clone()).collect::<Vec<_>>()
    });
    spread.collect()
}
