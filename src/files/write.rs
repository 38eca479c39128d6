//! Writing: plain files are replaced whole, everything else is written to.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::WriteError;

/// Beginning of the names of files that are being written.
pub(crate) const TEMPORARY_PREFIX: &str = ".writing-";
/// The most links that are followed, as many as Linux does.
const MOST_LINKS: usize = 40;

/// Target of a path.
enum Target {
    /// A plain file, or nothing yet: where, and what is there now.
    File { place: PathBuf, old: Option<Metadata> },
    /// A device, a pipe, or a file that this process was handed open: written to as it is.
    Stream,
}

/// Writes a file.
///
/// A plain file is written whole or not at all: under a temporary name in the same folder, brought to the disk, then renamed, and the
/// folder brought to the disk too. Where `content` fails, the temporary file is gone and what was there before is untouched. The new
/// file has the permissions of the one it replaces. A link is followed. A device or a pipe is written to.
///
/// # Errors
/// The path cannot be written, or `content` fails.
pub fn write(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), WriteError> {
    match target(path)? {
        Target::File { place, old } => replace(path, &place, old.as_ref(), content),
        Target::Stream => stream(path, content).map_err(|error| WriteError::system(path, error)),
    }
}

/// Appends a text to a file, which is made if it is not there.
///
/// # Errors
/// The file cannot be written.
pub fn append(path: &Path, text: &str) -> Result<(), WriteError> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| WriteError::system(path, error))
}

/// Finds out before some long work whether its result can be written, as far as this can be known without writing.
///
/// # Errors
/// As far as it can be foreseen, those of [`write()`].
pub fn check_writable(path: &Path) -> Result<(), WriteError> {
    match target(path)? {
        Target::File { place, old } => check_file(path, &place, old.as_ref()),
        Target::Stream => Ok(()),
    }
}

/// Returns where a file lies, or would lie once it is written: the same for all paths that lead there, also through links.
pub fn place(path: &Path) -> PathBuf {
    let still_to_be_made = || match target(path) {
        Ok(Target::File { place, .. }) => Some(fs::canonicalize(folder_of(&place)).ok()?.join(place.file_name()?)),
        _ => None,
    };
    let there = fs::canonicalize(path).ok().or_else(still_to_be_made);
    there.unwrap_or_else(|| path.to_owned())
}

/// Makes a folder and those that it lies in, where they are missing.
///
/// # Errors
/// A folder cannot be made.
pub fn create_folder(path: &Path) -> Result<(), WriteError> {
    fs::create_dir_all(path).map_err(|error| {
        // Something else is there, which "exists already" would not say.
        let taken = error.kind() == ErrorKind::AlreadyExists;
        let error = if taken {
            io::Error::new(error.kind(), "it is not a folder")
        } else {
            error
        };
        WriteError::system(path, error)
    })
}

fn target(path: &Path) -> Result<Target, WriteError> {
    let failed = |error| WriteError::system(path, error);
    let old = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(failed(ErrorKind::IsADirectory.into())),
        Ok(metadata) if !metadata.is_file() => return Ok(Target::Stream),
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    // Nothing may be there either because a link leads to a file that is still to be made.
    let mut place = path.to_owned();
    for _ in 0..MOST_LINKS {
        let folder = folder_of(&place);
        if holds_descriptors(folder) {
            return Ok(Target::Stream);
        }
        match fs::symlink_metadata(&place) {
            Ok(metadata) if metadata.is_symlink() => {
                let next = fs::read_link(&place).map_err(failed)?;
                place = folder.join(next);
            }
            _ => return Ok(Target::File { place, old }),
        }
    }
    Err(failed(io::Error::other("too many links")))
}

/// `true` if the entries of a folder are files that this process was handed open, as in `/dev/fd`: a new file in the place of one would
/// not be the one that the caller reads.
fn holds_descriptors(folder: &Path) -> bool {
    cfg!(unix) && fs::canonicalize(folder).is_ok_and(|folder| folder.starts_with("/proc") || folder.starts_with("/dev/fd"))
}

fn stream(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // Appending, as a file that was handed over may hold something that is to stay. To devices and pipes it makes no difference.
    let mut buffer = BufWriter::new(OpenOptions::new().append(true).open(path)?);
    content(&mut buffer)?;
    buffer.flush()
}

fn check_file(path: &Path, place: &Path, old: Option<&Metadata>) -> Result<(), WriteError> {
    let failed = |error| WriteError::system(path, error);
    let folder = folder_of(place);
    match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Err(failed(ErrorKind::NotADirectory.into())),
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(WriteError::no_folder(path, folder)),
        Err(error) => return Err(failed(error)),
    }
    // Whoever protected a file does not want it replaced, which the folder alone would allow.
    match old {
        Some(_) => OpenOptions::new().write(true).open(place).map(|_| ()).map_err(failed),
        None => Ok(()),
    }
}

fn replace(
    path: &Path,
    place: &Path,
    old: Option<&Metadata>,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    check_file(path, place, old)?;
    let failed = |error| WriteError::system(path, error);
    let folder = folder_of(place);
    let mut temporary = tempfile::Builder::new()
        .prefix(TEMPORARY_PREFIX)
        .make_in(folder, |path| create(path, old.is_some()))
        .map_err(failed)?;
    if let Some(old) = old {
        keep_permissions(temporary.as_file(), old).map_err(failed)?;
    }
    let mut buffer = BufWriter::new(temporary.as_file_mut());
    content(&mut buffer).and_then(|()| buffer.flush()).map_err(failed)?;
    drop(buffer);
    temporary.as_file().sync_all().map_err(failed)?;
    temporary.persist(place).map_err(|error| failed(error.error))?;
    sync_folder(folder).map_err(failed)
}

/// Creates a file with the permissions that any program's files get, or a private one.
fn create(path: &Path, private: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = private;
    options.open(path)
}

/// Gives a new file the permissions of the old one, and its owner as far as this user may.
fn keep_permissions(new: &File, old: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let now = new.metadata()?;
        // Only root may give files away; what cannot be kept is no reason to refuse.
        if now.gid() != old.gid() {
            let _ = fchown(new, None, Some(old.gid()));
        }
        if now.uid() != old.uid() {
            let _ = fchown(new, Some(old.uid()), None);
        }
    }
    if new.metadata()?.permissions() == old.permissions() {
        return Ok(());
    }
    new.set_permissions(old.permissions())
}

/// The folder that a path lies in.
fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Brings the names in a folder to the disk, where the system has such a notion and lets this user.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error)
            if !matches!(
                error.kind(),
                ErrorKind::PermissionDenied | ErrorKind::InvalidInput | ErrorKind::Unsupported
            ) =>
        {
            Err(error)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "write_tests.rs"]
mod tests;
