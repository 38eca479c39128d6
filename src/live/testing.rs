//! Small sessions for tests.

use super::{Programme, Session, SessionSettings};
use crate::scenario::{DEFAULT_SCENARIO, Scenario};
use crate::training::RunConfig;

/// Returns the default scenario with episodes of 40 decisions.
pub(crate) fn scenario() -> Scenario {
    let mut scenario = Scenario::load(DEFAULT_SCENARIO).unwrap().scenario;
    scenario.episode.decisions = 40;
    scenario
}

/// Returns a year of four seasons of 60 ticks in two gardens, with a learner that starts to learn at once.
pub(crate) fn short_year(method: &str) -> RunConfig {
    let mut config = RunConfig {
        method: method.to_owned(),
        gardens: 2,
        decisions_per_season: 120,
        seed: 5,
        ..RunConfig::new(scenario())
    };
    config.evaluation.episodes = 2;
    config.evaluation.gardens = 2;
    config.learner.hidden = vec![16, 16];
    config.learner.batch_size = 16;
    config.learner.fresh_memory.minimum_transitions = 20;
    config
}

/// Returns the settings of a session that learns from nothing, on the thread of its caller, without evaluations.
pub(crate) fn settings(config: RunConfig) -> SessionSettings {
    SessionSettings {
        config,
        policy: None,
        learn: true,
        year_turns: true,
        season: 0,
        programme: Programme::Live,
        overlapped: false,
        evaluate: false,
        curve: Vec::new(),
        evaluations: Vec::new(),
        earlier: Vec::new(),
    }
}

/// Creates a session of a [`short_year`].
pub(crate) fn session(method: &str) -> Session {
    Session::new(settings(short_year(method))).unwrap()
}
