//! The calendar: the season of each decision, and the climate at that moment.

use super::{Colour, Dynamics, Look, Scenario, Transition, Weather};

/// A position in the year: a season, and the progress of its transition into the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Number of the season.
    pub season: usize,
    /// Number of the season that it turns into.
    pub next: usize,
    /// Progress of the transition, in 0..1.
    pub turned: f32,
}

impl Moment {
    /// Returns the moment of a season that does not turn.
    pub fn pure(season: usize) -> Self {
        Self {
            season,
            next: season,
            turned: 0.0,
        }
    }
}

/// Look, dynamics and weather at a moment: the two seasons interpolated, colours in OKLab and numbers linearly.
#[derive(Clone, Debug, PartialEq)]
pub struct Climate {
    /// Interpolated look.
    pub look: Look,
    /// Interpolated dynamics.
    pub dynamics: Dynamics,
    /// Weather for an episode that begins now.
    pub weather: Weather,
    /// Number of the season whose props lie in the garden.
    pub props_season: usize,
}

/// The calendar of a run: the season in each garden at each tick.
#[derive(Clone, Debug, PartialEq)]
pub enum Year {
    /// Always this season, as in a probe garden.
    Pure(usize),
    /// All seasons at once: garden `g` stays in season `g mod seasons`.
    AllAtOnce {
        /// Number of seasons.
        seasons: usize,
    },
    /// One season after the other, year after year.
    Sequence {
        /// Number of seasons per year.
        seasons: usize,
        /// Number of years. The last season of the last year does not turn.
        years: usize,
        /// Length of a season, in ticks (decisions of one garden).
        ticks_per_season: u64,
        /// Kind of transition between seasons.
        transition: Transition,
        /// Fraction of a season in which it turns into the next.
        turning_fraction: f32,
    },
    /// Steered by hand: one season, and another from a given tick on.
    Steered {
        /// Season before the change.
        from: usize,
        /// Season after the change.
        into: usize,
        /// First tick of the change.
        at_tick: u64,
        /// Length of the change, in ticks; 0 is at once.
        turning_ticks: u64,
    },
}

impl Year {
    /// Returns the calendar of a scenario, with seasons of `ticks_per_season` ticks.
    pub fn of(scenario: &Scenario, years: usize, ticks_per_season: u64) -> Self {
        Self::Sequence {
            seasons: scenario.seasons.len(),
            years,
            ticks_per_season,
            transition: scenario.schedule.transition,
            turning_fraction: scenario.schedule.turning_fraction,
        }
    }

    /// Returns the position in the year of a garden at a tick.
    pub fn moment(&self, garden: usize, tick: u64) -> Moment {
        match *self {
            Self::Pure(season) => Moment::pure(season),
            Self::AllAtOnce { seasons } => Moment::pure(garden % seasons),
            Self::Sequence {
                seasons,
                years,
                ticks_per_season,
                transition,
                turning_fraction,
            } => {
                let last = (seasons * years).saturating_sub(1);
                let number = ((tick / ticks_per_season) as usize).min(last);
                let season = number % seasons;
                if transition == Transition::Abrupt || number == last {
                    return Moment::pure(season);
                }
                let place = (tick % ticks_per_season) as f32 / ticks_per_season as f32;
                let turned = ((place - (1.0 - turning_fraction)) / turning_fraction).max(0.0);
                Moment {
                    season,
                    next: (season + 1) % seasons,
                    turned,
                }
            }
            Self::Steered {
                from,
                into,
                at_tick,
                turning_ticks,
            } => {
                if tick < at_tick {
                    return Moment::pure(from);
                }
                if tick - at_tick >= turning_ticks {
                    return Moment::pure(into);
                }
                Moment {
                    season: from,
                    next: into,
                    turned: (tick - at_tick) as f32 / turning_ticks as f32,
                }
            }
        }
    }

    /// Returns `true` if a season ends between this tick and the next such that episodes end with it.
    pub fn breaks_after(&self, tick: u64) -> bool {
        match *self {
            Self::Sequence {
                seasons,
                years,
                ticks_per_season,
                transition: Transition::Abrupt,
                ..
            } => (tick + 1).is_multiple_of(ticks_per_season) && (tick + 1) < ticks_per_season * (seasons * years) as u64,
            Self::Steered {
                at_tick,
                turning_ticks: 0,
                ..
            } => tick + 1 == at_tick,
            _ => false,
        }
    }
}

impl Scenario {
    /// Returns the climate at a moment, as far as the schedule lets it vary.
    pub fn climate(&self, moment: Moment) -> Climate {
        let Moment { season, next, turned } = moment;
        let pick = |varies: bool| {
            if varies {
                (&self.seasons[season], &self.seasons[next])
            } else {
                (&self.seasons[0], &self.seasons[0])
            }
        };
        let (from, to) = pick(self.schedule.look_varies);
        let look = from.look.mix(&to.look, turned);
        let (from, to) = pick(self.schedule.dynamics_varies);
        let dynamics = from.dynamics.mix(&to.dynamics, turned);
        let props_season = match (self.schedule.dynamics_varies, turned < 0.5) {
            (false, _) => 0,
            (true, true) => season,
            (true, false) => next,
        };
        let (from, to) = pick(self.schedule.weather_varies);
        let weather = from.weather.mix(&to.weather, turned);
        Climate {
            look,
            dynamics,
            weather,
            props_season,
        }
    }
}

