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
const JUDGE_EVERY_TICKS: u64 = 16;
/// Thirst above which a plant is clearly thirsty: as in the album, plants that are a little thirsty are not judged.
const THIRSTY: f32 = 0.5;
/// Distance from which a plant is judged, as a part of the jet's reach: the robot is where watering would hit it.
const JUDGED_FROM: f32 = 0.6;

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

/// Returns the plants of a garden that a policy would treat wrongly if the robot stood before them: thirsty ones that it would not water, and
/// fine ones that it would.
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
    let mut seen = vec![0; judged.len() * spec.len()];
    let world = gardens.world_mut();
    let Some(&garden) = world.resource::<GardenList>().0.get(number) else {
        return Ok(Vec::new());
    };
    let mut senses = SystemState::<SenseInputs>::new(world);
    for ((_, plant), observation) in judged.iter().zip(seen.chunks_exact_mut(spec.len())) {
        let before = standing_before(scenario, &view.robot.pose, plant);
        // All that it asks for exists in a world of gardens.
        if let Ok(mut senses) = senses.get_mut(world) {
            senses.observe_from(garden, before, observation);
        }
    }
    let look = look_at_policy(&spec, policy, &seen).map_err(|error: StateError| LearnerError::from(error))?;
    let waters = look
        .actions
        .iter()
        .map(|action| Action::ALL.get(usize::from(*action)) == Some(&Action::Water));
    let wrong = judged
        .iter()
        .zip(waters)
        .filter(|((_, plant), waters)| *waters != (plant.thirst > THIRSTY));
    Ok(wrong.map(|((number, _), _)| *number).collect())
}

/// `true` if it is clear what is right: to water, or to leave.
fn is_clear(plant: &PlantView) -> bool {
    plant.thirst <= 0.0 || plant.thirst > THIRSTY
}

/// Returns where the robot would stand before a plant: on its way from where it is, facing the plant, near enough to hit it.
fn standing_before(scenario: &Scenario, pose: &Pose, plant: &PlantView) -> Pose {
    let crown_m = scenario
        .plants
        .species
        .get(plant.species)
        .map_or(0.0, |species| species.crown_radius_m);
    let distance_m = (JUDGED_FROM * scenario.robot.jet_reach_m).max(scenario.robot.radius_m + crown_m);
    let forward = (plant.position_m - pose.position_m).try_normalize().unwrap_or(pose.forward);
    Pose {
        position_m: plant.position_m - distance_m * forward,
        forward,
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
        session.order(SimulationCommand::Drive(driver));
        session.order(SimulationCommand::Beside(Some(driver)));
        // The next time that plants are judged.
        (0..16).for_each(|_| {
            session.tick();
        });
        let (shown, twin) = (session.view().unwrap(), session.beside().unwrap());
        assert_eq!(shown.plants, twin.plants, "the same network does the same");
        assert_eq!(shown.misjudged, twin.misjudged);
        let random = DriverKind::Reference(crate::agent::drivers::ReferenceDriver::Random);
        session.order(SimulationCommand::Beside(Some(random)));
        (0..16).for_each(|_| {
            session.tick();
        });
        assert!(session.beside().unwrap().misjudged.is_empty(), "no network, no judgement");
    }

    #[test]
    fn a_plant_is_judged_from_where_the_jet_would_hit_it() {
        let mut session = looked_into("finetune");
        session.tick();
        let view = session.view().unwrap();
        for plant in &view.plants {
            let before = standing_before(&session.scenario, &view.robot.pose, plant);
            assert!(
                session.scenario.robot.jet_reaches(&before, plant.position_m).is_some(),
                "{plant:?}"
            );
        }
        // Whoever waters everything misjudges just the fine plants, and whoever waters nothing the thirsty ones.
        let clear = |thirsty: bool| {
            let plants = view.plants.iter().enumerate();
            let judged = plants.filter(|(_, plant)| is_clear(plant) && (plant.thirst > THIRSTY) == thirsty);
            judged.map(|(number, _)| number).collect::<Vec<_>>()
        };
        let wrong = &view.misjudged;
        assert!(
            wrong
                .iter()
                .all(|number| clear(true).contains(number) || clear(false).contains(number))
        );
    }
}
