//! The course of the year: the season of each decision, and the climate at that moment.

use std::sync::Arc;

use super::{Calendar, Colour, Drift, Dynamics, Event, Faults, Look, Rewards, Scenario, Season, SeasonTransition, Weather};

/// A position in the year: a season, its progress, and that of its transition into the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Number of the season.
    pub season: usize,
    /// Number of the season that it turns into.
    pub next: usize,
    /// Progress of the transition, in 0..1.
    pub turned: f32,
    /// Number of the year, from 0.
    pub year: usize,
    /// Number of the year to which the next season belongs.
    pub next_year: usize,
    /// Place in the season, in 0..1, while an event takes place in it; `None` otherwise.
    pub place: Option<f32>,
}

impl Moment {
    /// Returns the moment of a season that does not turn, in the first year and without events.
    pub fn pure(season: usize) -> Self {
        Self::turning(season, season, 0.0)
    }

    /// Returns the moment of a season that turns into another one, in the first year and without events.
    pub fn turning(season: usize, next: usize, turned: f32) -> Self {
        Self {
            season,
            next,
            turned,
            year: 0,
            next_year: 0,
            place: None,
        }
    }
}

/// Everything that a season determines, at a moment: between two seasons interpolated, colours in OKLab and numbers linearly.
#[derive(Clone, Debug, PartialEq)]
pub struct Climate {
    /// Interpolated look, without those of single species.
    pub look: Look,
    /// Look of the plants, by number of their species.
    pub plants: Vec<PlantLook>,
    /// Interpolated dynamics.
    pub dynamics: Dynamics,
    /// Weather for an episode that begins now.
    pub weather: Weather,
    /// Interpolated rewards.
    pub rewards: Rewards,
    /// Interpolated faults of the eye.
    pub faults: Faults,
    /// Number of the season whose props lie in the garden.
    pub props_season: usize,
}

/// Look of the plants of one species.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlantLook {
    /// Colour of a plant without thirst.
    pub fine: Colour,
    /// Colour of a plant at full thirst.
    pub thirsty: Colour,
}

impl PlantLook {
    /// Returns the colour of a plant before lighting, in sRGB, unclamped: between fine and thirsty by its `thirst` in 0..1, with its own
    /// `tint`. Linear interpolation in sRGB is good enough between two colours of one leaf, and it runs for every plant in every tick.
    pub fn colour(&self, thirst: f32, tint: [f32; 3]) -> [f32; 3] {
        let (fine, thirsty) = (self.fine.to_array(), self.thirsty.to_array());
        std::array::from_fn(|part| fine[part] + (thirsty[part] - fine[part]) * thirst + tint[part])
    }

    /// Interpolates towards another look, in OKLab.
    pub fn mix(self, to: Self, fraction: f32) -> Self {
        Self {
            fine: self.fine.mix(to.fine, fraction),
            thirsty: self.thirsty.mix(to.thirsty, fraction),
        }
    }
}

/// The course of a run: the season in each garden at each tick.
#[derive(Clone, Debug, PartialEq)]
pub enum Year {
    /// Always this season, as in a probe garden.
    Pure(usize),
    /// All seasons at once: garden `g` stays in season `g mod seasons`.
    AllAtOnce {
        /// Number of seasons.
        seasons: usize,
    },
    /// One season after the other, year after year. The last season of the last year does not turn.
    Sequence(Arc<Calendar>),
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
    /// Returns the course of some years of a scenario; usual seasons have `ticks_per_season` ticks. The seed draws what varies from
    /// year to year.
    pub fn of(scenario: &Scenario, years: usize, ticks_per_season: u64, seed: u64) -> Self {
        Self::Sequence(Arc::new(Calendar::new(scenario, years, ticks_per_season, seed)))
    }

