//! `perennial_rl._native`: the gardens as Python sees them.
//!
//! The package on top of it (`perennial_rl/`) is what people use: it speaks Gymnasium. This module speaks numpy, holds no Python object
//! between two calls, and releases the interpreter lock while gardens are simulated.
//!
//! | module | contents |
//! |---|---|
//! | `scenario` | scenarios: seasons, channels of an observation |
//! | `batch` | gardens side by side, with the three kinds of autoreset; pure Rust |
//! | `state` | saving and restoring of a batch; pure Rust |
//! | `sums` | values of an episode beside its observations: a system of the gardens' tick |
//! | `motors` | continuous actions: a system of the gardens' tick |
//! | `garden_batch` | a batch as a Python class |
//! | `scene` | values that a picture of a garden is drawn from |
//! | `policy` | policies of files, and those that come with the program |
//! | `evaluation` | drivers in probe gardens, measures of continual learning |
//! | `recording` | actions of drivers and of recordings |
//! | `runs` | runs of agents from Python, in folders like those of the program |
//! | `failure` | errors and panics as Python exceptions |
//!
//! Always holds: whatever happens in here, the interpreter gets an exception and never an abort.

mod batch;
mod evaluation;
mod failure;
mod garden_batch;
mod motors;
mod policy;
mod recording;
mod runs;
mod scenario;
mod scene;
mod state;
mod sums;

/// Gardens of perennial, for the package `perennial_rl`: use that one.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use super::evaluation::{measures, probe};
    #[pymodule_export]
    use super::failure::InternalError;
    #[pymodule_export]
    use super::garden_batch::GardenBatch;
    #[pymodule_export]
    use super::policy::Policy;
    #[pymodule_export]
    use super::recording::{Recording, driven};
    #[pymodule_export]
    use super::runs::write_run;
    #[pymodule_export]
    use super::scenario::{Scenario, shipped_scenarios};

    /// Version of the crate.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
