//! How hard a scenario will be, measured before anything is trained.
//!
//! A robot that drives half by the gardener's rule and half at random looks at plants in every season. What it sees of a plant is the
//! colour of one pixel, and the light and colours around it. From such views a nearest-neighbour rule (Cover and Hart 1967, "Nearest
//! neighbor pattern classification") learns what thirsty looks like: what it gets wrong with views of another season is what a policy
//! would get wrong that had only learned in this one.

use std::f32::consts::TAU;
use std::sync::Arc;

use palette::{FromColor, Oklab, Srgb};

use crate::agent::drivers::{Driver, DriverInput, Gardener, RandomDriver};
use crate::app::Gardens;
use crate::evaluation::ScoreBaseline;
use crate::live::GardenView;
use crate::mdp::Action;
use crate::rollout::{ProbeSettings, probe};
use crate::scenario::{Scenario, Year};
use crate::training::{EvaluatorGone, measure_score_baselines};

/// Number of gardens in which a season is looked at.
const GARDENS: usize = 16;
/// Largest number of views of thirsty plants, and of fine ones, that are kept of a season.
const VIEWS: usize = 1_500;
/// Number of neighbours that vote.
const NEIGHBOURS: usize = 9;
/// Thirst above which a plant counts as thirsty. What is between none and this is left out.
const THIRSTY: f32 = 0.5;
/// A crown reaches at most this far from its stem towards the eye, in metres.
const CROWN_M: f32 = 0.45;
/// Farthest plant that is looked at, in metres.
const FARTHEST_M: f32 = 2.5;

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Hardness {
    /// Fraction of wrong views when views of the season of the row judge those of the season of the column. On the diagonal, one half of
    /// the views judges the other.
    pub wrong: Vec<Vec<f32>>,
    /// The same where the rule also sees ground, sky and light: on the diagonal and beside it, the seasons are then learned together.
    pub wrong_together: Vec<f32>,
    /// Fraction of views whose season is told rightly from ground, sky and light.
    pub season_told: Vec<f32>,
    /// Returns of chance, gardener and planner in each season.
    pub baselines: Vec<ScoreBaseline>,
    /// Return of doing nothing in each season.
    pub idle_return: Vec<f64>,
    /// Fraction of the time in which the gardener's wheels slip, in each season.
    pub skid: Vec<f32>,
    /// Fraction of the plants that the jet reaches from somewhere on free ground, over all layouts.
    pub reachable: f32,
}

/// One look at a plant.
#[derive(Clone, Copy, Debug, PartialEq)]
struct View {
    /// Colour of the plant, in OKLab.
    plant: [f32; 3],
    /// Colours of ground and sky under the light of the moment, in OKLab.
    around: [f32; 6],
    is_thirsty: bool,
}

impl Hardness {
    /// Measures a scenario; the same seed gives the same result.
    ///
    /// # Errors
    /// Returns an error if measuring the baselines panics.
    pub fn measure(scenario: &Arc<Scenario>, seed: u64) -> Result<Self, EvaluatorGone> {
        let seasons = scenario.seasons.len();
        let looks: Vec<Looked> = (0..seasons).map(|season| look_around(scenario, season, seed)).collect();
        let halves = |views: &[View], odd: bool| -> Vec<View> {
            let half = views.iter().enumerate().filter(|(number, _)| (number % 2 == 1) == odd);
            half.map(|(_, view)| *view).collect()
        };
        let known: Vec<Vec<View>> = looks.iter().map(|look| halves(&look.views, false)).collect();
        let asked: Vec<Vec<View>> = looks.iter().map(|look| halves(&look.views, true)).collect();
        let together: Vec<View> = known.iter().flatten().copied().collect();
        let wrong = known
            .iter()
            .map(|known| asked.iter().map(|asked| wrong(known, asked, false)).collect());
        let seasons_of: Vec<usize> = known
            .iter()
            .enumerate()
            .flat_map(|(season, known)| vec![season; known.len()])
            .collect();
        let baselines = measure_score_baselines(scenario.clone(), probes(seed), false).result()?;
        Ok(Self {
            wrong: wrong.collect(),
            wrong_together: asked.iter().map(|asked| self::wrong(&together, asked, true)).collect(),
            season_told: asked
                .iter()
                .enumerate()
                .map(|(season, asked)| told(&together, &seasons_of, asked, season))
                .collect(),
            // No policy is run that could fail to fit.
            baselines: baselines.map(|measured| measured.seasons).unwrap_or_default(),
            idle_return: (0..seasons).map(|season| idle_return(scenario, season, seed)).collect(),
            skid: looks.iter().map(|look| look.skid).collect(),
            reachable: mean(looks.iter().map(|look| look.reachable)),
        })
    }
}

fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let values: Vec<f32> = values.collect();
    values.iter().sum::<f32>() / (values.len() as f32).max(1.0)
}

fn probes(seed: u64) -> ProbeSettings {
    ProbeSettings {
        gardens: GARDENS,
        episodes: GARDENS,
        seed,
    }
}

/// Follows the gardener's rule in half of the decisions, and chance in the others: a robot that sees plants from all sides.
struct HalfAtRandom {
    chance: RandomDriver,
    turn: usize,
}

impl Driver for HalfAtRandom {
    fn decide(&mut self, input: &DriverInput, actions: &mut [Action]) {
        self.turn += 1;
        // Two decisions at a time, so that a random turn is not taken back at once.
        if (self.turn / 2).is_multiple_of(2) {
            Gardener.decide(input, actions);
        } else {
            self.chance.decide(input, actions);
        }
    }

    fn needs_truth(&self) -> bool {
        true
    }
}

/// Does nothing useful: it drives back, against a wall.
struct Idle;

impl Driver for Idle {
    fn decide(&mut self, _: &DriverInput, actions: &mut [Action]) {
        actions.fill(Action::TurnLeft);
    }
}

fn idle_return(scenario: &Arc<Scenario>, season: usize, seed: u64) -> f64 {
    probe(scenario, season, Box::new(Idle), probes(seed)).mean_return()
}

/// What a robot found in a season.
struct Looked {
    views: Vec<View>,
    skid: f32,
    reachable: f32,
}

/// Looks at plants for an episode in every garden.
fn look_around(scenario: &Arc<Scenario>, season: usize, seed: u64) -> Looked {
    let mut gardens = Gardens::shared(scenario.clone(), GARDENS, seed, Year::Pure(season));
    let reachable = mean((0..GARDENS).filter_map(|garden| Some(reachable(scenario, &GardenView::of(&gardens, garden)?))));
    gardens.drive(Box::new(HalfAtRandom {
        chance: RandomDriver::new(seed),
        turn: 0,
    }));
    let width = gardens.observation_spec().len();
    let (mut fine, mut thirsty, mut skids) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..scenario.episode.decisions.min(600) {
        gardens.tick();
        for garden in 0..GARDENS {
            let Some(view) = GardenView::of(&gardens, garden) else {
                continue;
            };
            skids.push(view.robot.skid);
            let observation = &gardens.observations()[garden * width..(garden + 1) * width];
            for looked in views(scenario, &view, observation) {
                let kept = if looked.is_thirsty { &mut thirsty } else { &mut fine };
                if kept.len() < VIEWS {
                    kept.push(looked);
                }
            }
        }
    }
    // As many of the one as of the other, so that guessing is right half of the time.
    let both = fine.len().min(thirsty.len());
    let views = fine.into_iter().take(both).chain(thirsty.into_iter().take(both)).collect();
    Looked {
        views,
        skid: mean(skids.into_iter()),
        reachable,
    }
}