    /// Returns the position in the year of a garden at a tick.
    pub fn moment(&self, garden: usize, tick: u64) -> Moment {
        match *self {
            Self::Pure(season) => Moment::pure(season),
            Self::AllAtOnce { seasons } => Moment::pure(garden % seasons),
            Self::Sequence(ref calendar) => calendar.moment(tick),
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
                Moment::turning(from, into, (tick - at_tick) as f32 / turning_ticks as f32)
            }
        }
    }

    /// Returns `true` if a season ends between this tick and the next such that episodes end with it.
    pub fn breaks_after(&self, tick: u64) -> bool {
        match *self {
            Self::Sequence(ref calendar) => {
                calendar.transition() == SeasonTransition::Abrupt && calendar.begins_anew_at(tick + 1)
            }
            Self::Steered {
                at_tick,
                turning_ticks: 0,
                ..
            } => tick + 1 == at_tick,
            _ => false,
        }
    }
}

/// A group of properties that a season determines.
trait Group: Sized {
    type Changes;
    fn of(season: &Season, scenario: &Scenario) -> Self;
    fn in_event(event: &Event) -> &Self::Changes;
    fn in_drift(drift: &Drift) -> &Self::Changes;
    fn with(&self, changes: &Self::Changes, fraction: f32) -> Self;
    fn between(&self, to: &Self, fraction: f32) -> Self;
}

macro_rules! group {
    ($group:ident, $changes:ident, $field:ident, |$season:ident, $scenario:ident| $of:expr) => {
        impl Group for $group {
            type Changes = super::$changes;

            fn of($season: &Season, $scenario: &Scenario) -> Self {
                $of
            }

            fn in_event(event: &Event) -> &Self::Changes {
                &event.$field
            }

            fn in_drift(drift: &Drift) -> &Self::Changes {
                &drift.$field
            }

            fn with(&self, changes: &Self::Changes, fraction: f32) -> Self {
                self.changed(changes, fraction)
            }

            fn between(&self, to: &Self, fraction: f32) -> Self {
                self.mix(to, fraction)
            }
        }
    };
}

group!(Dynamics, DynamicsChanges, dynamics, |season, _scenario| season
    .dynamics
    .clone());
group!(Weather, WeatherChanges, weather, |season, _scenario| season.weather.clone());
group!(Faults, FaultChanges, faults, |season, _scenario| season.faults.clone());
group!(Rewards, RewardChanges, rewards, |season, scenario| {
    scenario.rewards.changed(&season.rewards, 1.0)
});
group!(Look, LookChanges, look, |season, _scenario| Look {
    species: Default::default(),
    ..season.look
});

impl Scenario {
    /// Returns the climate at a moment, as far as the schedule lets it vary.
    pub fn climate(&self, moment: Moment) -> Climate {
        let schedule = &self.schedule;
        let look: Look = self.group(schedule.look_varies, &moment);
        let plants = self.plants(&look, &moment);
        let props_season = match (schedule.dynamics_varies, moment.turned < 0.5) {
            (false, _) => 0,
            (true, true) => moment.season,
            (true, false) => moment.next,
        };
        Climate {
            look,
            plants,
            dynamics: self.group(schedule.dynamics_varies, &moment),
            weather: self.group(schedule.weather_varies, &moment),
            rewards: self.group(schedule.rewards_vary, &moment),
            faults: self.group(schedule.faults_vary, &moment),
            props_season,
        }
    }

    /// Returns one group of properties at a moment. One that does not vary is that of the first season, as it is written.
    fn group<G: Group>(&self, varies: bool, moment: &Moment) -> G {
        if !varies {
            return G::of(&self.seasons[0], self);
        }
        let in_season = |season: usize, year: usize, place: Option<f32>| {
            let season = &self.seasons[season];
            let mut group = G::of(season, self);
            if let Some(drift) = &season.drift {
                group = group.with(G::in_drift(drift), drift.strength(year));
            }
            for (event, strength) in season.events_at(place) {
                group = group.with(G::in_event(event), strength);
            }
            group
        };
        let from = in_season(moment.season, moment.year, moment.place);
        if moment.turned <= 0.0 {
            return from;
        }
        from.between(&in_season(moment.next, moment.next_year, None), moment.turned)
    }

