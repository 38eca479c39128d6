//! Replaces the scenario of a session when its file was edited.

use std::sync::Arc;

use super::Session;
use crate::garden;
use crate::learner::methods;
use crate::live::DriverKind;
use crate::live::shown_driver::ShownDriver;
use crate::scenario::{Scenario, Year};
use crate::sensors::observation_spec;
use crate::training::{RunConfig, RunPolicy, TrainingError, tell_season};

impl Session {
    /// Switches to another scenario; see the documentation of [`session`](super) for what is kept.
    ///
    /// # Errors
    /// The method cannot be run in it. The session is unchanged in this case.
    pub(super) fn replace(&mut self, scenario: &Scenario) -> Result<(), TrainingError> {
        let config = RunConfig {
            scenario: scenario.clone(),
            ..self.config().clone()
        };
        config.check()?;
        if self.learner_fits(&config) {
            self.go_on_in(config)
        } else {
            self.begin_again_in(config)
        }
    }

    /// Returns `true` if the learner can continue under this configuration.
    fn learner_fits(&self, config: &RunConfig) -> bool {
        let (old, new) = (&self.config().scenario, &config.scenario);
        let counts_seasons = config.all_at_once()
            || methods::plan_with(&config.method, &config.learner).is_ok_and(|plan| plan.needs.task_at_test_time);
        observation_spec(old) == observation_spec(new) && (!counts_seasons || old.seasons.len() == new.seasons.len())
    }

    /// Keeps the learner and continues in new gardens.
    fn go_on_in(&mut self, config: RunConfig) -> Result<(), TrainingError> {
        let (old, scenario) = (self.scenario.clone(), Arc::new(config.scenario.clone()));
        let same_seasons = old.seasons.len() == scenario.seasons.len();
        let plan = config.calendar();
        let same_year = same_seasons && old.schedule == scenario.schedule && plan.has_the_same_days(&self.calendar.plan);
        let season = self.calendar.season.min(scenario.seasons.len() - 1);
        let year = if same_year && self.calendar.untouched {
            // The events of a season may have changed.
            config.year()
        } else if same_year {
            let gardens = self.play.gardens_mut();
            gardens.world_mut().resource::<garden::ActiveYear>().0.clone()
        } else {
            self.calendar.untouched = false;
            self.calendar.change = None;
            Year::Pure(season)
        };
        let starts = self.episode_starts();
        let tick = self.play.gardens().clock();
        let shown = self.play.gardens_mut().world_mut().remove_resource::<ShownDriver>();
        self.play.play_in(scenario.clone(), config.seed, year);
        let gardens = self.play.gardens_mut();
        gardens.begin(tick, &starts);
        self.actions.forget();
        let gardens = self.play.gardens_mut();
        ShownDriver::install(gardens);
        if let Some(shown) = shown {
            gardens.world_mut().insert_resource(shown);
        }
        self.known = match (&self.known, &self.settings.policy) {
            (Some(_), Some(policy)) => policy.for_scenario(&scenario).ok(),
            _ => None,
        };
        self.scenario = scenario;
        self.calendar.plan = plan;

        let (was_declared, declared) = (self.config().declares_boundaries(), config.declares_boundaries());
        let told = was_declared && season != self.calendar.season;
        self.settings.config = config;
        if !self.config().all_at_once() && declared && (told || !was_declared) {
            self.play.ask(move |learner| {
                if told {
                    learner.task_ended();
                }
                tell_season(learner, season);
                learner.task_started();
            })?;
            self.reports.begin_task(season, true);
        }
        if season != self.calendar.season {
            self.calendar.season = season;
            self.calendar.began_at = self.play.gardens().clock();
        }
        self.reports.forget_recent();
        if !same_seasons {
            self.reports.curve.clear();
            self.reports.evaluations.clear();
        }
        self.baselines = None;
        self.begin_measuring();
        self.begin_looking();
        if let Some((row, _)) = self.evaluation.take() {
            self.evaluate(row.after);
        }
        Ok(())
    }

    /// Creates a new learner, which begins with the current policy if that fits.
    fn begin_again_in(&mut self, config: RunConfig) -> Result<(), TrainingError> {
        let mut settings = self.settings.clone();
        settings.config = config;
        let scenario = &settings.config.scenario;
        settings.season = self.calendar.season.min(scenario.seasons.len() - 1);
        settings.year_turns = false;
        settings.learn = self.learning;
        settings.curve = Vec::new();
        settings.evaluations = Vec::new();
        let acting = RunPolicy::of_config(vec![self.play.actor().snapshot().clone()], self.config(), self.decisions())?;
        let known = self.settings.policy.clone().filter(|_| self.known.is_some());
        settings.policy = known
            .into_iter()
            .chain([acting])
            .find(|policy| policy.for_scenario(scenario).is_ok());
        let fits = settings.policy.is_some();
        if fits {
            // Full exploration from the beginning would destroy what the policy has learned.
            let dqn = &mut settings.config.learner.dqn;
            dqn.epsilon_start = dqn.epsilon_end;
        }
        let (tick, turns) = (self.play.gardens().clock(), self.calendar.turns);
        let mut fresh = Self::new(settings)?;
        fresh.play.gardens_mut().begin(tick, &self.episode_starts());
        fresh.calendar.began_at = tick;
        fresh.calendar.turns = turns;
        fresh.settings.year_turns = turns;
        if !matches!(self.driver, DriverKind::Earlier(_)) {
            fresh.drive(self.driver)?;
        }
        fresh.show(self.shown);
        fresh.say(
            if fits {
                "the scenario now has other seasons or senses: learning restarts from the current policy"
            } else {
                "the robot sees otherwise now: it learns from nothing"
            }
            .to_owned(),
        );
        *self = fresh;
        Ok(())
    }

