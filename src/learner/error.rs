//! Errors of the learner.

use thiserror::Error;

/// Error in building, running or loading a learner.
#[derive(Debug, Error)]
pub enum LearnerError {
    /// No algorithm has this name.
    #[error("there is no algorithm `{name}`: {hint}")]
    UnknownAlgorithm {
        /// Requested name.
        name: String,
        /// The name that was probably meant, or all that there are.
        hint: String,
    },
    /// No method has this name.
    #[error("there is no method `{name}`: {hint}")]
    UnknownMethod {
        /// Requested name.
        name: String,
        /// The name that was probably meant, or all that there are.
        hint: String,
    },
    /// Methods that cannot work together.
    #[error("`{composition}` cannot be composed: {reason}")]
    Composition {
        /// The whole composition, as requested.
        composition: String,
        /// Reason.
        reason: &'static str,
    },
    /// A setting is out of its range; the report names each such setting by its path.
    #[error("the learner's settings are out of range:\n{0}")]
    Settings(#[from] garde::Report),
    /// A method that cannot be run with an output layer for each season.
    #[error("`{method}` cannot be run with learner.heads = \"per_season\": that is possible with {possible}")]
    Heads {
        /// Name of the method.
        method: &'static str,
        /// The methods that can.
        possible: String,
    },
    /// The learner cannot learn in this environment.
    #[error("the learner cannot be built: {0}")]
    Spec(&'static str),
    /// A loss or its gradient is infinite or not a number; nothing was changed by this update.
    #[error(
        "the loss is not finite at update {update} (loss {loss}, gradient norm {gradient_norm}): nothing was learned from it"
    )]
    NonFiniteLoss {
        /// Number of the failed update, counted from 1.
        update: u64,
        /// Sum of all losses of that update.
        loss: f32,
        /// Norm of its gradient over all networks.
        gradient_norm: f32,
    },
    /// A thread of its own could not be started for some work.
    #[error("a thread for {work} could not be started: the system has no more threads or no memory for one")]
    NoThread {
        /// Work that it was needed for.
        work: &'static str,
        /// Error of the operating system.
        source: std::io::Error,
    },
    /// A saved state could not be used.
    #[error(transparent)]
    State(#[from] StateError),
}

/// Error in a saved state.
#[derive(Debug, Error)]
pub enum StateError {
    /// The bytes are not a complete saved state.
    #[error("the saved state is damaged or truncated: {reason}")]
    Damaged {
        /// Description of the damage.
        reason: String,
    },
    /// The bytes are complete but differ from those that were written.
    #[error("the saved state is damaged: its checksum is {found:016x}, and {expected:016x} was written")]
    Checksum {
        /// Checksum that was written.
        expected: u64,
        /// Checksum of the data.
        found: u64,
    },
    /// An entry is missing.
    #[error("the saved state has no entry `{entry}`")]
    Missing {
        /// Name of the entry.
        entry: String,
    },
    /// An entry exists but does not fit this learner.
    #[error("the saved state's entry `{entry}` does not fit: expected {expected}, found {found}")]
    Mismatch {
        /// Name of the entry.
        entry: String,
        /// Expected value.
        expected: String,
        /// Saved value.
        found: String,
    },
    /// A value cannot be written as JSON, or read from it.
    #[error("the saved state's entry `{entry}` cannot be read or written")]
    Json {
        /// Name of the entry.
        entry: String,
        /// Error of serde.
        source: serde_json::Error,
    },
}