/// Returns the views of plants in an observation: those that are near and whose pixel shows them.
fn views(scenario: &Scenario, view: &GardenView, observation: &[u8]) -> Vec<View> {
    let eye = &scenario.eye;
    let pixels = 4 * eye.columns * eye.rows;
    let colour = |bytes: &[u8]| {
        let seen = Oklab::from_color(Srgb::new(bytes[0], bytes[1], bytes[2]).into_format::<f32>());
        [seen.l, seen.a, seen.b]
    };
    let [ground, sky] = [0, 3].map(|start| colour(&observation[pixels + start..pixels + start + 3]));
    let around = [ground[0], ground[1], ground[2], sky[0], sky[1], sky[2]];
    let half_field_rad = 0.5 * eye.field_of_view_degrees.to_radians();
    let row = eye.rows / 2;
    let each = view.plants.iter().filter_map(|plant| {
        let is_thirsty = plant.thirst > THIRSTY;
        let at_m = view.robot.pose.robot_from_plane(plant.position_m);
        let (distance_m, angle_rad) = (at_m.length(), libm::atan2f(at_m.y, at_m.x));
        if (plant.thirst > 0.0 && !is_thirsty) || distance_m > FARTHEST_M || angle_rad.abs() >= half_field_rad {
            return None;
        }
        let place = (half_field_rad - angle_rad) / (2.0 * half_field_rad) * eye.columns as f32;
        let column = (place as usize).min(eye.columns - 1);
        let pixel = &observation[4 * (row * eye.columns + column)..][..4];
        // Nearness is 1 / (0.3 + distance), in 255 parts of its largest value.
        let seen_m = 0.3 * 255.0 / f32::from(pixel[3].max(1)) - 0.3;
        let is_shown = (distance_m - CROWN_M..=distance_m + 0.1).contains(&seen_m);
        is_shown.then(|| View {
            plant: colour(pixel),
            around,
            is_thirsty,
        })
    });
    each.collect()
}

/// Returns the fraction of plants that the jet reaches from some place where the robot can stand.
fn reachable(scenario: &Scenario, view: &GardenView) -> f32 {
    let robot = &scenario.robot;
    let half_m = 0.5 * scenario.plot.side_m - robot.radius_m;
    let stem_m = |number: usize| scenario.plants.species[view.plants[number].species].stem_radius_m;
    let is_free = |place: bevy::math::Vec2| {
        let is_inside = place.x.abs() <= half_m && place.y.abs() <= half_m;
        let mut others = view.plants.iter().enumerate();
        let butt_m = scenario.robot.tank.as_ref().map_or(0.0, |tank| tank.butt_radius_m);
        is_inside
            && others.all(|(number, plant)| plant.position_m.distance(place) >= robot.radius_m + stem_m(number))
            && view.butt_m.is_none_or(|butt| butt.distance(place) >= robot.radius_m + butt_m)
    };
    let reached = (0..view.plants.len()).filter(|&number| {
        let nearest_m = robot.radius_m + stem_m(number) + 0.01;
        let places = (0..32).flat_map(|turn| (0..4).map(move |step| (turn as f32 / 32.0 * TAU, step as f32 / 3.0)));
        places
            .map(|(angle_rad, fraction)| {
                let distance_m = nearest_m + (robot.jet_reach_m - nearest_m) * fraction;
                view.plants[number].position_m + distance_m * bevy::math::Vec2::new(libm::cosf(angle_rad), libm::sinf(angle_rad))
            })
            .any(is_free)
    });
    reached.count() as f32 / (view.plants.len() as f32).max(1.0)
}

/// Returns the squared distance of two views: of the plants' colours, and with `around` also of what is around them.
fn distance(one: &View, other: &View, around: bool) -> f32 {
    let squares =
        |one: &[f32], other: &[f32]| -> f32 { one.iter().zip(other).map(|(one, other)| (one - other) * (one - other)).sum() };
    squares(&one.plant, &other.plant) + if around { squares(&one.around, &other.around) } else { 0.0 }
}

