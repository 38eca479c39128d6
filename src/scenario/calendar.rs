//! The calendar of a run: when each season begins and ends.
//!
//! Seasons have their lengths, and where the scenario says so, they begin a little earlier or later in each year. What is drawn is a
//! function of the seed and of the season's number, so a calendar needs no memory however many years it has.

use rand_distr::{Distribution, Normal};

use super::{Moment, Scenario, SeasonTransition};
use crate::random::stream;

/// The largest shift of a season's beginning, as a fraction of the shorter of the two seasons that it parts: each keeps at least a
/// fifth of its length.
const LARGEST_SHIFT: f64 = 0.4;

/// The calendar of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    /// First tick of each season of a year, and the first of the next year.
    starts: Vec<u64>,
    years: u64,
    transition: SeasonTransition,
    turning_fraction: f32,
    /// Standard deviation of a season's beginning, in ticks.
    onset_deviation_ticks: f64,
    seed: u64,
    /// Beginning and end of each event of each season, as fractions of the season.
    events: Vec<Vec<(f32, f32)>>,
}

impl Calendar {
    /// Creates the calendar of some years of a scenario; usual seasons have `ticks_per_season` ticks.
    pub fn new(scenario: &Scenario, years: usize, ticks_per_season: u64, seed: u64) -> Self {
        let mut starts = vec![0];
        let mut start: u64 = 0;
        for season in &scenario.seasons {
            start = start.saturating_add(season.ticks(ticks_per_season));
            starts.push(start);
        }
        let events = scenario.seasons.iter().map(|season| {
            let windows = season.events.iter().map(|event| (event.from_fraction, event.until_fraction));
            windows.collect()
        });
        Self {
            starts,
            years: (years as u64).max(1),
            transition: scenario.schedule.transition,
            turning_fraction: scenario.schedule.turning_fraction,
            onset_deviation_ticks: f64::from(scenario.schedule.onset_deviation_fraction) * ticks_per_season as f64,
            seed,
            events: events.collect(),
        }
    }

    /// Returns the number of seasons in a year.
    pub fn seasons_per_year(&self) -> usize {
        self.events.len()
    }

    /// Returns the number of seasons in all years.
    pub fn seasons(&self) -> usize {
        self.seasons_per_year().saturating_mul(self.years as usize)
    }

    /// Returns the length of a year, in ticks.
    pub fn ticks_per_year(&self) -> u64 {
        self.starts.last().copied().unwrap_or(1)
    }

    /// Returns the length of all years, in ticks.
    pub fn ticks(&self) -> u64 {
        self.ticks_per_year().saturating_mul(self.years)
    }

    /// Returns the kind of transition between seasons.
    pub fn transition(&self) -> SeasonTransition {
        self.transition
    }

    /// Returns the first tick of a season, counted from 0 over all years; that of the season after the last one is the end.
    pub fn start(&self, season: usize) -> u64 {
        let (year, place) = (season / self.seasons_per_year(), season % self.seasons_per_year());
        let planned = (year as u64)
            .saturating_mul(self.ticks_per_year())
            .saturating_add(self.starts[place]);
        // Years have the same length, and so have runs.
        if place == 0 || self.onset_deviation_ticks <= 0.0 || season >= self.seasons() {
            return planned;
        }
        let [before, after] = [place - 1, place].map(|place| (self.starts[place + 1] - self.starts[place]) as f64);
        let largest = LARGEST_SHIFT * before.min(after);
        let normal = Normal::new(0.0, self.onset_deviation_ticks);
        let shift = normal.map_or(0.0, |normal| normal.sample(&mut stream(self.seed, "onset", season as u64)));
        planned.saturating_add_signed(shift.clamp(-largest, largest) as i64)
    }

    /// Returns the first tick of a season and the first tick after it.
    pub fn span(&self, season: usize) -> std::ops::Range<u64> {
        self.start(season)..self.start(season + 1)
    }

    /// Returns the number of ticks after which a season, counted from 0 over all years, begins to turn into the next one: until then it is as
    /// it is written. `None` if it does not turn, or turns from its first tick on.
    pub fn turning_start(&self, season: usize) -> Option<u64> {
        if self.transition != SeasonTransition::Gradual || season + 1 >= self.seasons() {
            return None;
        }
        let span = self.span(season);
        let length = span.end - span.start;
        let pure = (length as f64 * (1.0 - f64::from(self.turning_fraction))) as u64;
        (0 < pure && pure < length).then_some(span.start + pure)
    }