    /// Returns the look of the plants of each species at a moment; `look` is that of the others.
    fn plants(&self, look: &Look, moment: &Moment) -> Vec<PlantLook> {
        let others = PlantLook {
            fine: look.fine,
            thirsty: look.thirsty,
        };
        let varies = self.schedule.look_varies;
        let seasons = if varies { [moment.season, moment.next] } else { [0, 0] };
        if !seasons.iter().any(|&season| self.seasons[season].names_species()) {
            return vec![others; self.plants.species.len()];
        }
        let in_season = |name: &str, season: usize, year: usize, place: Option<f32>| {
            let season = &self.seasons[season];
            let own = season.look.species.get(name).copied().unwrap_or_default();
            let mut plant = PlantLook {
                fine: own.fine.unwrap_or(season.look.fine),
                thirsty: own.thirsty.unwrap_or(season.look.thirsty),
            };
            if !varies {
                return plant;
            }
            let drift = season.drift.iter().map(|drift| (&drift.look, drift.strength(year)));
            let events = season.events_at(place).map(|(event, strength)| (&event.look, strength));
            for (changes, strength) in drift.chain(events) {
                let own = changes.species.get(name).copied().unwrap_or_default();
                plant = plant.mix(
                    PlantLook {
                        fine: own.fine.or(changes.fine).unwrap_or(plant.fine),
                        thirsty: own.thirsty.or(changes.thirsty).unwrap_or(plant.thirsty),
                    },
                    strength,
                );
            }
            plant
        };
        let species = self.plants.species.iter();
        species
            .map(|species| {
                let from = in_season(&species.name, seasons[0], moment.year, moment.place);
                if !varies || moment.turned <= 0.0 {
                    return from;
                }
                from.mix(in_season(&species.name, seasons[1], moment.next_year, None), moment.turned)
            })
            .collect()
    }
}

impl Season {
    /// Returns the events that take place at a place in the season, with the strength of each.
    fn events_at(&self, place: Option<f32>) -> impl Iterator<Item = (&Event, f32)> {
        let strength = move |event: &Event| place.map_or(0.0, |place| event.strength(place));
        self.events
            .iter()
            .map(move |event| (event, strength(event)))
            .filter(|(_, strength)| *strength > 0.0)
    }

