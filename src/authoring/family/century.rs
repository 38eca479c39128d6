//! A hundred seasons, each with a look that no other has.
//!
//! Looks are drawn one after the other as for a [random year](crate::authoring::random), each until it conflicts with the last ones by a medium
//! degree: some of what was learned holds, some misleads. Dynamics and weather are the same in all seasons, so that seasons differ in nothing but
//! their looks, and how fast one is learned depends on its look and on the age of the network alone.

use super::phase::mild_season;
use crate::authoring::contrast::Conflict;
use crate::authoring::random::look;
use crate::random::stream;
use crate::scenario::{Look, Scenario, Season};

/// Number of seasons.
pub const SEASONS: usize = 100;
/// Number of the season that comes back, and number of seasons until it does, in the century in which one does.
pub const RETURNS_EVERY: usize = 10;
/// Number of past seasons with which a new one is compared.
const COMPARED: usize = 2;
/// Medium conflict: mean of [`Conflict::wrong`] over the pairs with the last seasons.
const WANTED: std::ops::Range<f32> = 0.2..0.4;
const MIDDLE: f32 = 0.3;
/// Number of looks that are drawn for a season; if none conflicts as wanted, the one nearest to it is taken.
const TRIES: usize = 32;

/// Returns the century of a seed, with one season that returns or with none.
pub(super) fn scenario(seed: u64, returning: bool) -> Scenario {
    let mut seasons = drawn(seed);
    if returning {
        let back = seasons[RETURNS_EVERY - 1].look.clone();
        for number in (2 * RETURNS_EVERY..=SEASONS).step_by(RETURNS_EVERY) {
            let season = &mut seasons[number - 1];
            season.name.push_str(" (again)");
            season.look = back.clone();
        }
    }
    let (kind, told) = if returning {
        (
            " returning",
            "a hundred seasons of medium conflict, of which the tenth comes back every ten",
        )
    } else {
        ("", "a hundred seasons of medium conflict, none of which comes back")
    };
    let which = if seed == 0 { String::new() } else { format!(" {seed}") };
    Scenario {
        name: format!("century{kind}{which}"),
        description: format!("Drawn at random with seed {seed}: {told}."),
        schedule: Default::default(),
        plot: Default::default(),
        plants: Default::default(),
        robot: Default::default(),
        eye: Default::default(),
        episode: Default::default(),
        rewards: Default::default(),
        seasons,
    }
}

/// Draws the seasons of a seed.
fn drawn(seed: u64) -> Vec<Season> {
    let mut stream = stream(seed, "century", 0);
    let mut seasons: Vec<Season> = Vec::new();
    for number in 1..=SEASONS {
        let mut season = mild_season(&format!("season {number}"));
        let recent = &seasons[seasons.len().saturating_sub(COMPARED)..];
        let mut best: Option<(f32, Look)> = None;
        for _ in 0..TRIES {
            let drawn = look(&season.weather, &mut stream);
            let conflict = conflict(recent, &drawn);
            let error = (conflict - MIDDLE).abs();
            if best.as_ref().is_none_or(|(least, _)| error < *least) {
                best = Some((error, drawn));
            }
            if recent.is_empty() || WANTED.contains(&conflict) {
                break;
            }
        }
        if let Some((_, look)) = best {
            season.look = look;
        }
        seasons.push(season);
    }
    seasons
}

/// Returns the mean conflict of a look with those of the last seasons, both ways; the middle of what is wanted if there are none.
fn conflict(recent: &[Season], look: &Look) -> f32 {
    let Some(last) = recent.last() else { return MIDDLE };
    let mut seasons = recent.to_vec();
    seasons.push(Season {
        look: look.clone(),
        ..last.clone()
    });
    let new = seasons.len() - 1;
    let wrong = Conflict::of_seasons(&seasons).wrong;
    let pairs = (0..new).flat_map(|past| [wrong[past][new], wrong[new][past]]);
    pairs.sum::<f32>() / (2 * new) as f32
}
