//! Infos of an episode, beside its observations: sums over it so far, and the true thirst.
//!
//! Taken right after the rewards, while the plants of an episode that ends are still there. Policies never see any of it.

use bevy::ecs::system::RunSystemOnce;
use bevy::prelude::*;
use perennial::garden::{ActiveScenario, EpisodeState, GardenEntities, GardenList, SeasonState, Soil};
use perennial::scenario::SPRAY_L;
use serde::{Deserialize, Serialize};

/// Names of the whole numbers, in order.
pub(crate) const COUNTS: [&str; 6] = [
    "season",
    "decisions",
    "sprays_thirsty",
    "sprays_needless",
    "sprays_ground",
    "bumps",
];
/// Names of the other numbers, in order. The last one is for evaluation only, and says so.
pub(crate) const AMOUNTS: [&str; 4] = ["episode_return", "thirst_relieved", "litres", "evaluation_only_thirst"];

/// Sums over one garden's episode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct EpisodeSums {
    /// Numbers by [`COUNTS`].
    pub(crate) counts: [i64; COUNTS.len()],
    /// Numbers by [`AMOUNTS`].
    pub(crate) amounts: [f64; AMOUNTS.len()],
}

/// Sums of all gardens, by number.
#[derive(Resource, Default)]
pub(crate) struct Sums(pub(crate) Vec<EpisodeSums>);

/// Takes the sums of all gardens.
pub(crate) fn take_sums(
    mut sums: ResMut<Sums>,
    scenario: Res<ActiveScenario>,
    list: Res<GardenList>,
    gardens: Query<(&GardenEntities, &EpisodeState, &SeasonState)>,
    plants: Query<&Soil>,
) {
    let settings = &scenario.0.plants;
    sums.0.clear();
    sums.0.extend(gardens.iter_many(&list.0).map(|(entities, episode, season)| {
        let tally = &episode.tally;
        let sprays = [tally.sprays_thirsty, tally.sprays_needless, tally.sprays_ground];
        let thirst: f32 = plants
            .iter_many(&entities.plants)
            .map(|soil| settings.thirst(soil.moisture))
            .sum();
        let [thirsty, needless, ground] = sprays.map(i64::from);
        EpisodeSums {
            counts: [
                season.moment.season as i64,
                i64::from(episode.decisions),
                thirsty,
                needless,
                ground,
                i64::from(tally.bumps),
            ],
            amounts: [
                f64::from(tally.episode_return),
                f64::from(tally.thirst_relieved),
                SPRAY_L * (thirsty + needless + ground) as f64,
                f64::from(thirst) / entities.plants.len().max(1) as f64,
            ],
        }
    }));
}

/// Takes the sums outside of a tick, after episodes were started.
pub(crate) fn take_sums_now(world: &mut World) {
    // The only error is a missing resource, and a world with gardens has them all.
    let _ = world.run_system_once(take_sums);
}
