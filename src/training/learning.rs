//! Learning as a system of the gardens' world: experience goes to the learner, and a policy comes back one tick later.

use bevy::prelude::*;

use super::TrainingError;
use super::acting::{Actor, act};
use super::clock::thread_work_s;
use super::learner_link::LearnerLink;
use crate::agent::{Experienced, systems};
use crate::app::{Tick, TickSystems};
use crate::learner::LearnReport;
use crate::metrics::collecting::{RecordedYear, collect_episodes};

/// `true` while experience is handed to the learner.
#[derive(Resource, Clone, Copy, Debug)]
pub struct Learning(pub bool);

/// Times of the last tick and what came of it.
#[derive(Resource, Debug, Default)]
pub struct TickReport {
    /// Seconds of work for deciding.
    pub acting_s: f64,
    /// Seconds of work for the gardens.
    pub environment_s: f64,
    /// Result of learning from the tick before, if anything was outstanding.
    pub lesson: Option<Lesson>,
    /// Reason why learning cannot go on.
    pub failure: Option<TrainingError>,
    gardens_started_s: f64,
}

/// Result of learning from one tick.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// Report of the updates, if any were due.
    pub report: Option<LearnReport>,
    /// Seconds of work for learning.
    pub seconds: f64,
}

/// Adds acting and learning to a world of gardens. Their resources ([`Actor`], `LearnerLink`) are inserted by the loop.
pub(super) struct ActorLearnerPlugin;

impl Plugin for ActorLearnerPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(
            Tick,
            (
                (act, start_gardens)
                    .chain()
                    .in_set(TickSystems::Decide)
                    .after(systems::drive)
                    .before(systems::take_given_actions),
                collect_episodes
                    .in_set(TickSystems::Record)
                    .run_if(resource_exists::<RecordedYear>),
                exchange_with_learner.in_set(TickSystems::Learn),
            )
                .run_if(systems::drivers_decide),
        );
    }
}

fn start_gardens(mut report: ResMut<TickReport>) {
    report.gardens_started_s = thread_work_s();
}

/// Takes back the policy that followed from the tick before, and hands over this tick's experience.
fn exchange_with_learner(
    mut link: ResMut<LearnerLink>,
    mut actor: ResMut<Actor>,
    mut report: ResMut<TickReport>,
    learning: Res<Learning>,
    experienced: Res<Experienced>,
) {
    report.environment_s = thread_work_s() - report.gardens_started_s;
    let mut exchange = || {
        let lesson = receive(&mut link, &mut actor)?;
        actor.take_next();
        if learning.0 {
            link.send(&experienced.0)?;
        }
        Ok(lesson)
    };
    match exchange() {
        Ok(lesson) => report.lesson = lesson,
        Err(error) => report.failure = Some(error),
    }
}

/// Takes back the result of the last tick, if it is outstanding; its policy acts after the next tick.
pub(super) fn receive(link: &mut LearnerLink, actor: &mut Actor) -> Result<Option<Lesson>, TrainingError> {
    let Some(learned) = link.receive()? else {
        return Ok(None);
    };
    let learned = learned?;
    actor.next = Some(learned.policy);
    Ok(Some(Lesson {
        report: learned.report,
        seconds: learned.seconds,
    }))
}
