//! Reward of a decision, and the end of episodes.

use bevy::prelude::*;

use super::recent_rewards::{looks_thirsty, reference_look};
use super::{
    ActiveScenario, ActiveYear, Clock, EpisodeEnd, EpisodeState, GardenEntities, Plant, RecentRewards, Reward, SeasonState,
    Watering, Wellbeing,
};
use crate::physics::Bumped;

/// Computes the reward of each garden's decision and decides if its episode ends.
pub fn reward(
    scenario: Res<ActiveScenario>,
    calendar: Res<ActiveYear>,
    clock: Res<Clock>,
    mut gardens: Query<(&GardenEntities, &SeasonState, &Watering, &mut EpisodeState, &mut Reward)>,
    robots: Query<&Bumped>,
    plants: Query<&Wellbeing>,
) {
    let limits = &scenario.0.episode;
    for (entities, season, watering, mut episode, mut reward) in &mut gardens {
        let worth = &season.climate.rewards;
        let bumped = robots.get(entities.robot).is_ok_and(|bumped| bumped.0);
        reward.0 = worth.time;
        if bumped {
            reward.0 += worth.bump;
        }
        let tally = &mut episode.tally;
        reward.0 += match *watering {
            Watering::Off => 0.0,
            Watering::Dry => worth.watered_ground,
            Watering::Ground => {
                tally.sprays_ground += 1;
                worth.watered_ground
            }
            Watering::Plant { thirst_before, .. } if thirst_before > 0.0 => {
                tally.thirst_relieved += thirst_before;
                tally.sprays_thirsty += 1;
                worth.thirst_relieved * thirst_before
            }
            Watering::Plant { .. } => {
                tally.sprays_needless += 1;
                worth.watered_needlessly
            }
        };
        tally.bumps += u32::from(bumped);
        tally.episode_return += reward.0;
        episode.decisions += 1;

        let died = limits.terminates_when_dead_fraction.is_some_and(|fraction| {
            let dead = plants
                .iter_many(&entities.plants)
                .filter(|wellbeing| wellbeing.0 <= 0.0)
                .count();
            dead as f32 >= fraction * entities.plants.len() as f32
        });
        episode.end = if died {
            Some(EpisodeEnd::Terminated)
        } else if episode.decisions >= limits.decisions || calendar.0.breaks_after(clock.tick) {
            Some(EpisodeEnd::Truncated)
        } else {
            None
        };
    }
}

/// Remembers what each garden's decision brought, if its robot senses it.
pub fn remember_rewards(
    scenario: Res<ActiveScenario>,
    mut gardens: Query<(&SeasonState, &Watering, &mut RecentRewards)>,
    plants: Query<&Plant>,
) {
    if !scenario.0.robot.senses_rewards {
        return;
    }
    for (season, watering, mut recent) in &mut gardens {
        recent.fade();
        if let Watering::Plant { plant, thirst_before } = *watering
            && let Ok(watered) = plants.get(plant)
        {
            let worth = &season.climate.rewards;
            let earned = if thirst_before > 0.0 {
                worth.thirst_relieved * thirst_before
            } else {
                worth.watered_needlessly
            };
            let colour = season.climate.plants[watered.species].colour(thirst_before, watered.tint);
            recent.note(looks_thirsty(colour, &reference_look(&scenario.0, watered.species)), earned);
        }
    }
}

/// Advances the clock at the end of a tick.
pub fn advance_clock(mut clock: ResMut<Clock>) {
    clock.tick += 1;
}