/// Returns the numbers of the known views nearest to one.
fn nearest(known: &[View], asked: &View, distance: impl Fn(&View, &View) -> f32) -> Vec<usize> {
    let mut near: Vec<(f32, usize)> = Vec::with_capacity(NEIGHBOURS + 1);
    for (number, view) in known.iter().enumerate() {
        let far = distance(view, asked);
        if near.len() < NEIGHBOURS || near.last().is_some_and(|(farthest, _)| far < *farthest) {
            let place = near.partition_point(|(other, _)| *other <= far);
            near.insert(place, (far, number));
            near.truncate(NEIGHBOURS);
        }
    }
    near.into_iter().map(|(_, number)| number).collect()
}

/// Returns the fraction of views that the known ones judge wrongly; half where there is nothing to go by.
fn wrong(known: &[View], asked: &[View], around: bool) -> f32 {
    if known.is_empty() || asked.is_empty() {
        return 0.5;
    }
    let is_wrong = |view: &&View| {
        let near = nearest(known, view, |one, other| distance(one, other, around));
        let thirsty = near.iter().filter(|&&number| known[number].is_thirsty).count();
        (2 * thirsty > near.len()) != view.is_thirsty
    };
    asked.iter().filter(is_wrong).count() as f32 / asked.len() as f32
}

/// Returns the fraction of views of a season that look most like views of that season, by what is around the plants.
fn told(known: &[View], seasons: &[usize], asked: &[View], season: usize) -> f32 {
    let around = |one: &View, other: &View| -> f32 {
        one.around
            .iter()
            .zip(other.around)
            .map(|(one, other)| (one - other) * (one - other))
            .sum()
    };
    let is_told = |view: &&View| {
        let near = nearest(known, view, around);
        2 * near.iter().filter(|&&number| seasons[number] == season).count() > near.len()
    };
    asked.iter().filter(is_told).count() as f32 / (asked.len() as f32).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hardness(change: impl FnOnce(&mut Scenario)) -> Hardness {
        let mut scenario = Scenario::load("four_seasons").unwrap().scenario;
        scenario.seasons.truncate(2);
        change(&mut scenario);
        Hardness::measure(&Arc::new(scenario), 3).unwrap()
    }

    #[test]
    fn seasons_that_swap_their_colours_mislead_each_other() {
        let swapped = hardness(|scenario| {
            let spring = scenario.seasons[0].look.clone();
            let summer = &mut scenario.seasons[1].look;
            (summer.fine, summer.thirsty) = (spring.thirsty, spring.fine);
        });
        assert!(swapped.wrong[0][0] < 0.1 && swapped.wrong[1][1] < 0.1, "{swapped:?}");
        assert!(swapped.wrong[0][1] > 0.8 && swapped.wrong[1][0] > 0.8, "{swapped:?}");
        // The grass tells which season it is, and so what the colours mean.
        assert!(swapped.season_told.iter().all(|&told| told > 0.9), "{swapped:?}");
        assert!(swapped.wrong_together.iter().all(|&wrong| wrong < 0.1), "{swapped:?}");
    }

    #[test]
    fn seasons_that_look_alike_are_one() {
        let same = hardness(|scenario| scenario.seasons[1].look = scenario.seasons[0].look.clone());
        assert!(same.wrong.iter().flatten().all(|&wrong| wrong < 0.1), "{same:?}");
        assert!(mean(same.season_told.iter().copied()) < 0.7, "{same:?}");
    }

    #[test]
    fn baselines_skid_and_reach_are_those_of_the_garden() {
        let found = hardness(|scenario| scenario.seasons[1].dynamics.traction = 0.1);
        assert!(found.skid[1] > 2.0 * found.skid[0], "{:?}", found.skid);
        assert!(found.reachable > 0.95, "{}", found.reachable);
        for (baseline, idle) in found.baselines.iter().zip(&found.idle_return) {
            assert!(
                baseline.gardener_return > baseline.random_return && *idle <= 0.0,
                "{baseline:?} {idle}"
            );
        }
        let crowded = hardness(|scenario| {
            (scenario.plants.count, scenario.plants.spacing_m) = (60, 0.6);
            (scenario.robot.radius_m, scenario.robot.jet_reach_m) = (0.6, 0.85);
        });
        assert!(crowded.reachable < 1.0, "{}", crowded.reachable);
    }
}
