//! Earlier networks of a session: what the policy was at former times. The shown robot can be driven by any of them, and learning can
//! branch off from there.
//!
//! Some come from the checkpoints of a run that is watched; the others are kept while the session learns. Keeping one asks the learner
//! and changes nothing that is learned.

use std::sync::Arc;

use super::Session;
use crate::agent::drivers::Driver;
use crate::learner::inside::{PolicyLook, look_at_policy};
use crate::learner::{LearnerError, PolicySnapshot};
use crate::live::simulation_command::DriverKind;
use crate::live::status::{EarlierMark, EarlierStatus};
use crate::training::{RunPolicy, SeasonPolicies, TrainingError};

/// Number of networks kept in a season, beside the one at its end.
const KEPT_PER_SEASON: u64 = 6;
/// Maximum number of networks kept.
const MOST_KEPT: usize = 48;

/// An earlier network.
#[derive(Clone, Debug)]
pub struct EarlierPolicy {
    /// The network, or one for each season.
    pub policy: Arc<RunPolicy>,
    /// Number of the season that was under way.
    pub season: usize,
    /// `true` if that season ended then.
    pub ends_season: bool,
    /// `true` if it comes from a checkpoint of the run that is watched.
    pub of_run: bool,
}

/// The earlier networks of a session.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    kept: Vec<(u32, EarlierPolicy)>,
    marks: Arc<Vec<EarlierMark>>,
    next_id: u32,
    /// Number of decisions from which on the next one is due.
    due: u64,
    /// The one that drives, as it acts in the seasons of the scenario.
    driving: Option<SeasonPolicies>,
}

impl Earlier {
    /// Begins with the networks of a run.
    pub(super) fn of_run(policies: &[EarlierPolicy]) -> Self {
        let mut earlier = Self::default();
        for policy in policies {
            earlier.keep(policy.clone());
        }
        earlier
    }

    fn keep(&mut self, policy: EarlierPolicy) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        self.kept.push((id, policy));
        if self.kept.len() > MOST_KEPT {
            self.thin_out();
        }
        let mark = |(id, policy): &(u32, EarlierPolicy)| EarlierMark {
            id: *id,
            season: policy.season,
            decisions: policy.policy.origin.decisions,
            ends_season: policy.ends_season,
            of_run: policy.of_run,
        };
        self.marks = Arc::new(self.kept.iter().map(mark).collect());
        id
    }

    /// Drops every second network of the older half, those within seasons first.
    fn thin_out(&mut self) {
        let half = self.kept.len() / 2;
        let within = self.kept[..half].iter().any(|(_, policy)| !policy.ends_season);
        let (mut place, mut candidate) = (0, 0);
        self.kept.retain(|(_, policy)| {
            place += 1;
            if place > half || (within && policy.ends_season) {
                return true;
            }
            candidate += 1;
            candidate % 2 == 0
        });
    }

    pub(super) fn find(&self, id: u32) -> Option<&EarlierPolicy> {
        self.kept.iter().find(|(other, _)| *other == id).map(|(_, policy)| policy)
    }

    /// Returns the network that drives in a season, if an earlier one does.
    pub(super) fn driving(&self, season: usize) -> Option<&PolicySnapshot> {
        self.driving.as_ref().map(|policies| policies.for_season(season))
    }

    pub(super) fn status(&self, beside: Option<DriverKind>) -> EarlierStatus {
        EarlierStatus {
            marks: self.marks.clone(),
            beside,
        }
    }

    /// Notes that learning begins: the next network is due at once.
    pub(super) fn begin_learning(&mut self) {
        self.due = 0;
    }
}