    /// Returns `true` if some species looks otherwise than the others, at any time.
    fn names_species(&self) -> bool {
        let changes = self
            .events
            .iter()
            .map(|event| &event.look)
            .chain(self.drift.iter().map(|drift| &drift.look));
        !self.look.species.is_empty() || changes.into_iter().any(|look| !look.species.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn four_seasons() -> Scenario {
        Scenario::load("four_seasons").unwrap().scenario
    }

    fn changed(change: impl FnOnce(&mut Season)) -> Scenario {
        let mut scenario = four_seasons();
        change(&mut scenario.seasons[1]);
        scenario
    }

    fn event(change: impl FnOnce(&mut Event)) -> Event {
        let mut event = Event {
            name: "heat wave".to_owned(),
            from_fraction: 0.4,
            until_fraction: 0.6,
            fade_fraction: 0.25,
            look: Default::default(),
            dynamics: Default::default(),
            weather: Default::default(),
            rewards: Default::default(),
            faults: Default::default(),
        };
        change(&mut event);
        event
    }

    #[test]
    fn an_event_that_is_complete_is_what_was_written() {
        for written in [0.2, 0.7, 0.3, 1.1, 0.02] {
            let scenario = changed(|season| season.events = vec![event(|event| event.weather.light_low = Some(written))]);
            let climate = scenario.climate(Year::of(&scenario, 1, 1000, 0).moment(0, 1500));
            assert_eq!(climate.weather.light_low, written);
        }
    }

    #[test]
    fn an_event_comes_and_goes_within_its_season() {
        let scenario = changed(|season| {
            season.events = vec![event(|event| {
                event.dynamics.traction = Some(0.5);
                event.look.fine = Some(Colour::new(1.0, 1.0, 1.0));
            })];
        });
        let year = Year::of(&scenario, 1, 1000, 0);
        let at = |tick: u64| scenario.climate(year.moment(0, tick));
        let usual = scenario.seasons[1].dynamics.traction;
        for (tick, strength) in [
            (1000, 0.0),
            (1399, 0.0),
            (1425, 0.5),
            (1450, 1.0),
            (1549, 1.0),
            (1575, 0.5),
            (1600, 0.0),
        ] {
            let expected = usual + (0.5 - usual) * strength;
            assert!((at(tick).dynamics.traction - expected).abs() < 1e-5, "{tick}");
        }
        assert_eq!(at(1500).look.fine, Colour::new(1.0, 1.0, 1.0));
        assert_eq!(at(1500).plants[0].fine, at(1500).look.fine);
        assert_eq!(at(1500).look.ground, scenario.seasons[1].look.ground);
        assert_eq!(
            year.moment(0, 1399),
            Moment::pure(1),
            "outside of events nothing has to be computed anew"
        );
        assert_eq!(
            scenario.climate(Moment::pure(1)).dynamics.traction,
            usual,
            "evaluations know no events"
        );
    }

    #[test]
    fn a_season_drifts_from_year_to_year_and_then_stays() {
        let scenario = changed(|season| {
            season.drift = Some(Drift {
                years: 4,
                look: Default::default(),
                dynamics: super::super::DynamicsChanges {
                    evaporation_per_decision: Some(0.029),
                    traction: None,
                },
                weather: Default::default(),
                rewards: Default::default(),
                faults: Default::default(),
            });
        });
        let year = Year::of(&scenario, 8, 10, 0);
        let evaporation = |number: u64| {
            scenario
                .climate(year.moment(0, number * 40 + 15))
                .dynamics
                .evaporation_per_decision
        };
        for (number, expected) in [(0, 0.009), (1, 0.014), (2, 0.019), (4, 0.029), (7, 0.029)] {
            assert!(
                (evaporation(number) - expected).abs() < 1e-6,
                "{number}: {}",
                evaporation(number)
            );
        }
    }

    #[test]
    fn a_species_can_look_otherwise() {
        let blue = Colour::from_bytes(0, 0, 255);
        let mut scenario = changed(|season| {
            let tulip = super::super::SpeciesLook {
                fine: Some(blue),
                thirsty: None,
            };
            season.look.species = [("tulip".to_owned(), tulip)].into();
        });
        let [boxwood, tulip] = [0, 1].map(|species: usize| scenario.climate(Moment::pure(1)).plants[species]);
        let look = &scenario.seasons[1].look;
        assert_eq!((boxwood.fine, boxwood.thirsty), (look.fine, look.thirsty));
        assert_eq!((tulip.fine, tulip.thirsty), (blue, look.thirsty));
        let half = scenario.climate(Moment::turning(1, 2, 0.5)).plants[1].fine;
        assert_eq!(half, blue.mix(scenario.seasons[2].look.fine, 0.5));
        scenario.schedule.look_varies = false;
        assert_eq!(
            scenario.climate(Moment::pure(1)).plants[1].fine,
            scenario.seasons[0].look.fine
        );
    }

    #[test]
    fn rewards_and_faults_are_those_of_the_season() {
        let mut scenario = changed(|season| {
            season.rewards.bump = Some(-2.0);
            season.faults.noise_deviation = 0.2;
        });
        let summer = scenario.climate(Moment::pure(1));
        assert_eq!((summer.rewards.bump, summer.rewards.time), (-2.0, scenario.rewards.time));
        assert_eq!(summer.faults.noise_deviation, 0.2);
        let half = scenario.climate(Moment::turning(1, 2, 0.5));
        assert_eq!((half.rewards.bump, half.faults.noise_deviation), (-1.025, 0.1));
        (scenario.schedule.rewards_vary, scenario.schedule.faults_vary) = (false, false);
        let summer = scenario.climate(Moment::pure(1));
        assert!(summer.rewards == scenario.rewards && summer.faults.are_none());
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
