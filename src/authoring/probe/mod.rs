//! Measures of how hard a scenario is, taken before anything is trained.
//!
//! A robot that drives half by the gardener's rule and half at random looks at plants in every season. What it sees of a plant is the
//! colour of one pixel, and the light and colours around it. From such views a nearest-neighbour rule (Cover and Hart 1967, "Nearest
//! neighbor pattern classification") learns what thirsty looks like: what it gets wrong with views of another season is what a policy
//! would get wrong that had only learned in this one.

mod forecast;
mod views;
mod words;

use std::f32::consts::TAU;
use std::sync::Arc;

pub use self::forecast::Forecast;
use self::views::{Looked, View, Views, told, wrong};
use crate::evaluation::ScoreBaseline;
use crate::live::GardenView;
use crate::rollout::ProbeSettings;
use crate::scenario::Scenario;
use crate::training::{EvaluatorGone, measure_score_baselines};

/// Number of gardens in which a season is looked at.
const GARDENS: usize = 16;

/// Measures of how hard a scenario is.
#[derive(Clone, Debug, PartialEq)]
pub struct Hardness {
    /// Forecast of fine-tuning; `None` where a season has no score.
    pub forecast: Option<Forecast>,
    /// Fraction of wrong views when views of the season of the row judge those of the season of the column. On the diagonal, one half of
    /// the views judges the other.
    pub wrong: Vec<Vec<f32>>,
    /// The same where the rule also sees ground, sky and light: on the diagonal and beside it, the seasons are then learned together.
    pub wrong_together: Vec<f32>,
    /// Fraction of views whose season is told rightly from ground, sky and light.
    pub season_told: Vec<f32>,
    /// Returns of the reference drivers in each season.
    pub baselines: Vec<ScoreBaseline>,
    /// Return of doing nothing in each season.
    pub idle_return: Vec<f64>,
    /// Fraction of the time in which the gardener's wheels slip, in each season.
    pub skid: Vec<f32>,
    /// Fraction of the plants that the jet reaches from somewhere on free ground, over all layouts.
    pub reachable: f32,
}

impl Hardness {
    /// Measures a scenario; the same seed gives the same result.
    ///
    /// # Errors
    /// Returns an error if measuring the baselines panics.
    pub fn measure(scenario: &Arc<Scenario>, seed: u64) -> Result<Self, EvaluatorGone> {
        let seasons = scenario.seasons.len();
        let looks: Vec<Looked> = (0..seasons).map(|season| Looked::around(scenario, season, seed)).collect();
        let skid = looks.iter().map(|look| look.skid).collect();
        let reachable = mean(looks.iter().map(|look| look.reachable));
        let views: Vec<Views> = looks.into_iter().map(Looked::views).collect();
        let together: Vec<View> = views.iter().flat_map(|views| &views.known).copied().collect();
        let seasons_of: Vec<usize> = views
            .iter()
            .enumerate()
            .flat_map(|(season, views)| vec![season; views.known.len()])
            .collect();
        let wrong_from = |known: &Views| views.iter().map(|views| wrong(&known.known, &views.asked, false)).collect();
        let baselines = measure_score_baselines(scenario.clone(), probes(seed), false).result()?;
        // No policy is run that could fail to fit.
        let baselines = baselines.map(|measured| measured.seasons).unwrap_or_default();
        Ok(Self {
            forecast: Forecast::of(scenario, &views, &baselines, seed),
            wrong: views.iter().map(wrong_from).collect(),
            wrong_together: views.iter().map(|views| wrong(&together, &views.asked, true)).collect(),
            season_told: views
                .iter()
                .enumerate()
                .map(|(season, views)| told(&together, &seasons_of, &views.asked, season))
                .collect(),
            idle_return: baselines.iter().filter_map(|baseline| baseline.idle_return).collect(),
            baselines,
            skid,
            reachable,
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
