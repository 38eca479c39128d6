//! Looks inside the learner of a session, as a run takes them, and what the policy would do with the plants of the shown garden.
//!
//! The album of views is made on a thread of its own, so that the window does not wait for it. Looks change nothing that is learned.

use std::sync::Arc;
use std::thread::JoinHandle;

use bevy::ecs::system::SystemState;
use bevy::prelude::*;

use super::Session;
use crate::app::Gardens;
use crate::garden::GardenList;
use crate::learner::inside::look_at_policy;
use crate::learner::{LearnerError, PolicySnapshot, StateError};
use crate::live::simulation_command::DriverKind;
use crate::live::status::InsideStatus;
use crate::live::view::PlantView;
use crate::mdp::Action;
use crate::metrics::InsideRecord;
use crate::physics::Pose;
use crate::scenario::Scenario;
use crate::sensors::SenseInputs;
use crate::training::{Inside, Occasion, TrainingError, evaluated_policies};

/// Maximum number of looks kept.
const MOST_LOOKS: usize = 600;
/// Ticks between two questions about the plants of the shown garden.
const JUDGE_EVERY_TICKS: u64 = 24;
/// Thirst above which a plant is clearly thirsty: as in the album, plants that are a little thirsty are not judged.
const THIRSTY: f32 = 0.5;
/// Poses from which a plant is judged: distances as parts of the jet's reach, and turns away from it in radians, at which a robot that drives up
/// to it would hit it.
const JUDGED_FROM: [(f32, f32); 4] = [(0.8, 0.0), (0.65, -0.15), (0.65, 0.15), (0.5, 0.0)];

/// Instruments of a session, and its looks so far.
#[derive(Default)]
pub(super) struct Looking {
    inside: Option<Box<Inside>>,
    making: Option<JoinHandle<Option<Inside>>>,
    /// Decisions from which on the next look is due.
    due: u64,
    /// Seasons that have begun since the learner learns.
    begun: Vec<usize>,
    seen: Option<Arc<InsideStatus>>,
    misjudged: Vec<usize>,
    /// Garden and episode that the plants belong to.
    judged_in: Option<(usize, u64)>,
}

impl Looking {
    pub(super) fn seen(&self) -> Option<&Arc<InsideStatus>> {
        self.seen.as_ref()
    }

    /// Plants of a garden's episode that the policy would treat wrongly.
    pub(super) fn misjudged(&self, garden: usize, episode: u64) -> &[usize] {
        if self.judged_in == Some((garden, episode)) {
            &self.misjudged
        } else {
            &[]
        }
    }

    /// Notes that learning begins, in this season.
    pub(super) fn begin_learning(&mut self, season: usize) {
        self.begun = vec![season];
        self.due = 0;
    }

    fn keep(&mut self, record: InsideRecord) {
        let Some(inside) = &self.inside else { return };
        let mut looks = self.seen.as_ref().map_or_else(Vec::new, |seen| seen.looks.clone());
        looks.push(Arc::new(record));
        if looks.len() > MOST_LOOKS {
            // Drops every second look of the older half: curves keep their shape and their beginning.
            let half = looks.len() / 2;
            let mut number = 0;
            looks.retain(|_| {
                number += 1;
                number > half || number % 2 == 1
            });
        }
        self.seen = Some(Arc::new(InsideStatus {
            album: inside.album().clone(),
            looks,
        }));
    }
}

impl Session {
    /// Starts making the album, if the session is measured and looks are not switched off.
    pub(super) fn begin_looking(&mut self) {
        let begun = std::mem::take(&mut self.looking.begun);
        self.looking = Looking {
            begun: if begun.is_empty() { vec![self.calendar.season] } else { begun },
            ..Looking::default()
        };
        if !self.settings.evaluate || self.config().inside.every_decisions == 0 {
            return;
        }
        let (config, scenario) = (self.config().clone(), self.scenario.clone());
        let make = move || Inside::of_run(&config, &scenario);
        if !self.settings.overlapped {
            self.looking.inside = make().map(Box::new);
            return;
        }
        match std::thread::Builder::new().name("album".to_owned()).spawn(make) {
            Ok(making) => self.looking.making = Some(making),
            Err(error) => self.say(format!("the album of views cannot be made: {error}")),
        }
    }

