//! A run from its first decision to its last, and how it resumes.

pub mod acting;
mod actor_learner_loop;
mod adapter;
pub mod budget;
mod clock;
mod config;
mod difference;
mod error;
mod evaluator;
mod event;
mod finished;
mod inside;
mod learner_link;
pub mod learning;
pub mod memory;
mod onnx;
mod policy_file;
mod policy_fit;
mod program;
mod progress;
mod run;
pub mod run_folder;
mod run_policy;
pub mod summary;

pub use acting::Actor;
pub use actor_learner_loop::{ActorLearnerLoop, Ticked};
pub use adapter::{Adapter, AdapterMisfit, AdapterOrigin};
pub use clock::{Stopwatch, WorkStopwatch, wall_time_s};
pub use config::{
    CheckpointSettings, ConfigError, DEFAULT_METHOD, EvaluationSettings, FIRST_TUNING_SEED, InsideSettings,
    MAXIMUM_DECISIONS_PER_SEASON, MAXIMUM_YEARS, RunConfig,
};
pub use difference::{SettingDifference, differences};
pub use error::TrainingError;
pub use evaluator::{
    Evaluation, EvaluationResult, EvaluatorGone, SeasonResult, evaluate_in_seasons, evaluate_policies, measure_score_baselines,
};
pub use event::{NoObserver, Observer, TrainingEvent};
pub use finished::{policies_of_run, policy_of_run, policy_of_run_at, read_run_config};
pub use inside::{ALBUM_FILE_NAME, read_album_text};
pub(crate) use inside::{Inside, Occasion};
pub use learner_link::LearnerGone;
pub use learning::Lesson;
pub use onnx::{OnnxError, OnnxInput};
pub use policy_file::{SHIPPED_POLICIES, ShippedPolicy};
pub use policy_fit::PolicyMisfit;
pub use program::Program;
pub use run::{Execution, Outcome, Training};
pub(crate) use run::{evaluated_policies, new_learner, tell_season};
pub use run_folder::{Checkpoint, Existing, RunFolder, RunFolderError};
pub use run_policy::{PolicyOrigin, RunPolicy, SeasonPolicies, SenseLayout, TrainedOn};
pub use summary::Summary;
