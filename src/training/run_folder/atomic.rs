//! Files of a run, written whole or not at all.

use std::io::{self, Write};
use std::path::Path;

use super::RunFolderError;
use crate::files;

/// Writes a file of a run, as [`files::write`] does.
///
/// # Errors
/// When the folder cannot be written, or `content` fails; what was there before is then untouched.
pub fn write_atomically(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), RunFolderError> {
    Ok(files::write(path, content)?)
}
