//! Keeps each garden's season in step with the calendar.

use bevy::prelude::*;

use super::{ActiveScenario, ActiveYear, Clock, Garden, SeasonState};
use crate::physics::Traction;

/// Updates the season of every garden to the current tick. Gardens whose position in the year has not changed are skipped.
pub fn follow_the_year(
    scenario: Res<ActiveScenario>,
    calendar: Res<ActiveYear>,
    clock: Res<Clock>,
    mut gardens: Query<(&Garden, &mut SeasonState, &mut Traction)>,
) {
    for (garden, mut season, mut traction) in &mut gardens {
        let moment = calendar.0.moment(garden.number, clock.tick);
        if moment != season.moment {
            *season = SeasonState {
                moment,
                climate: scenario.0.climate(moment),
            };
            traction.0 = season.climate.dynamics.traction;
        }
    }
}
