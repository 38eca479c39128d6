//! Follows the calendar: what the season makes of each garden at this tick.

use bevy::prelude::*;

use super::{ActiveScenario, ActiveYear, Clock, Garden, SeasonState};
use crate::physics::Traction;

/// Brings every garden to its place in the year. Work is done only where that place has changed.
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
