//! Memory that is given back: of evaluations, networks, episodes and whole runs.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use perennial::agent::drivers::{PolicyDriver, RandomDriver};
use perennial::app::Gardens;
use perennial::learner::network::NetworkShape;
use perennial::learner::{ExplorationPolicy, Policy, PolicySnapshot};
use perennial::mdp::Action;
use perennial::random::stream;
use perennial::rollout::{ProbeSettings, probe};
use perennial::scenario::{Scenario, Year};
use perennial::sensors::observation_spec;
use perennial::training::{Execution, Existing, Observer, RunConfig, RunFolder, Training, TrainingEvent};

use crate::ALLOCATOR;

pub(crate) const TESTS: &[(&str, fn())] = &[
    ("an_evaluation_leaves_nothing_behind", an_evaluation_leaves_nothing_behind),
    (
        "a_network_keeps_no_matrices_of_sizes_that_are_over",
        a_network_keeps_no_matrices_of_sizes_that_are_over,
    ),
    ("episodes_leave_nothing_behind", episodes_leave_nothing_behind),
    ("a_run_grows_by_its_scores_only", a_run_grows_by_its_scores_only),
];

fn short_episodes() -> Scenario {
    let mut scenario = Scenario::load("four_seasons").unwrap().scenario;
    scenario.episode.decisions = 10;
    scenario
}

fn fresh_policy(scenario: &Scenario) -> PolicySnapshot {
    let shape = NetworkShape {
        inputs: observation_spec(scenario).len(),
        hidden: vec![32, 32],
        outputs: Action::ALL.len(),
        layer_norm: false,
    };
    PolicySnapshot {
        parameters: shape.initial_parameters(&mut stream(1, "test", 0)),
        exploration: ExplorationPolicy::EpsilonGreedy { epsilon: 0.0 },
        contexts: Default::default(),
        shape,
    }
}

/// Heap bytes that `work` leaves behind, once it has been done for a first time.
fn left_behind(mut work: impl FnMut()) -> i64 {
    work();
    let before = ALLOCATOR.current_usage() as i64;
    work();
    ALLOCATOR.current_usage() as i64 - before
}

fn an_evaluation_leaves_nothing_behind() {
    let scenario = Arc::new(short_episodes());
    let policy = fresh_policy(&scenario);
    let settings = ProbeSettings {
        gardens: 4,
        episodes: 4,
        seed: 7,
    };
    let grown = left_behind(|| {
        for season in 0..4 {
            let driver = PolicyDriver::new(&observation_spec(&scenario), &policy).unwrap();
            probe(&scenario, season, Box::new(driver), settings);
        }
    });
    // Threads of earlier tests may still be giving something back.
    assert!(grown <= 0, "{grown} bytes after four evaluations");
}

fn a_network_keeps_no_matrices_of_sizes_that_are_over() {
    let scenario = short_episodes();
    let width = observation_spec(&scenario).len();
    let mut policy = Policy::new(&observation_spec(&scenario), &fresh_policy(&scenario)).unwrap();
    let mut row_counts = 1..;
    let grown = left_behind(|| {
        for rows in row_counts.by_ref().take(100) {
            policy.greedy(&vec![7; rows * width], &mut vec![0; rows]);
        }
    });
    // Everything that a pass of 200 rows needs, for eight row counts, and not for a hundred.
    let pass = (200 * 4 * (2 * (width + 1) + 4 * 33 + 4 * 32)) as i64;
    assert!(grown < 8 * pass, "{grown} bytes, and a pass takes {pass}");
}

fn episodes_leave_nothing_behind() {
    let scenario = short_episodes();
    let mut gardens = Gardens::new(&scenario, 4, 0, Year::Pure(0));
    gardens.drive(Box::new(RandomDriver::new(0)));
    // No two episodes are alike, but forty times four of them take what forty others took.
    let grown = left_behind(|| (0..400).for_each(|_| _ = gardens.tick()));
    assert!(grown < 20_000, "{grown} bytes after 160 episodes");
}

/// Least heap bytes in each season, between ticks: nothing is being saved or evaluated then that is given back a moment later.
struct LeastInSeasons {
    seasons: Vec<i64>,
    now: i64,
}

impl Observer for LeastInSeasons {
    fn event(&mut self, event: &TrainingEvent) {
        match event {
            TrainingEvent::Tick { .. } => self.now = self.now.min(ALLOCATOR.current_usage() as i64),
            TrainingEvent::CheckpointWritten { .. } => self.seasons.push(std::mem::replace(&mut self.now, i64::MAX)),
            _ => {}
        }
    }
}

/// Runs a learner with small memories for some years, and returns the bytes by which it grows in a season once its memories are full.
fn growth_of_a_season(method: &str) -> i64 {
    let mut config = RunConfig::new(short_episodes());
    config.method = method.to_owned();
    config.gardens = 4;
    config.decisions_per_season = 240;
    config.years = 24;
    config.evaluation.episodes = 1;
    config.checkpoints.every_decisions = 1_000_000_000_000_000;
    config.learner.batch_size = 8;
    config.learner.hidden = vec![16];
    config.learner.fresh_memory.capacity = 64;
    config.learner.fresh_memory.minimum_transitions = 16;
    config.learner.reservoir.capacity = 64;
    config.learner.replay_boundary_free.capacity = 64;
    // So few that each season's lesson soon has as many views as the last one's.
    config.learner.reset_distil.views = 8;
    config.learner.reset_distil.distillation_updates = 4;
    let folder = tempfile::tempdir().unwrap();
    let run = RunFolder::create(folder.path(), "run", Existing::Refuse, &config.to_toml().unwrap()).unwrap();
    let mut training = Training::start(config, run, None, Execution { overlapped: false }).unwrap();
    let mut seasons = LeastInSeasons {
        seasons: Vec::with_capacity(128),
        now: i64::MAX,
    };
    training.run(&mut seasons, &AtomicBool::new(false)).unwrap();
    let least = |seasons: &[i64]| seasons.iter().copied().min().unwrap();
    // The third and fourth year, and the last two, 79 seasons later. A buffer that is there in one moment and not in another makes some
    // kilobytes, which so long a run tells from growth.
    (least(&seasons.seasons[88..]) - least(&seasons.seasons[9..17])) / 79
}

fn a_run_grows_by_its_scores_only() {
    for method in ["replay_boundary_free", "reset_distil", "self_supervised"] {
        let grown = growth_of_a_season(method);
        // Measured: 64 and 65. Fifty bytes a decision, as it once was, would be 12,000.
        assert!(grown < 200, "{method}: {grown} bytes a season");
    }
}
