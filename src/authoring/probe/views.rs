//! Views of plants through the robot's eye, and the nearest-neighbour rule that judges them.

use std::sync::Arc;

use palette::{FromColor, Oklab, Srgb};

use super::{GARDENS, mean, reachable};
use crate::agent::drivers::HalfAtRandom;
use crate::app::Gardens;
use crate::live::GardenView;
use crate::scenario::{Scenario, Year};
use crate::sensors::shown;

/// Largest number of views of thirsty plants, and of fine ones, that are kept of a season.
const VIEWS: usize = 1_500;
/// Largest number of them that are kept of all seasons: views are compared with each other.
const VIEWS_OF_A_YEAR: usize = 12_000;
/// Number of neighbours that vote.
const NEIGHBOURS: usize = 9;
/// Thirst above which a plant counts as thirsty. What is between none and this is left out.
const THIRSTY: f32 = 0.5;
/// Distance in OKLab that a season's age adds to its views, for each season lived through since.
const FADING: f32 = 0.05;
/// Farthest plant that is looked at, in metres.
const FARTHEST_M: f32 = 2.5;

/// One look at a plant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct View {
    /// Colour of the plant, in OKLab.
    pub(super) plant: [f32; 3],
    /// Colours of ground and sky under the light of the moment, in OKLab.
    pub(super) around: [f32; 6],
    /// `true` if the plant is thirsty.
    pub(super) is_thirsty: bool,
}

/// Findings of a robot in a season.
pub(super) struct Looked {
    /// Views, as many of thirsty plants as of fine ones.
    pub(super) views: Vec<View>,
    /// Fraction of the time in which the wheels slip.
    pub(super) skid: f32,
    /// Fraction of the plants that the jet reaches from somewhere.
    pub(super) reachable: f32,
}

/// Views of a season in two halves, so that none is judged by itself.
pub(super) struct Views {
    /// Views that are learned from.
    pub(super) known: Vec<View>,
    /// Views that are judged.
    pub(super) asked: Vec<View>,
}

impl Looked {
    /// Returns the views in two halves.
    pub(super) fn views(self) -> Views {
        let mut halves = [Vec::new(), Vec::new()];
        for (number, view) in self.views.into_iter().enumerate() {
            halves[number % 2].push(view);
        }
        let [known, asked] = halves;
        Views { known, asked }
    }