fn mix(from: f32, to: f32, fraction: f32) -> f32 {
    from + (to - from) * fraction
}

impl Look {
    /// Returns the colour of a plant before lighting, in sRGB, unclamped: between fine and thirsty by its `thirst` in 0..1, with its own
    /// `tint`. Linear interpolation in sRGB is good enough between two colours of one leaf, and it runs for every plant in every tick.
    pub fn plant_colour(&self, thirst: f32, tint: [f32; 3]) -> [f32; 3] {
        let (fine, thirsty) = (self.plant_fine.to_array(), self.plant_thirsty.to_array());
        std::array::from_fn(|part| fine[part] + (thirsty[part] - fine[part]) * thirst + tint[part])
    }

    /// Interpolates towards another look, in OKLab.
    pub fn mix(&self, to: &Self, fraction: f32) -> Self {
        let mix = |from: Colour, to: Colour| from.mix(to, fraction);
        Self {
            ground: mix(self.ground, to.ground),
            sky: mix(self.sky, to.sky),
            wall: mix(self.wall, to.wall),
            plant_fine: mix(self.plant_fine, to.plant_fine),
            plant_thirsty: mix(self.plant_thirsty, to.plant_thirsty),
        }
    }
}

impl Dynamics {
    fn mix(&self, to: &Self, fraction: f32) -> Self {
        Self {
            evaporation_per_decision: mix(self.evaporation_per_decision, to.evaporation_per_decision, fraction),
            traction: mix(self.traction, to.traction, fraction),
        }
    }
}

impl Weather {
    fn mix(&self, to: &Self, fraction: f32) -> Self {
        let mix = |from: f32, to: f32| mix(from, to, fraction);
        Self {
            showers_per_hour: mix(self.showers_per_hour, to.showers_per_hour),
            shower_duration_s: mix(self.shower_duration_s, to.shower_duration_s),
            rain_moisture_per_decision: mix(self.rain_moisture_per_decision, to.rain_moisture_per_decision),
            temperature_mean_celsius: mix(self.temperature_mean_celsius, to.temperature_mean_celsius),
            temperature_deviation_celsius: mix(self.temperature_deviation_celsius, to.temperature_deviation_celsius),
            evaporation_per_degree: mix(self.evaporation_per_degree, to.evaporation_per_degree),
            evaporation_log_deviation: mix(self.evaporation_log_deviation, to.evaporation_log_deviation),
            light_low: mix(self.light_low, to.light_low),
            light_high: mix(self.light_high, to.light_high),
            light_drift_per_minute: mix(self.light_drift_per_minute, to.light_drift_per_minute),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequence(transition: Transition) -> Year {
        Year::Sequence {
            seasons: 4,
            years: 2,
            ticks_per_season: 100,
            transition,
            turning_fraction: 0.5,
        }
    }

    #[test]
    fn an_abrupt_year_goes_through_its_seasons_and_begins_again() {
        let year = sequence(Transition::Abrupt);
        let seasons: Vec<usize> = (0..10).map(|season| year.moment(0, season * 100 + 99).season).collect();
        // After the last year the last season stays.
        assert_eq!(seasons, [0, 1, 2, 3, 0, 1, 2, 3, 3, 3]);
        assert_eq!(year.moment(0, 399).turned, 0.0);
        assert!(year.breaks_after(99) && !year.breaks_after(98) && !year.breaks_after(799));
    }

    #[test]
    fn a_gradual_season_turns_in_its_second_half() {
        let year = sequence(Transition::Gradual);
        assert_eq!(year.moment(0, 50).turned, 0.0);
        assert_eq!(
            year.moment(0, 375),
            Moment {
                season: 3,
                next: 0,
                turned: 0.5
            }
        );
        assert_eq!(
            year.moment(0, 799),
            Moment::pure(3),
            "the last season of all has nothing to turn into"
        );
        assert!(!year.breaks_after(99), "no boundary is declared");
    }

    #[test]
    fn a_year_that_is_steered_turns_when_it_is_told() {
        let turning = |turning_ticks| Year::Steered {
            from: 2,
            into: 0,
            at_tick: 50,
            turning_ticks,
        };
        assert_eq!(turning(0).moment(0, 49), Moment::pure(2));
        assert_eq!(turning(0).moment(0, 50), Moment::pure(0));
        assert!(turning(0).breaks_after(49) && !turning(0).breaks_after(50) && !turning(10).breaks_after(49));
        assert_eq!(turning(10).moment(0, 55).turned, 0.5);
        assert_eq!(turning(10).moment(0, 60), Moment::pure(0));
    }

    #[test]
    fn all_at_once_spreads_the_seasons_over_the_gardens() {
        let year = Year::AllAtOnce { seasons: 4 };
        assert_eq!(
            (0..5).map(|garden| year.moment(garden, 0).season).collect::<Vec<_>>(),
            [0, 1, 2, 3, 0]
        );
    }
}
