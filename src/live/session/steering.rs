//! The calendar of a session: as configured, or steered by hand.

use super::Session;
use crate::garden;
use crate::scenario::{SeasonTransition, Year};
use crate::training::{TrainingError, evaluated_policies, tell_season};

impl Session {
    pub(super) fn jump_to(&mut self, season: usize) {
        let now = self.play.gardens().clock();
        // The current tick still belongs to the current season: the learner is told of a boundary, and episodes end there.
        self.steer(season, now + 1, 0);
    }

    pub(super) fn turn_into(&mut self, season: usize, ticks: u64) {
        let now = self.play.gardens().clock();
        self.steer(season, now + 1, ticks);
    }

    pub(super) fn let_year_turn(&mut self, turns: bool) {
        if turns == self.calendar.turns {
            return;
        }
        self.calendar.turns = turns;
        let now = self.play.gardens().clock();
        self.calendar.began_at = now;
        if self.calendar.untouched {
            self.hold(self.calendar.season);
        }
    }

    fn hold(&mut self, season: usize) {
        self.calendar.untouched = false;
        self.set_year(Year::Pure(season));
    }

    fn steer(&mut self, season: usize, at_tick: u64, turning_ticks: u64) {
        let season = season.min(self.scenario.seasons.len() - 1);
        if self.config().all_at_once() {
            self.say("all seasons are learned at once: there is none to go to".to_owned());
            return;
        }
        self.calendar.untouched = false;
        self.calendar.change = Some((season, at_tick + turning_ticks / 2));
        self.set_year(Year::Steered {
            from: self.calendar.season,
            into: season,
            at_tick,
            turning_ticks,
        });
    }

    fn set_year(&mut self, year: Year) {
        self.play.gardens_mut().world_mut().insert_resource(garden::ActiveYear(year));
    }

    /// Applies the calendar after a tick.
    pub(super) fn follow_calendar(&mut self) -> Result<(), TrainingError> {
        let now = self.play.gardens().clock();
        let seasons = self.scenario.seasons.len();
        if self.calendar.untouched {
            if self.calendar.plan.ends_after(now) {
                self.end_season((self.calendar.season + 1) % seasons)?;
            }
            return Ok(());
        }
        match self.calendar.change {
            Some((season, at_tick)) if now >= at_tick => self.end_season(season)?,
            None if self.calendar.turns => self.turn_by_itself(now),
            _ => {}
        }
        Ok(())
    }

    /// Lets the seasons follow each other again after the year was steered by hand. Each season has its usual length, counted from
    /// its beginning.
    fn turn_by_itself(&mut self, now: u64) {
        let season_ticks = self.season_ticks();
        let next = (self.calendar.season + 1) % self.scenario.seasons.len();
        let schedule = &self.scenario.schedule;
        let turning_ticks = match schedule.transition {
            SeasonTransition::Abrupt => 0,
            SeasonTransition::Gradual => (season_ticks as f32 * schedule.turning_fraction) as u64,
        };
        if now + 1 + turning_ticks >= self.calendar.began_at + season_ticks {
            self.steer(next, now + 1, turning_ticks);
        }
    }

    /// Returns the length of the current season, in ticks.
    pub(super) fn season_ticks(&self) -> u64 {
        let calendar = &self.calendar;
        if calendar.untouched {
            let span = calendar.plan.span(calendar.plan.season(calendar.began_at));
            return span.end - span.start;
        }
        let usual = self.config().ticks_per_season();
        self.scenario
            .seasons
            .get(calendar.season)
            .map_or(usual, |season| season.ticks(usual))
    }

    /// Ends a season and begins the next one. The learner is told if there is a boundary, and its policy is evaluated.
    fn end_season(&mut self, next: usize) -> Result<(), TrainingError> {
        // The last tick of the season counts too.
        let learned = self.play.receive()?;
        self.reports.count_lesson(learned);
        let ended = self.calendar.season;
        if self.learning && !self.config().all_at_once() {
            let declared = self.config().declares_boundaries();
            self.look(Some(ended))?;
            self.keep_network(true)?;
            let policy = self.play.ask(move |learner| {
                if declared {
                    learner.task_ended();
                    tell_season(learner, next);
                    learner.task_started();
                }
                learner.policy()
            })?;
            self.play.actor_mut().act_next_from(policy);
            self.reports.begin_task(next, declared);
        } else if let Some(known) = self.known.as_ref().filter(|known| known.is_by_season()) {
            // A method that is told the season has a policy for each.
            let policy = known.for_season(next).clone();
            self.play.actor_mut().act_from(policy);
        }
        self.begin_season_of_looks(next);
        self.calendar.season = next;
        self.calendar.began_at = self.play.gardens().clock();
        self.calendar.change = None;
        self.calendar.ended += 1;
        self.reports.forget_recent();
        if self.learning {
            self.evaluate(Some(ended));
        }
        Ok(())
    }

    /// Returns the policies to be evaluated, one for each season.
    pub(super) fn policies(&mut self) -> Result<Vec<crate::learner::PolicySnapshot>, TrainingError> {
        if !self.learning
            && let Some(known) = &self.known
        {
            return Ok(known.every_season());
        }
        let config = self.config().clone();
        Ok(self.play.ask(move |learner| evaluated_policies(learner, &config))?)
    }
}