impl Session {
    /// Keeps the current network, and returns its number; `ends` is `true` at the end of a season.
    pub(super) fn keep_network(&mut self, ends: bool) -> Result<u32, TrainingError> {
        let mut policies = self.policies()?;
        if policies.windows(2).all(|pair| pair[0] == pair[1]) {
            policies.truncate(1);
        }
        let policy = RunPolicy::of_config(policies, self.config(), self.decisions()).map_err(LearnerError::from)?;
        Ok(self.earlier.keep(EarlierPolicy {
            policy: Arc::new(policy),
            season: self.calendar.season,
            ends_season: ends,
            of_run: false,
        }))
    }

    /// Keeps the current network if it is time.
    pub(super) fn keep_network_when_due(&mut self) -> Result<(), TrainingError> {
        if !self.learning || self.decisions() < self.earlier.due {
            return Ok(());
        }
        self.earlier.due = self.decisions() + (self.config().decisions_per_season / KEPT_PER_SEASON).max(1);
        self.keep_network(false).map(|_| ())
    }

    /// Returns a driver of this kind, with the networks that it follows if it is an earlier policy.
    ///
    /// # Errors
    /// The policy does not fit the scenario, or there is none of that number.
    pub(super) fn build_driver(&self, kind: DriverKind) -> Result<Option<Box<dyn Driver>>, TrainingError> {
        Ok(match kind {
            DriverKind::Reference(driver) => Some(driver.build(self.config().seed)),
            DriverKind::Earlier(id) => {
                let policies = self.earlier_policies(id)?;
                let driver = policies.driver(self.play.gardens().observation_spec());
                Some(Box::new(driver.map_err(LearnerError::from)?))
            }
            DriverKind::Policy | DriverKind::Manual | DriverKind::Recorded => None,
        })
    }

    pub(super) fn earlier_policies(&self, id: u32) -> Result<SeasonPolicies, TrainingError> {
        let earlier = self.earlier.find(id).ok_or(NO_LONGER)?;
        Ok(earlier.policy.for_scenario(&self.scenario)?)
    }

    /// Chooses the driver of the shown robot.
    pub(super) fn drive(&mut self, kind: DriverKind) -> Result<(), TrainingError> {
        let driver = self.build_driver(kind)?;
        self.earlier.driving = match kind {
            DriverKind::Earlier(id) => Some(self.earlier_policies(id)?),
            _ => None,
        };
        self.driver = kind;
        self.shown_driver().take(kind, driver);
        Ok(())
    }

    /// Returns the network to branch off from: the one that drives the shown robot.
    pub(super) fn branching_point(&self, config: &crate::training::RunConfig) -> Result<PolicySnapshot, TrainingError> {
        match self.driver {
            DriverKind::Earlier(id) => {
                let earlier = self.earlier.find(id).ok_or(NO_LONGER)?;
                Ok(earlier.policy.to_begin_with(config, Some(self.calendar.season))?)
            }
            _ => Ok(self.play.actor().snapshot().clone()),
        }
    }

    /// Returns the outputs of the earlier network that drives for an observation; `None` if none does.
    pub(super) fn look_of_earlier(&self, observation: &[u8]) -> Option<PolicyLook> {
        let network = self.earlier.driving(self.calendar.season)?;
        look_at_policy(self.play.gardens().observation_spec(), network, observation).ok()
    }
}

