//! Follows the calendar: what the season makes of each garden at this tick.

use bevy::prelude::*;

use super::{Calendar, Clock, Garden, Rules, Today};
use crate::physics::Traction;

/// Brings every garden to its place in the year. Work is done only where that place has changed.
pub fn follow_the_year(
    rules: Res<Rules>,
    calendar: Res<Calendar>,
    clock: Res<Clock>,
    mut gardens: Query<(&Garden, &mut Today, &mut Traction)>,
) {
    for (garden, mut today, mut traction) in &mut gardens {
        let moment = calendar.0.moment(garden.number, clock.tick);
        if moment != today.moment {
            *today = Today {
                moment,
                climate: rules.0.climate(moment),
            };
            traction.0 = today.climate.dynamics.traction;
        }
    }
}