    /// Looks inside the learner if it is time, and judges the plants of the shown garden.
    pub(super) fn look_when_due(&mut self) -> Result<(), TrainingError> {
        if let Some(making) = self.looking.making.take_if(|making| making.is_finished()) {
            // A panic has been reported on its own thread.
            self.looking.inside = making.join().ok().flatten().map(Box::new);
        }
        if self.looking.inside.is_none() {
            return Ok(());
        }
        let is_due = if self.learning {
            self.decisions() >= self.looking.due
        } else {
            self.looking.seen.is_none()
        };
        if is_due {
            self.look(None)?;
        }
        let shown = self.shown;
        let number = self
            .play
            .gardens()
            .episode_starts()
            .get(shown)
            .map_or(0, |start| start.number);
        if self.looking.judged_in != Some((shown, number)) || self.now_is_multiple_of(JUDGE_EVERY_TICKS) {
            self.looking.misjudged = self.misjudged_plants()?;
            self.looking.judged_in = Some((shown, number));
            self.judge_for_twin()?;
        }
        Ok(())
    }

    fn now_is_multiple_of(&self, ticks: u64) -> bool {
        self.play.gardens().clock().is_multiple_of(ticks)
    }

    /// Looks inside the learner now; `ended` is the season that ends.
    pub(super) fn look(&mut self, ended: Option<usize>) -> Result<(), TrainingError> {
        let Some(mut inside) = self.looking.inside.take() else {
            return Ok(());
        };
        let at_once = self.config().all_at_once();
        let season = self.calendar.season;
        let past = if at_once {
            (0..self.scenario.seasons.len()).collect()
        } else {
            self.looking.begun.iter().copied().filter(|other| *other != season).collect()
        };
        let occasion = Occasion {
            decisions: self.decisions(),
            season: (!at_once).then_some(season),
            past,
            ended,
        };
        let every = self.config().inside.every_decisions;
        self.looking.due = occasion.decisions - occasion.decisions % every + every;
        let record = if self.learning {
            let config = self.config().clone();
            let (same, record) = self.play.ask(move |learner| {
                let record = inside.look_at_learner(learner, &occasion);
                let record = inside.ask_policies(record, &evaluated_policies(learner, &config), &occasion);
                (inside, record)
            })?;
            inside = same;
            record
        } else {
            let record = InsideRecord {
                decisions: occasion.decisions,
                season: occasion.season.map(|season| self.scenario.seasons[season].name.clone()),
                ..InsideRecord::default()
            };
            let policies = self.policies()?;
            inside.ask_policies(record, &policies, &occasion)
        };
        self.looking.inside = Some(inside);
        self.looking.keep(record.map_err(LearnerError::from)?);
        Ok(())
    }

    /// Notes which season begins.
    pub(super) fn begin_season_of_looks(&mut self, season: usize) {
        if !self.looking.begun.contains(&season) {
            self.looking.begun.push(season);
        }
    }

    /// Returns the plants of the shown garden that the network which drives there would treat wrongly.
    fn misjudged_plants(&mut self) -> Result<Vec<usize>, TrainingError> {
        let network = self.earlier.driving(self.calendar.season);
        let network = network.unwrap_or_else(|| self.play.actor().snapshot()).clone();
        let scenario = self.scenario.clone();
        misjudged_plants(self.play.gardens_mut(), self.shown, &scenario, &network)
    }

    /// Judges the plants of the twin, if a network drives there and plants are judged at all.
    pub(super) fn judge_for_twin(&mut self) -> Result<(), TrainingError> {
        if self.looking.judged_in.is_none() {
            return Ok(());
        }
        let Some(mut twin) = self.twin.take() else { return Ok(()) };
        let network = match twin.kind {
            DriverKind::Earlier(id) => self.earlier_policies(id).ok(),
            _ => None,
        };
        if let Some(network) = network {
            let (scenario, season) = (self.scenario.clone(), self.calendar.season);
            twin.misjudged = misjudged_plants(&mut twin.gardens, 0, &scenario, network.for_season(season))?;
        }
        self.twin = Some(twin);
        Ok(())
    }
}