    /// Returns the season that begins to turn once this many ticks have passed, if one does.
    pub fn begins_to_turn_after(&self, ticks: u64) -> Option<usize> {
        if self.transition != SeasonTransition::Gradual {
            return None;
        }
        let season = self.season(ticks.checked_sub(1)?);
        (self.turning_start(season) == Some(ticks)).then_some(season)
    }

    /// Returns the season of a tick, counted from 0 over all years. The last season goes on after the end.
    pub fn season(&self, tick: u64) -> usize {
        let last = self.seasons().saturating_sub(1);
        let ticks_per_year = self.ticks_per_year().max(1);
        let (year, in_year) = (tick / ticks_per_year, tick % ticks_per_year);
        let place = self.starts.partition_point(|&start| start <= in_year).saturating_sub(1);
        let planned = (year as usize).saturating_mul(self.seasons_per_year()).saturating_add(place);
        if planned >= last {
            return if last > 0 && tick < self.start(last) { last - 1 } else { last };
        }
        // A season that begins earlier or later never passes its neighbour.
        if tick < self.start(planned) {
            planned - 1
        } else if tick >= self.start(planned + 1) {
            planned + 1
        } else {
            planned
        }
    }

    /// Returns the place of a tick in its season, in 0..1.
    pub fn place(&self, tick: u64) -> f32 {
        let span = self.span(self.season(tick));
        ((tick - span.start) as f32 / (span.end - span.start).max(1) as f32).min(1.0)
    }

    /// Returns `true` if a season other than the first of all begins at this tick.
    pub fn begins_anew_at(&self, tick: u64) -> bool {
        tick > 0 && tick < self.ticks() && self.start(self.season(tick)) == tick
    }

    /// Returns `true` if a season has ended once this many ticks have passed.
    pub fn ends_after(&self, ticks: u64) -> bool {
        ticks == self.ticks() || self.begins_anew_at(ticks)
    }

    /// Returns the number of seasons that have ended once this many ticks have passed.
    pub fn ended(&self, ticks: u64) -> usize {
        if ticks >= self.ticks() {
            self.seasons()
        } else {
            self.season(ticks)
        }
    }

    /// Returns `true` if every season begins at the same tick in both calendars.
    pub fn has_the_same_days(&self, other: &Self) -> bool {
        let days = |calendar: &Self| Self {
            events: vec![Vec::new(); calendar.events.len()],
            ..calendar.clone()
        };
        days(self) == days(other)
    }

    /// Returns the position in the year at a tick.
    pub(super) fn moment(&self, tick: u64) -> Moment {
        let number = self.season(tick);
        let seasons = self.seasons_per_year();
        let (season, year) = (number % seasons, number / seasons);
        let turns = self.transition == SeasonTransition::Gradual && number + 1 < self.seasons();
        let events = &self.events[season];
        let mut moment = Moment {
            year,
            next_year: year,
            ..Moment::pure(season)
        };
        if !turns && events.is_empty() {
            return moment;
        }
        let place = self.place(tick);
        if turns {
            moment.next = (season + 1) % seasons;
            moment.next_year = (number + 1) / seasons;
            moment.turned = ((place - (1.0 - self.turning_fraction)) / self.turning_fraction).max(0.0);
        }
        if events.iter().any(|&(from, until)| (from..until).contains(&place)) {
            moment.place = Some(place);
        }
        moment
    }
}

