//! Fair comparisons of many runs: scenarios x methods x seeds.
//!
//! | part | responsibility |
//! |---|---|
//! | [`PRESETS`] | comparisons with a name |
//! | [`ComparisonPlan`] | the runs that a question asks for, and those left out, with the reason |
//! | [`RunStatus`] | state of a planned run on disk |
//! | [`execute_plan`] | runs the plan in parallel, resumes runs, and isolates failures |
//! | [`ComparisonRecord`] | the record of a comparison, `comparison.json` |
//! | [`results`] | the results, by method |
//! | [`tuning`] | search for strengths: the same budget for each method, on seeds of its own |
//!
//! Invariants: a run of a comparison equals the run that `train` makes of the same configuration, bit for bit; compared methods
//! have the same seeds; a folder with a run of another configuration is never mixed in; nothing here prints.

mod error;
mod execute;
mod plan;
mod preset;
mod record;
mod results;
mod run_end;
mod run_status;
#[cfg(test)]
mod testing;
pub mod tuning;

pub use error::ComparisonError;
pub use execute::{Audience, Carrying, execute_plan};
pub use plan::{ComparisonPlan, MethodChoice, Omission, PlannedRun, Question, Resolve};
pub use preset::{PRESETS, Preset, PresetMethods, PresetPart, Variant};
pub use record::{CommandRecord, ComparisonRecord, RECORD_FILE_NAME, RunRecord, RunState};
pub use results::{MethodResult, ScenarioResult, results};
pub use run_end::RunEnd;
pub use run_status::RunStatus;
