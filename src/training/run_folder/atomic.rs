//! Files that are either the old one or the new one.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::RunFolderError;

/// How the names of files that are being written begin.
pub(super) const TEMPORARY_PREFIX: &str = ".writing-";

/// Writes a file whole or not at all: under a temporary name in the same folder, brought to the disk, then renamed, and the folder
/// brought to the disk too. Where `write` fails, the temporary file is gone and what was there before is untouched.
///
/// # Errors
/// When the folder cannot be written, or `write` fails.
pub fn write_atomically(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut File>) -> io::Result<()>,
) -> Result<(), RunFolderError> {
    let failed = |source| RunFolderError::write(path, source);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX);
    // Others may read it, as they may any file that this program writes; temporary files are private by default.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut temporary = builder.tempfile_in(folder).map_err(failed)?;
    let mut buffer = BufWriter::new(temporary.as_file_mut());
    write(&mut buffer).and_then(|()| buffer.flush()).map_err(failed)?;
    drop(buffer);
    temporary.as_file().sync_all().map_err(failed)?;
    temporary.persist(path).map_err(|error| failed(error.error))?;
    sync_folder(folder).map_err(failed)
}

/// Brings the names in a folder to the disk, where the system has such a notion.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
