//! The probe album: views of plants in each season with their true answer, and transitions of each season, to look at a policy with.
//!
//! A scripted robot that half gardens and half wanders plays each season by itself, as it is written, in gardens of fixed seeds. A view is taken
//! where the jet would hit a plant now, in its inner part, and the eye shows it: water if it is clearly thirsty, leave if it is fine; what is in between is left out.
//! Views are spread evenly over both answers and over the species, each plant at most once for each answer.
//!
//! Always holds: the album is a function of the scenario and the number of views. It is the measurement's own: no method learns from it, and it
//! does not count as memory.

mod making;
mod text;

use std::sync::{Arc, Mutex, PoisonError};

pub use text::{AlbumError, AlbumLine, lines, parse};

use crate::scenario::Scenario;

/// Views and transitions of every season.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Album {
    /// Views, season by season.
    pub views: Vec<AlbumView>,
    /// Transitions of each season.
    pub transitions: Vec<Vec<ProbeTransition>>,
}

/// A view of a plant that the jet would hit.
#[derive(Clone, Debug, PartialEq)]
pub struct AlbumView {
    /// Number of the season.
    pub season: usize,
    /// Number of the plant's species.
    pub species: usize,
    /// Thirst of the plant, in 0..1: 0, or above one half.
    pub thirst: f32,
    /// Column of the eye that shows the plant.
    pub column: usize,
    /// Colour of the plant's pixel.
    pub colour: [u8; 3],
    /// The whole observation.
    pub observation: Vec<u8>,
}

impl AlbumView {
    /// `true` if watering is right, `false` if the plant is to be left alone.
    pub fn is_thirsty(&self) -> bool {
        self.thirst > 0.0
    }
}

/// A transition for measuring gradients.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeTransition {
    /// Observation on which the decision was based.
    pub observation: Vec<u8>,
    /// Index of the action.
    pub action: u8,
    /// Reward of the action.
    pub reward: f32,
    /// `true` if nothing follows.
    pub terminated: bool,
    /// Next observation.
    pub next_observation: Vec<u8>,
}

/// Number of transitions of a season.
pub const PROBE_TRANSITIONS: usize = 128;
/// Most albums that are kept: enough for any comparison.
const MOST_KEPT: usize = 8;

static KEPT: Mutex<Vec<(Arc<Scenario>, usize, Arc<Album>)>> = Mutex::new(Vec::new());

impl Album {
    /// Makes the album of a scenario with about `views_per_season` views of each season: fewer where the robot meets too few plants. It is made
    /// once in a process.
    pub fn of(scenario: &Arc<Scenario>, views_per_season: usize) -> Arc<Self> {
        let known = |kept: &[(Arc<Scenario>, usize, Arc<Self>)]| {
            let same = |(other, views, _): &&(Arc<Scenario>, usize, Arc<Self>)| *views == views_per_season && other == scenario;
            kept.iter().find(same).map(|(_, _, album)| album.clone())
        };
        let kept = || KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(album) = known(&kept()) {
            return album;
        }
        // Runs beside each other may make it twice, rather than wait for each other.
        let album = Arc::new(making::make(scenario, views_per_season));
        let mut kept = kept();
        if known(&kept).is_none() {
            if kept.len() == MOST_KEPT {
                kept.remove(0);
            }
            kept.push((scenario.clone(), views_per_season, album.clone()));
        }
        album
    }

    /// The views of a season, by their place in [`views`](Self::views).
    pub fn of_season(&self, season: usize) -> std::ops::Range<usize> {
        let start = self.views.partition_point(|view| view.season < season);
        start..self.views.partition_point(|view| view.season <= season)
    }
}

#[cfg(test)]
mod tests;