/// Returns the plants of a garden that a policy would treat wrongly if the robot drove up to them: thirsty ones that it would water from none of
/// the places on its way, and fine ones that it would water from most of them.
fn misjudged_plants(
    gardens: &mut Gardens,
    number: usize,
    scenario: &Scenario,
    policy: &PolicySnapshot,
) -> Result<Vec<usize>, TrainingError> {
    let Some(view) = crate::live::GardenView::of(gardens, number) else {
        return Ok(Vec::new());
    };
    let judged: Vec<(usize, &PlantView)> = view.plants.iter().enumerate().filter(|(_, plant)| is_clear(plant)).collect();
    let spec = gardens.observation_spec().clone();
    let mut seen = vec![0; judged.len() * JUDGED_FROM.len() * spec.len()];
    let world = gardens.world_mut();
    let Some(&garden) = world.resource::<GardenList>().0.get(number) else {
        return Ok(Vec::new());
    };
    let mut senses = SystemState::<SenseInputs>::new(world);
    let places = judged.iter().flat_map(|(_, plant)| JUDGED_FROM.map(|from| (plant, from)));
    for ((plant, from), observation) in places.zip(seen.chunks_exact_mut(spec.len())) {
        let before = standing_before(scenario, &view.robot.pose, plant, from);
        // All that it asks for exists in a world of gardens.
        if let Ok(mut senses) = senses.get_mut(world) {
            senses.observe_from(garden, before, observation);
        }
    }
    let look = look_at_policy(&spec, policy, &seen).map_err(|error: StateError| LearnerError::from(error))?;
    let waters = |action: &u8| Action::ALL.get(usize::from(*action)) == Some(&Action::Water);
    let places = look.actions.chunks_exact(JUDGED_FROM.len());
    let wrong = judged.iter().zip(places).filter(|((_, plant), actions)| {
        let watered = actions.iter().filter(|action| waters(action)).count();
        if plant.thirst > THIRSTY {
            watered == 0
        } else {
            2 * watered > JUDGED_FROM.len()
        }
    });
    Ok(wrong.map(|((number, _), _)| *number).collect())
}

/// `true` if it is clear what is right: to water, or to leave.
fn is_clear(plant: &PlantView) -> bool {
    plant.thirst <= 0.0 || plant.thirst > THIRSTY
}

