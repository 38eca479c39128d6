//! A run from its first decision to its last, and how it resumes.

mod actor_learner_loop;
mod clock;
mod config;
mod difference;
mod error;
mod evaluator;
mod event;
mod finished;
mod learner_link;
mod policy_file;
mod program;
mod progress;
mod run;
pub mod run_folder;
pub mod summary;

pub use actor_learner_loop::{ActorLearnerLoop, Lesson, Ticked};
pub use clock::{Stopwatch, WorkStopwatch, wall_time_s};
pub use config::{
    CheckpointSettings, ConfigError, EvaluationSettings, FIRST_TUNING_SEED, MAXIMUM_DECISIONS_PER_SEASON, MAXIMUM_YEARS,
    RunConfig,
};
pub use difference::{Difference, differences};
pub use error::TrainingError;
pub use evaluator::{Evaluation, EvaluationResult, EvaluatorGone, SeasonResult, evaluate_policies, measure_score_baselines};
pub use event::{NoObserver, Observer, TrainingEvent};
pub use finished::{RunPolicy, policy_of_run, read_run_config};
pub use learner_link::LearnerGone;
pub use policy_file::{PolicyFile, PolicyOrigin, SHIPPED_POLICIES, ShippedPolicy};
pub use program::Program;
pub use run::{Execution, Outcome, Training};
pub(crate) use run::{evaluated_policies, new_learner, tell_season};
pub use run_folder::{Checkpoint, Existing, RunFolder, RunFolderError};
pub use summary::Summary;
