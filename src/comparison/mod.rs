//! Many runs, compared fairly: scenarios x methods x seeds.
//!
//! | part | what it answers |
//! |---|---|
//! | [`PRESETS`] | which comparisons have a name? |
//! | [`ComparisonPlan`] | which runs does a question ask for, and which are left out, and why? |
//! | [`RunStatus`] | what of a planned run is there already? |
//! | [`execute_plan`] | how do they run side by side, resume, and fail alone? |
//! | [`Record`] | what is written down of it: `comparison.json` |
//! | [`results`] | what came out, a method at a time |
//! | [`tuning`] | how are strengths found, with the same budget for each method and seeds of their own? |
//!
//! What always holds: a run of a comparison is the run that `train` makes of the same configuration, bit for bit; methods that are
//! compared have the same seeds; a folder that holds the run of another configuration is never mixed in; nothing here prints.

mod error;
mod execute;
mod plan;
mod preset;
mod record;
mod results;
mod run_status;
#[cfg(test)]
mod testing;
pub mod tuning;

pub use error::ComparisonError;
pub use execute::{Audience, Carrying, RunEnd, execute_plan};
pub use plan::{ComparisonPlan, MethodChoice, Omission, PlannedRun, Question, Resolve};
pub use preset::{PRESETS, Part, Preset, PresetMethods, Variant};
pub use record::{CommandRecord, RECORD_FILE_NAME, Record, RunRecord, RunState};
pub use results::{MethodResult, ScenarioResult, results};
pub use run_status::RunStatus;