impl super::Season {
    /// Returns the length of the season, in ticks, where a usual one has `ticks_per_season`.
    pub fn ticks(&self, ticks_per_season: u64) -> u64 {
        if self.relative_length == 1.0 {
            return ticks_per_season.max(1);
        }
        ((ticks_per_season as f64 * f64::from(self.relative_length)).round() as u64).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(change: impl FnOnce(&mut Scenario)) -> Calendar {
        let mut scenario = Scenario::load("four_seasons").unwrap().scenario;
        change(&mut scenario);
        Calendar::new(&scenario, 2, 100, 7)
    }

    #[test]
    fn an_abrupt_year_goes_through_its_seasons_and_begins_again() {
        let calendar = calendar(|_| ());
        let seasons: Vec<usize> = (0..10).map(|season| calendar.moment(season * 100 + 99).season).collect();
        // After the last year the last season stays.
        assert_eq!(seasons, [0, 1, 2, 3, 0, 1, 2, 3, 3, 3]);
        assert_eq!(calendar.moment(399).turned, 0.0);
        assert!(calendar.begins_anew_at(100) && !calendar.begins_anew_at(99) && !calendar.begins_anew_at(800));
        assert!(!calendar.begins_anew_at(0));
    }

    #[test]
    fn a_gradual_season_turns_in_its_second_half() {
        let calendar = calendar(|scenario| scenario.schedule.transition = SeasonTransition::Gradual);
        assert_eq!(calendar.moment(50).turned, 0.0);
        let turning = calendar.moment(375);
        assert_eq!((turning.season, turning.next, turning.turned), (3, 0, 0.5));
        assert_eq!((turning.year, turning.next_year), (0, 1));
        let last = calendar.moment(799);
        assert_eq!(
            (last.season, last.turned),
            (3, 0.0),
            "the last season of all has nothing to turn into"
        );
    }

    #[test]
    fn a_season_is_itself_up_to_the_tick_at_which_it_begins_to_turn() {
        let calendar = calendar(|scenario| {
            scenario.schedule.transition = SeasonTransition::Gradual;
            scenario.schedule.onset_deviation_fraction = 0.1;
            scenario.schedule.turning_fraction = 0.3;
        });
        let turning: Vec<usize> = (0..=800).filter_map(|ticks| calendar.begins_to_turn_after(ticks)).collect();
        assert_eq!(turning, [0, 1, 2, 3, 4, 5, 6], "every season but the last, once");
        for season in 0..7 {
            let (span, start) = (calendar.span(season), calendar.turning_start(season).unwrap());
            assert_eq!(calendar.begins_to_turn_after(start), Some(season));
            assert!(
                (span.start..start).all(|tick| calendar.moment(tick).turned == 0.0),
                "{season}"
            );
            assert!(calendar.moment(start + 2).turned > 0.0, "{season}");
        }
        let abrupt = self::calendar(|_| ());
        assert!((0..=800).all(|ticks| abrupt.begins_to_turn_after(ticks).is_none()) && abrupt.turning_start(0).is_none());
        let at_once = self::calendar(|scenario| {
            scenario.schedule.transition = SeasonTransition::Gradual;
            scenario.schedule.turning_fraction = 1.0;
        });
        assert_eq!(at_once.turning_start(0), None, "it is never quite itself");
    }

    #[test]
    fn seasons_have_lengths_of_their_own() {
        let calendar = calendar(|scenario| {
            scenario.seasons[1].relative_length = 2.0;
            scenario.seasons[2].relative_length = 0.25;
        });
        let spans: Vec<(u64, u64)> = (0..5)
            .map(|season| calendar.span(season))
            .map(|span| (span.start, span.end))
            .collect();
        assert_eq!(spans, [(0, 100), (100, 300), (300, 325), (325, 425), (425, 525)]);
        for season in 0..8 {
            let span = calendar.span(season);
            assert!(
                [span.start, span.end - 1].iter().all(|&tick| calendar.season(tick) == season),
                "{season}"
            );
        }
        assert_eq!((calendar.ticks(), calendar.season(5_000)), (850, 7));
        assert_eq!(calendar.place(200), 0.5);
    }

    #[test]
    fn seasons_begin_earlier_or_later_from_year_to_year_and_never_pass_each_other() {
        let mut scenario = Scenario::load("four_seasons").unwrap().scenario;
        scenario.schedule.onset_deviation_fraction = 0.2;
        scenario.seasons[2].relative_length = 0.1;
        let calendar = Calendar::new(&scenario, 400, 100, 7);
        let mut shifts = Vec::new();
        for season in 0..1600 {
            let span = calendar.span(season);
            assert!(span.end >= span.start + 2, "{season}: {span:?}");
            assert!(
                (span.start..span.end).all(|tick| calendar.season(tick) == season),
                "{season}: {span:?}"
            );
            if season % 4 == 0 {
                assert_eq!(span.start, season as u64 / 4 * 310, "years have one length");
            }
            if season % 4 == 1 {
                shifts.push(span.start as f64 - (season as u64 / 4 * 310 + 100) as f64);
            }
        }
        // A normal of deviation 20, cut off at 40: its deviation is 17.6 (0.880 times; Johnson, Kotz and Balakrishnan 1994, 13.10).
        let deviation = (shifts.iter().map(|shift| shift * shift).sum::<f64>() / shifts.len() as f64).sqrt();
        assert!((15.0..21.0).contains(&deviation), "{deviation}");
        assert_ne!(calendar, Calendar::new(&scenario, 400, 100, 8));
        assert_ne!(calendar.start(1), Calendar::new(&scenario, 400, 100, 8).start(1));
        assert_eq!(calendar.ticks(), 400 * 310);
    }
}
