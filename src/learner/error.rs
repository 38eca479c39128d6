//! What can go wrong in the learner, said so that the person who can mend it knows where to look.

use thiserror::Error;

/// Everything that stops a learner from being built, from learning, or from being loaded.
#[derive(Debug, Error)]
pub enum LearnerError {
    /// No algorithm has this name.
    #[error("there is no algorithm `{name}`: {hint}")]
    UnknownAlgorithm {
        /// What was asked for.
        name: String,
        /// The name that was probably meant, or all that there are.
        hint: String,
    },
    /// No method has this name.
    #[error("there is no method `{name}`: {hint}")]
    UnknownMethod {
        /// What was asked for.
        name: String,
        /// The name that was probably meant, or all that there are.
        hint: String,
    },
    /// Methods that cannot work together.
    #[error("`{composition}` cannot be composed: {reason}")]
    Composition {
        /// The whole composition, as it was asked for.
        composition: String,
        /// Why it cannot be.
        reason: &'static str,
    },
    /// A setting is out of its range; the report names each such setting by its path.
    #[error("the learner's settings are out of range:\n{0}")]
    Settings(#[from] garde::Report),
    /// The environment is one that this learner cannot learn in.
    #[error("the learner cannot be built: {0}")]
    Spec(&'static str),
    /// A loss or its gradient is infinite or not a number; nothing was changed by this update.
    #[error(
        "the loss is not finite at update {update} (loss {loss}, gradient norm {gradient_norm}): nothing was learned from it"
    )]
    NonFiniteLoss {
        /// The number of the update that failed, counted from 1.
        update: u64,
        /// The sum of all losses of that update.
        loss: f32,
        /// The norm of its gradient over all networks.
        gradient_norm: f32,
    },
    /// The thread on which the learner works could not be started.
    #[error("the learner's thread could not be started")]
    Thread(#[from] rayon::ThreadPoolBuildError),
    /// A thread of its own could not be started for some work.
    #[error("a thread for {work} could not be started: the system has no more threads or no memory for one")]
    NoThread {
        /// What it was to do.
        work: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// A saved state could not be used.
    #[error(transparent)]
    State(#[from] StateError),
}

/// What can be wrong with a saved state.
#[derive(Debug, Error)]
pub enum StateError {
    /// The bytes are not a complete saved state.
    #[error("the saved state is damaged or truncated: {reason}")]
    Damaged {
        /// What was found.
        reason: String,
    },
    /// The bytes are complete but not the ones that were written.
    #[error("the saved state is damaged: its checksum is {found:016x}, and {expected:016x} was written")]
    Checksum {
        /// The checksum that was written.
        expected: u64,
        /// The checksum of what is there.
        found: u64,
    },
    /// An entry is not there.
    #[error("the saved state has no entry `{entry}`")]
    Missing {
        /// Its name.
        entry: String,
    },
    /// An entry is there but is not what this learner expects.
    #[error("the saved state's entry `{entry}` does not fit: expected {expected}, found {found}")]
    Mismatch {
        /// Its name.
        entry: String,
        /// What this learner needs.
        expected: String,
        /// What is saved.
        found: String,
    },
    /// A value cannot be written as JSON, or read from it.
    #[error("the saved state's entry `{entry}` cannot be read or written")]
    Json {
        /// Its name.
        entry: String,
        /// What serde says.
        source: serde_json::Error,
    },
}
