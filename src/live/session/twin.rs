//! Twin of the shown garden: the same plants and the same weather, tended by another driver, tick by tick beside it.
//!
//! A garden's state is a function of its episode's start and of the actions since. A twin therefore begins in the very state of the shown
//! garden, and what differs from then on is what its driver does. If the year was steered by hand within an episode, the soil of the twin
//! may differ slightly until the next one. The twin changes nothing in the gardens that are learned in.

use super::Session;
use crate::agent::drivers::Driver;
use crate::app::Gardens;
use crate::garden::{ActiveYear, EpisodeStart};
use crate::live::simulation_command::DriverKind;
use crate::live::view::GardenView;
use crate::mdp::Action;
use crate::scenario::Year;
use crate::training::TrainingError;

/// A twin of the shown garden.
pub(super) struct Twin {
    pub(super) gardens: Gardens,
    /// Driver of its robot.
    pub(super) kind: DriverKind,
    /// Plants that the network which drives would treat wrongly; empty where none drives.
    pub(super) misjudged: Vec<usize>,
    /// Number of the garden that it is a twin of.
    garden: usize,
}

impl Twin {
    pub(super) fn view(&self) -> Option<GardenView> {
        let view = GardenView::of(&self.gardens, 0)?;
        Some(GardenView {
            garden: self.garden,
            misjudged: self.misjudged.clone(),
            ..view
        })
    }

    /// Follows the year of the shown garden.
    fn follow_year(&mut self, year: &Year) {
        let mut own = self.gardens.world_mut().resource_mut::<ActiveYear>();
        if own.0 != *year {
            own.0 = year.clone();
        }
    }

    /// Plays a tick; afterwards the shown garden is in an episode with this start.
    fn tick(&mut self, start: EpisodeStart) {
        self.gardens.tick();
        if self.gardens.episode_starts() != [start] {
            let clock = self.gardens.clock();
            self.gardens.begin(clock, &[start]);
            self.misjudged.clear();
        }
    }
}

/// Actions in each garden since its episode began.
#[derive(Debug, Default)]
pub(super) struct EpisodeActions(Vec<Vec<Action>>);

impl EpisodeActions {
    /// Adds the actions of the last tick.
    pub(super) fn follow(&mut self, gardens: &Gardens) {
        let experience = gardens.experience();
        self.0.resize(gardens.len(), Vec::new());
        let ended = experience.step.terminated.iter().zip(&experience.step.truncated);
        for ((own, action), (terminated, truncated)) in self.0.iter_mut().zip(&experience.actions).zip(ended) {
            if *terminated || *truncated {
                own.clear();
            } else {
                own.push(Action::from_index((*action).into()).unwrap_or_default());
            }
        }
    }

    /// Notes that all episodes begin anew.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

impl Session {
    /// Puts a twin beside the shown garden, with this driver, or takes it away. The current policy is kept as an earlier network first,
    /// so that the twin shows what it is now while the shown one goes on learning.
    pub(super) fn put_beside(&mut self, kind: Option<DriverKind>) -> Result<(), TrainingError> {
        let kind = match kind {
            Some(DriverKind::Policy) => Some(DriverKind::Earlier(self.keep_network(false)?)),
            Some(DriverKind::Manual | DriverKind::Recorded) | None => None,
            Some(kind) => Some(kind),
        };
        self.twin = match kind {
            Some(kind) => self.build_driver(kind)?.map(|driver| self.build_twin(kind, driver)),
            None => None,
        };
        self.judge_for_twin()
    }

    /// Builds the twin anew for the garden that is shown now.
    pub(super) fn renew_twin(&mut self) -> Result<(), TrainingError> {
        let kind = self.twin.take().map(|twin| twin.kind);
        self.put_beside(kind)
    }

    fn build_twin(&self, kind: DriverKind, driver: Box<dyn Driver>) -> Twin {
        let (shown, seed) = (self.shown, self.config().seed);
        let mut gardens = Gardens::shared(self.scenario.clone(), 1, seed, self.year_of_shown());
        // There is a garden 0, and one action for each tick.
        let _ = gardens.seed_garden_like(0, seed, shown);
        let now = self.play.gardens().clock();
        if let Some(&start) = self.play.gardens().episode_starts().get(shown) {
            let actions = self.actions.0.get(shown).map_or(&[][..], Vec::as_slice);
            let rows: Vec<Vec<Action>> = actions.iter().map(|action| vec![*action]).collect();
            let _ = gardens.restore(now, &[start], &rows);
        }
        gardens.drive(driver);
        Twin {
            gardens,
            kind,
            misjudged: Vec::new(),
            garden: shown,
        }
    }

