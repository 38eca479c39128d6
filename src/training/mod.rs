//! A run from its first decision to its last, and how it resumes.

pub mod run_folder;
pub mod summary;

pub use run_folder::{Checkpoint, Existing, RunFolder, RunFolderError};
pub use summary::Summary;