    /// Returns the starts of the current episodes if they began now, with the same plants as far as the scenario has them.
    fn episode_starts(&self) -> Vec<garden::EpisodeStart> {
        let tick = self.play.gardens().clock();
        let starts = self.play.gardens().episode_starts().into_iter();
        starts
            .map(|start| garden::EpisodeStart {
                number: start.number,
                tick,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::drivers::ReferenceDriver;
    use crate::live::testing::session;
    use crate::live::{DriverKind, Simulation, SimulationCommand};
    use crate::scenario::Colour;

    fn play(session: &mut Session, ticks: u64) {
        for _ in 0..ticks {
            session.tick();
        }
    }

    fn edit(session: &mut Session, edit: impl FnOnce(&mut Scenario)) {
        let mut scenario = Scenario::clone(&session.scenario);
        edit(&mut scenario);
        session.command(SimulationCommand::Replace(Arc::new(scenario)));
    }

    /// Returns the number of stored transitions, the number of updates, and the exploration of the learner.
    fn learned(session: &mut Session) -> (u64, u64, Option<f32>) {
        let ledger = session.play.ask(|learner| learner.ledger()).unwrap();
        let exploration = session.status().learning.exploration;
        (ledger.memory_bytes, ledger.updates, exploration)
    }

    #[test]
    fn an_edited_colour_ends_no_lesson() {
        for method in ["replay", "packnet"] {
            let mut session = session(method);
            play(&mut session, 90);
            let before = learned(&mut session);
            assert!(before.0 > 0 && before.1 > 0, "{method}: {before:?}");
            edit(&mut session, |scenario| {
                scenario.seasons[1].look.fine = Colour::new(0.9, 0.1, 0.2);
            });
            assert_eq!(learned(&mut session), before, "{method}");
            assert!(session.status().notes.is_empty(), "{method}");
            let view = session.view().unwrap();
            assert_eq!((view.tick, view.moment.season), (90, 1), "{method}");
            // The season ends at its usual tick, and the learner is told.
            play(&mut session, 31);
            assert_eq!(session.view().unwrap().moment.season, 2, "{method}");
            assert_eq!(session.status().learning.task_seasons, [0, 1, 2], "{method}");
            assert!(learned(&mut session).1 > before.1, "{method}: it learns on");
        }
    }

    #[test]
    fn another_number_of_seasons_matters_to_methods_that_are_told_the_season() {
        for (method, is_kept) in [("replay", true), ("packnet", false)] {
            let mut session = session(method);
            play(&mut session, 90);
            let before = learned(&mut session);
            edit(&mut session, |scenario| {
                let mut fifth = scenario.seasons[0].clone();
                "fifth".clone_into(&mut fifth.name);
                scenario.seasons.push(fifth);
            });
            assert_eq!(learned(&mut session).1 == before.1, is_kept, "{method}");
            assert_eq!(session.status().notes.is_empty(), is_kept, "{method}");
            play(&mut session, 10);
            assert_eq!(session.view().unwrap().moment.season, 1, "{method}");
        }
    }

    #[test]
    fn a_season_that_is_gone_is_a_boundary() {
        let mut session = session("replay");
        play(&mut session, 190);
        assert_eq!(session.view().unwrap().moment.season, 3);
        edit(&mut session, |scenario| scenario.seasons.truncate(2));
        assert_eq!(session.view().unwrap().moment.season, 1);
        assert_eq!(session.status().learning.task_seasons, [0, 1, 2, 3, 1]);
        assert!(learned(&mut session).1 > 0, "the learner is kept");
        play(&mut session, 61);
        assert_eq!(session.view().unwrap().moment.season, 0, "the year goes on");
    }

    #[test]
    fn a_robot_that_sees_otherwise_learns_from_nothing() {
        let mut session = session("replay");
        play(&mut session, 90);
        edit(&mut session, |scenario| scenario.eye.columns += 4);
        assert_eq!(learned(&mut session).1, 0);
        assert!(session.status().notes[0].contains("sees otherwise"));
        play(&mut session, 20);
        assert_eq!(session.view().unwrap().tick, 110);
    }
    #[test]
    fn the_planning_gardener_goes_on_in_a_scenario_with_fewer_plants() {
        let mut session = session("replay");
        session.command(SimulationCommand::Drive(DriverKind::Reference(ReferenceDriver::Planner)));
        play(&mut session, 10);
        // The planner still has a goal, among plants of which there is only one now.
        edit(&mut session, |scenario| scenario.plants.count = 1);
        play(&mut session, 10);
        assert_eq!(session.view().unwrap().plants.len(), 1);
    }
}