/// Error: the earlier network is no longer kept.
const NO_LONGER: LearnerError = LearnerError::Spec("that earlier network is no longer kept");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::testing::{session, settings, short_year};
    use crate::live::{Simulation, SimulationCommand};

    fn play(session: &mut Session, ticks: u64) {
        (0..ticks).for_each(|_| {
            session.tick();
        });
    }

    /// Returns the number of the network at the end of the first season.
    fn end_of_spring(session: &Session) -> u32 {
        let marks = session.status().earlier.marks;
        marks.iter().find(|mark| mark.ends_season && mark.season == 0).unwrap().id
    }

    #[test]
    fn networks_are_kept_within_and_at_the_end_of_seasons() {
        let mut session = session("replay");
        play(&mut session, 100);
        let marks = session.status().earlier.marks;
        // Two gardens, 120 decisions a season: every 20 decisions, and at the end.
        let ends: Vec<(usize, u64)> = marks
            .iter()
            .filter(|mark| mark.ends_season)
            .map(|mark| (mark.season, mark.decisions))
            .collect();
        assert_eq!(ends, [(0, 120)]);
        assert!(marks.len() >= 9, "{marks:?}");
        assert!(marks.iter().map(|mark| mark.decisions).is_sorted());
    }

    #[test]
    fn of_very_many_networks_those_at_the_ends_of_seasons_stay() {
        let config = crate::training::RunConfig {
            years: 3,
            ..short_year("finetune")
        };
        let mut session = Session::new(settings(config)).unwrap();
        play(&mut session, 600);
        let marks = session.status().earlier.marks;
        assert!(marks.len() <= MOST_KEPT);
        let ends = marks.iter().filter(|mark| mark.ends_season).count();
        assert!(ends >= 9, "{ends} of 10 seasons: {marks:?}");
    }

    #[test]
    fn an_earlier_network_drives_as_it_did_then() {
        let mut session = session("finetune");
        play(&mut session, 100);
        let id = end_of_spring(&session);
        session.command(SimulationCommand::Drive(DriverKind::Earlier(id)));
        let network = session.earlier.driving(1).unwrap().clone();
        let spec = session.play.gardens().observation_spec().clone();
        // Up to the end of the episode.
        for _ in 0..19 {
            let seen = session.play.gardens().observations()[..spec.len()].to_vec();
            let wanted = look_at_policy(&spec, &network, &seen).unwrap().actions[0];
            session.tick();
            assert_eq!(session.view().unwrap().action.index(), usize::from(wanted));
            let thought = session.view().unwrap().thought.unwrap();
            assert_eq!(thought.outputs, look_at_policy(&spec, &network, &seen).unwrap().outputs);
        }
        assert_eq!(session.status().driver, DriverKind::Earlier(id));
    }

    #[test]
    fn learning_branches_off_from_the_network_that_drives() {
        let mut session = session("finetune");
        play(&mut session, 100);
        let id = end_of_spring(&session);
        let network = session.earlier.find(id).unwrap().policy.networks()[0].clone();
        session.command(SimulationCommand::Drive(DriverKind::Earlier(id)));
        session.command(SimulationCommand::LearnWith {
            method: "replay".to_owned(),
        });
        assert_eq!(session.status().driver, DriverKind::Policy);
        assert_eq!(session.play.actor().snapshot().parameters, network.parameters);
        play(&mut session, 30);
        assert_ne!(session.play.actor().snapshot().parameters, network.parameters, "it learns on");
        assert!(session.status().notes.is_empty(), "{:?}", session.status().notes);
    }

    #[test]
    fn a_network_that_is_gone_is_named_and_changes_nothing() {
        let mut session = session("finetune");
        session.command(SimulationCommand::Drive(DriverKind::Earlier(77)));
        assert_eq!(session.status().driver, DriverKind::Policy);
        assert!(session.status().notes[0].contains("no longer kept"));
    }

    #[test]
    fn the_networks_of_a_run_come_first() {
        let config = short_year("replay");
        let learner = crate::training::new_learner(&config).unwrap();
        let policy = RunPolicy::of_config(vec![learner.policy()], &config, 480).unwrap();
        let mut session = Session::new(crate::live::SessionSettings {
            earlier: vec![EarlierPolicy {
                policy: Arc::new(policy),
                season: 3,
                ends_season: true,
                of_run: true,
            }],
            ..settings(config)
        })
        .unwrap();
        play(&mut session, 5);
        let marks = session.status().earlier.marks;
        assert!(marks[0].of_run && !marks[1].of_run, "{marks:?}");
        session.command(SimulationCommand::Drive(DriverKind::Earlier(marks[0].id)));
        assert_eq!(session.status().driver, DriverKind::Earlier(marks[0].id));
    }
}