    /// Looks at plants for an episode in every garden.
    pub(super) fn around(scenario: &Arc<Scenario>, season: usize, seed: u64) -> Self {
        let mut gardens = Gardens::shared(scenario.clone(), GARDENS, seed, Year::Pure(season));
        let reachable = mean((0..GARDENS).filter_map(|garden| Some(reachable(scenario, &GardenView::of(&gardens, garden)?))));
        gardens.drive(Box::new(HalfAtRandom::new(seed)));
        let width = gardens.observation_spec().len();
        let most = VIEWS.min(VIEWS_OF_A_YEAR / scenario.seasons.len());
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
                    if kept.len() < most {
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
    let each = view.plants.iter().filter_map(|plant| {
        let is_thirsty = plant.thirst > THIRSTY;
        let distance_m = view.robot.pose.robot_from_plane(plant.position_m).length();
        if (plant.thirst > 0.0 && !is_thirsty) || distance_m > FARTHEST_M {
            return None;
        }
        let shown = shown(eye, &view.robot.pose, plant.position_m, observation)?;
        Some(View {
            plant: colour(&shown.pixel),
            around,
            is_thirsty,
        })
    });
    each.collect()
}

/// Returns the squared distance of two views: of the plants' colours, and with `around` also of what is around them.
fn distance(one: &View, other: &View, around: bool) -> f32 {
    let squares =
        |one: &[f32], other: &[f32]| -> f32 { one.iter().zip(other).map(|(one, other)| (one - other) * (one - other)).sum() };
    squares(&one.plant, &other.plant) + if around { squares(&one.around, &other.around) } else { 0.0 }
}

/// The views nearest to one.
#[derive(Default)]
struct Nearest(Vec<(f32, usize)>);

impl Nearest {
    /// Returns the known views that are nearest by a distance.
    fn among(known: &[View], distance: impl Fn(&View) -> f32) -> Self {
        let mut near = Self::default();
        for (number, view) in known.iter().enumerate() {
            near.meet(distance(view), number);
        }
        near
    }

    /// Keeps a view if it is nearer than one of those before.
    fn meet(&mut self, far: f32, number: usize) {
        let near = &mut self.0;
        if near.len() < NEIGHBOURS || near.last().is_some_and(|(farthest, _)| far < *farthest) {
            let place = near.partition_point(|(other, _)| *other <= far);
            near.insert(place, (far, number));
            near.truncate(NEIGHBOURS);
        }
    }

    /// Returns `true` if something holds for most of them.
    fn majority(&self, holds: impl Fn(usize) -> bool) -> bool {
        2 * self.0.iter().filter(|(_, number)| holds(*number)).count() > self.0.len()
    }
}

/// Returns the fraction of views that the known ones judge wrongly; half where there is nothing to go by.
pub(super) fn wrong(known: &[View], asked: &[View], around: bool) -> f32 {
    if known.is_empty() || asked.is_empty() {
        return 0.5;
    }
    let is_wrong = |view: &&View| {
        let near = Nearest::among(known, |other| distance(other, view, around));
        near.majority(|number| known[number].is_thirsty) != view.is_thirsty
    };
    asked.iter().filter(is_wrong).count() as f32 / asked.len() as f32
}

/// Fractions of a season's plants that are taken for thirsty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Judgement {
    /// Fraction of the plants without thirst that are taken for thirsty.
    fine: f32,
    /// Fraction of the thirsty plants that are.
    thirsty: f32,
}

impl Judgement {
    /// Returns how views are judged after seasons were lived through, the oldest first. Older views count as farther away.
    pub(super) fn after(lived: &[&[View]], asked: &[View]) -> Self {
        let ages = lived.iter().rev().enumerate();
        let known: Vec<(f32, View)> = ages
            .flat_map(|(age, views)| views.iter().map(move |view| (FADING * age as f32, *view)))
            .collect();
        let rate = |of_thirsty: bool| {
            let of_kind = asked.iter().filter(|view| view.is_thirsty == of_thirsty);
            let taken: Vec<f32> = of_kind
                .map(|view| {
                    let mut near = Nearest::default();
                    for (number, (farther, other)) in known.iter().enumerate() {
                        near.meet(distance(other, view, false).sqrt() + farther, number);
                    }
                    f32::from(u8::from(near.majority(|number| known[number].1.is_thirsty)))
                })
                .collect();
            if taken.is_empty() || known.is_empty() {
                0.5
            } else {
                mean(taken.into_iter())
            }
        };
        Self {
            fine: rate(false),
            thirsty: rate(true),
        }
    }

    /// Returns the probability that a plant is taken for thirsty.
    pub(super) fn rate(&self, thirst: f32) -> f32 {
        self.fine + (self.thirsty - self.fine) * (thirst / THIRSTY).min(1.0)
    }
}

/// Returns the fraction of views of a season that look most like views of that season, by what is around the plants.
pub(super) fn told(known: &[View], seasons: &[usize], asked: &[View], season: usize) -> f32 {
    let around = |one: &View, other: &View| -> f32 {
        one.around
            .iter()
            .zip(other.around)
            .map(|(one, other)| (one - other) * (one - other))
            .sum()
    };
    let is_told = |view: &&View| {
        let near = Nearest::among(known, |other| around(other, view));
        near.majority(|number| seasons[number] == season)
    };
    asked.iter().filter(is_told).count() as f32 / (asked.len() as f32).max(1.0)
}
