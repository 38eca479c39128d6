//! Reasons why a file cannot be read or written.

use std::fmt::{self, Display, Formatter};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use super::is_standard_input;
use crate::escape;

/// A file that cannot be written. A plain file is as it was before.
#[derive(Debug, Error)]
#[error("could not write {}: {}", escape::path(path), why)]
pub struct WriteError {
    /// The path that was asked for.
    pub path: PathBuf,
    /// The reason.
    pub why: WriteFailure,
}

/// The reason why a file cannot be written.
#[derive(Debug)]
pub enum WriteFailure {
    /// The folder in which it is to lie is missing.
    NoFolder(PathBuf),
    /// The system refused.
    System(io::Error),
}

impl WriteError {
    pub(super) fn system(path: &Path, error: io::Error) -> Self {
        Self {
            path: path.to_owned(),
            why: WriteFailure::System(error),
        }
    }

    pub(super) fn no_folder(path: &Path, folder: &Path) -> Self {
        Self {
            path: path.to_owned(),
            why: WriteFailure::NoFolder(folder.to_owned()),
        }
    }
}

impl Display for WriteFailure {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFolder(folder) => write!(formatter, "the folder {} does not exist", escape::path(folder)),
            Self::System(error) => formatter.write_str(&reason(error)),
        }
    }
}

impl Diagnostic for WriteError {
    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        let help = match &self.why {
            WriteFailure::NoFolder(_) => "make the folder, or name another place",
            WriteFailure::System(error) => write_help(error)?,
        };
        Some(Box::new(help))
    }
}

/// Advice for an error of writing, where there is some.
pub(crate) fn write_help(error: &io::Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::PermissionDenied => Some("the file, or the folder that it is in, is write-protected: name another place"),
        ErrorKind::ReadOnlyFilesystem => Some("nothing can be written on this disk: name another place"),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some("make room on the disk, or name another place"),
        ErrorKind::IsADirectory => Some("name a file"),
        _ => None,
    }
}

/// A file that cannot be read.
#[derive(Debug, Error, Diagnostic)]
#[error("could not read {}: {}", self.name(), self.reason())]
pub struct ReadError {
    /// The path that was asked for.
    pub path: PathBuf,
    /// The error of the system.
    pub error: io::Error,
}

impl ReadError {
    pub(super) fn new(path: &Path, error: io::Error) -> Self {
        Self {
            path: path.to_owned(),
            error,
        }
    }

    /// The reason, without the path.
    pub fn reason(&self) -> String {
        reason(&self.error)
    }

    /// `true` if nothing at all is there: no file, and no link that leads nowhere.
    pub fn is_absent(&self) -> bool {
        matches!(self.error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) && self.error.get_ref().is_none()
    }

    /// `true` if a folder is there.
    pub fn is_folder(&self) -> bool {
        self.error.kind() == ErrorKind::IsADirectory
    }

    fn name(&self) -> String {
        if is_standard_input(&self.path) {
            "the standard input".to_owned()
        } else {
            escape::path(&self.path)
        }
    }
}

/// The reason of an error, as a part of a sentence: without the number of the error, and without the paths that libraries add.
pub fn reason(error: &io::Error) -> String {
    if let Some(inner) = error.get_ref() {
        // Some libraries wrap the error of the system to add a path, which may be a temporary one.
        return match inner.source().and_then(|source| source.downcast_ref::<io::Error>()) {
            Some(plain) => reason(plain),
            None => inner.to_string(),
        };
    }
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        ErrorKind::NotADirectory => "a part of its path is not a folder".to_owned(),
        _ => {
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or_default();
            let mut letters = text.chars();
            letters
                .next()
                .map(|first| first.to_lowercase().chain(letters).collect())
                .unwrap_or_default()
        }
    }
}