    /// Returns the year that the shown garden follows. Where all seasons are learned at once, its own season stays.
    fn year_of_shown(&self) -> Year {
        if self.config().all_at_once() {
            let season = self.play.gardens().seasons().get(self.shown).copied();
            return Year::Pure(season.unwrap_or_default());
        }
        self.play.gardens().world().resource::<ActiveYear>().0.clone()
    }

    /// Lets the twin follow the year, before a tick.
    pub(super) fn prepare_twin(&mut self) {
        if self.twin.is_none() {
            return;
        }
        let year = self.year_of_shown();
        if let Some(twin) = &mut self.twin {
            twin.follow_year(&year);
        }
    }

    /// Plays the tick of the twin, after that of the gardens.
    pub(super) fn tick_twin(&mut self) {
        let start = self.play.gardens().episode_starts().get(self.shown).copied();
        if let Some((twin, start)) = self.twin.as_mut().zip(start) {
            twin.tick(start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::drivers::ReferenceDriver;
    use crate::live::testing::session;
    use crate::live::{Simulation, SimulationCommand};

    fn play(session: &mut Session, ticks: u64) {
        (0..ticks).for_each(|_| {
            session.tick();
        });
    }

    /// The shown garden and its twin, without what only sessions know.
    fn both(session: &Session) -> (GardenView, GardenView) {
        let bare = |view: GardenView| GardenView {
            state_hash: 0,
            thought: None,
            misjudged: Vec::new(),
            ..view
        };
        (bare(session.view().unwrap()), bare(session.beside().unwrap()))
    }

    #[test]
    fn a_twin_begins_in_the_state_of_the_shown_garden_and_stays_there_with_the_same_driver() {
        for (garden, ticks) in [(0, 0), (0, 17), (1, 53), (1, 95)] {
            let mut session = session("finetune");
            session.command(SimulationCommand::ShowGarden(garden));
            play(&mut session, ticks);
            let gardener = DriverKind::Reference(ReferenceDriver::Gardener);
            session.command(SimulationCommand::Drive(gardener));
            session.command(SimulationCommand::Beside(Some(gardener)));
            let (shown, twin) = both(&session);
            assert_eq!(shown.plants, twin.plants, "garden {garden}, {ticks} ticks");
            assert_eq!(shown.robot.pose, twin.robot.pose, "garden {garden}, {ticks} ticks");
            // Beyond ends of episodes (every 40 ticks) and of a season (at 60).
            for tick in 0..90 {
                session.tick();
                let (shown, twin) = both(&session);
                assert_eq!(shown, twin, "garden {garden}, tick {tick} after {ticks}");
            }
        }
    }

    #[test]
    fn a_twin_changes_nothing_that_is_learned() {
        let (mut one, mut other) = (session("replay"), session("replay"));
        play(&mut one, 30);
        play(&mut other, 30);
        one.command(SimulationCommand::Beside(Some(DriverKind::Policy)));
        let mut differed = false;
        for _ in 0..100 {
            one.tick();
            other.tick();
            assert_eq!(one.view().unwrap().state_hash, other.view().unwrap().state_hash);
            let (shown, twin) = both(&one);
            assert_eq!(shown.episode.number, twin.episode.number);
            differed |= shown.robot != twin.robot;
        }
        assert!(differed, "who explores does something else than who does not");
        assert!(other.beside().is_none());
        one.command(SimulationCommand::Beside(None));
        assert!(one.beside().is_none());
    }

    #[test]
    fn a_twin_follows_the_year_and_another_garden() {
        let mut session = session("finetune");
        play(&mut session, 10);
        session.command(SimulationCommand::Beside(Some(DriverKind::Reference(
            ReferenceDriver::Random,
        ))));
        session.command(SimulationCommand::JumpTo { season: 2 });
        play(&mut session, 5);
        let (shown, twin) = both(&session);
        assert_eq!((shown.moment, twin.moment.season), (twin.moment, 2));
        session.command(SimulationCommand::ShowGarden(1));
        let (shown, twin) = both(&session);
        assert_eq!((shown.garden, shown.plants.len()), (twin.garden, twin.plants.len()));
        assert_eq!(shown.plants[0].position_m, twin.plants[0].position_m);
    }
}