/// Returns where the robot would stand before a plant, on its way from where it is: at a part of the jet's reach, turned away from the plant.
fn standing_before(scenario: &Scenario, pose: &Pose, plant: &PlantView, (part, turn_rad): (f32, f32)) -> Pose {
    let crown_m = scenario
        .plants
        .species
        .get(plant.species)
        .map_or(0.0, |species| species.crown_radius_m);
    let distance_m = (part * scenario.robot.jet_reach_m).max(scenario.robot.radius_m + crown_m);
    let towards = (plant.position_m - pose.position_m).try_normalize().unwrap_or(pose.forward);
    Pose {
        position_m: plant.position_m - distance_m * towards,
        forward: Vec2::from_angle(turn_rad).rotate(towards),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::testing::{session, settings, short_year};
    use crate::live::{Session, SessionSettings, Simulation};

    fn looked_into(method: &str) -> Session {
        let mut config = short_year(method);
        config.inside.every_decisions = 40;
        config.inside.views_per_season = 6;
        Session::new(SessionSettings {
            evaluate: true,
            ..settings(config)
        })
        .unwrap()
    }

    #[test]
    fn looks_change_nothing_that_is_learned() {
        let (mut looked, mut plain) = (looked_into("replay"), session("replay"));
        for _ in 0..100 {
            looked.tick();
            plain.tick();
            assert_eq!(looked.view().unwrap().state_hash, plain.view().unwrap().state_hash);
        }
        let seen = looked.status().inside.unwrap();
        // Two gardens: every 20 ticks, and at the end of the first season.
        let at: Vec<u64> = seen.looks.iter().map(|look| look.decisions).collect();
        assert!(at.len() >= 5 && at.is_sorted() && at.contains(&120), "{at:?}");
        assert!(plain.status().inside.is_none());
    }

    #[test]
    fn a_look_compares_with_the_end_of_the_season_before() {
        let mut session = looked_into("finetune");
        (0..100).for_each(|_| {
            session.tick();
        });
        let seen = session.status().inside.unwrap();
        let last = seen.looks.last().unwrap();
        assert_eq!(last.season.as_deref(), Some("summer"));
        assert_eq!(last.change.keys().collect::<Vec<_>>(), ["spring"]);
        assert_eq!(last.change["spring"].since_decisions, 120);
        assert!(last.agreement.contains_key("spring"));
        assert_eq!(last.answers.len(), seen.album.views.len());
    }

    #[test]
    fn the_twin_is_judged_by_the_network_that_drives_there() {
        use crate::live::SimulationCommand;
        let mut session = looked_into("finetune");
        (0..90).for_each(|_| {
            session.tick();
        });
        let ended = session
            .status()
            .earlier
            .marks
            .iter()
            .find(|mark| mark.ends_season)
            .unwrap()
            .id;
        let driver = DriverKind::Earlier(ended);
        session.command(SimulationCommand::Drive(driver));
        session.command(SimulationCommand::Beside(Some(driver)));
        // The next time that plants are judged.
        (0..JUDGE_EVERY_TICKS).for_each(|_| {
            session.tick();
        });
        let (shown, twin) = (session.view().unwrap(), session.beside().unwrap());
        assert_eq!(shown.plants, twin.plants, "the same network does the same");
        assert_eq!(shown.misjudged, twin.misjudged);
        let random = DriverKind::Reference(crate::agent::drivers::ReferenceDriver::Random);
        session.command(SimulationCommand::Beside(Some(random)));
        (0..JUDGE_EVERY_TICKS).for_each(|_| {
            session.tick();
        });
        assert!(session.beside().unwrap().misjudged.is_empty(), "no network, no judgement");
    }

    #[test]
    fn plants_are_judged_from_where_the_jet_would_hit_them() {
        let mut session = looked_into("finetune");
        session.tick();
        let view = session.view().unwrap();
        for plant in &view.plants {
            for from in JUDGED_FROM {
                let before = standing_before(&session.scenario, &view.robot.pose, plant, from);
                assert!(
                    session.scenario.robot.jet_reaches(&before, plant.position_m).is_some(),
                    "{plant:?}"
                );
            }
        }
    }

    #[test]
    fn whoever_waters_everything_misjudges_the_fine_plants_and_whoever_waters_nothing_the_thirsty_ones() {
        let mut session = looked_into("finetune");
        (0..30).for_each(|_| {
            session.tick();
        });
        let (view, scenario) = (session.view().unwrap(), session.scenario.clone());
        let always = |session: &Session, action: Action| {
            let mut policy = session.play.actor().snapshot().clone();
            let layers = policy.shape.layers();
            let last = layers.last().unwrap();
            policy.parameters[last.range.clone()].fill(0.0);
            policy.parameters[last.range.end - last.outputs + action.index()] = 1.0;
            policy
        };
        for (action, misjudged_are_thirsty) in [(Action::Water, false), (Action::Forward, true)] {
            let policy = always(&session, action);
            let wrong = misjudged_plants(session.play.gardens_mut(), session.shown, &scenario, &policy).unwrap();
            let plants = view.plants.iter().enumerate();
            let expected = plants.filter(|(_, plant)| is_clear(plant) && (plant.thirst > THIRSTY) == misjudged_are_thirsty);
            let expected: Vec<usize> = expected.map(|(number, _)| number).collect();
            assert!(!expected.is_empty());
            assert_eq!(wrong, expected);
        }
    }
}
