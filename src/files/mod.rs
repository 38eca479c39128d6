//! Files that a person names: read whatever can be read, written whole or not at all.
//!
//! | part | content |
//! |---|---|
//! | [`write()`], [`append`], [`check_writable`], [`create_folder`] | all writing of files |
//! | [`place`] | which paths lead to the same file |
//! | [`read`], [`read_text`], [`read_kept`], [`read_small`], [`open`] | reading of files, pipes and the standard input |
//! | [`reason`] | the reason of a system's error, in words |
//!
//! Always holds: a plain file is either the old one or the new one, whatever happens in between, and keeps its permissions; links are
//! followed; devices and pipes are written to and never replaced; a message names the path that the person gave, and no other.

mod error;
mod read;
mod write;

pub(crate) use error::write_help;
pub use error::{ReadError, WriteError, WriteFailure, reason};
pub use read::{is_standard_input, open, read, read_kept, read_small, read_text};
pub(crate) use write::TEMPORARY_PREFIX;
pub use write::{append, check_writable, create_folder, place, write};
