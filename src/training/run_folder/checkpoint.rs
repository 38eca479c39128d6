//! Checkpoints: opaque bytes in a container that knows when it is damaged.
//!
//! ```text
//! 8 bytes  "PRNLCKPT"
//! u32      format version
//! u8       1 at the end of a season, else 0
//! u64      decisions
//! u64      length of the body
//! u64      xxh3 of everything above and the body
//! ...      body
//! ```
//! All numbers are little-endian. The body is a [`StateDict`](crate::learner::StateDict) that learner and trainer fill.

use std::fs;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

use super::error::{CheckpointError, RunFolderError};
use super::write_atomically;

const MAGIC: &[u8; 8] = b"PRNLCKPT";
const VERSION: u32 = 1;
/// Magic, version, season end, decisions, length of the body.
const HEADER_BYTES: usize = 8 + 4 + 1 + 8 + 8;
const CHECKSUM_BYTES: usize = 8;

/// A moment of a run from which it can go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Decisions taken by then, over all gardens.
    pub decisions: u64,
    /// `true` at the end of a season, if such checkpoints are kept for good.
    pub season_end: bool,
    /// State of the trainer and the learner.
    pub body: Vec<u8>,
}

/// A checkpoint that cannot be used, and why.
#[derive(Debug)]
pub struct DamagedCheckpoint {
    /// Path of the file.
    pub path: PathBuf,
    /// Reason why it cannot be used.
    pub error: CheckpointError,
}

impl Checkpoint {
    /// The name of its file.
    pub fn file_name(&self) -> String {
        format!("decision_{:09}.ckpt", self.decisions)
    }

    /// The checkpoint as a file holds it.
    pub fn encode(&self) -> Vec<u8> {
        let header = self.header();
        [&header[..], &checksum(&header, &self.body).to_le_bytes(), &self.body].concat()
    }

    fn header(&self) -> Vec<u8> {
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&VERSION.to_le_bytes());
        header.push(u8::from(self.season_end));
        header.extend_from_slice(&self.decisions.to_le_bytes());
        header.extend_from_slice(&(self.body.len() as u64).to_le_bytes());
        header
    }

    /// Reads a checkpoint from what a file holds.
    ///
    /// # Errors
    /// When it is not one, of another version, truncated or damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let mut rest = bytes;
        let truncated = |expected: usize| CheckpointError::Truncated {
            expected_bytes: expected as u64,
            found_bytes: bytes.len() as u64,
        };
        let least = HEADER_BYTES + CHECKSUM_BYTES;
        if bytes.len() < MAGIC.len() && MAGIC.starts_with(bytes) {
            return Err(truncated(least));
        }
        if take::<8>(&mut rest) != Some(*MAGIC) {
            return Err(CheckpointError::NotACheckpoint);
        }
        let found = u32::from_le_bytes(take(&mut rest).ok_or(truncated(least))?);
        if found != VERSION {
            return Err(CheckpointError::Version {
                found,
                expected: VERSION,
            });
        }
        let [season_end] = take::<1>(&mut rest).ok_or(truncated(least))?;
        let decisions = u64::from_le_bytes(take(&mut rest).ok_or(truncated(least))?);
        let body_bytes = u64::from_le_bytes(take(&mut rest).ok_or(truncated(least))?);
        let expected = u64::from_le_bytes(take(&mut rest).ok_or(truncated(least))?);
        if (rest.len() as u64) < body_bytes {
            return Err(truncated(
                least.saturating_add(usize::try_from(body_bytes).unwrap_or(usize::MAX)),
            ));
        }
        // What follows the body is damage too: nothing writes it.
        if rest.len() as u64 > body_bytes || checksum(&bytes[..HEADER_BYTES], rest) != expected {
            return Err(CheckpointError::Checksum);
        }
        Ok(Self {
            decisions,
            season_end: season_end != 0,
            body: rest.to_vec(),
        })
    }
}

fn checksum(header: &[u8], body: &[u8]) -> u64 {
    let mut hash = Xxh3::new();
    hash.update(header);
    hash.update(body);
    hash.digest()
}

/// The next `N` bytes, if there are as many.
fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*first)
}

/// The checkpoints of a run.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    folder: PathBuf,
}

impl Checkpoints {
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// The files, oldest first, by the decisions in their names.
    pub fn files(&self) -> Vec<(u64, PathBuf)> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let number = |path: &Path| -> Option<u64> {
            path.file_name()?
                .to_str()?
                .strip_prefix("decision_")?
                .strip_suffix(".ckpt")?
                .parse()
                .ok()
        };
        let mut files: Vec<(u64, PathBuf)> = entries
            .filter_map(|entry| Some((number(&entry.path())?, entry.path())))
            .collect();
        files.sort();
        files
    }

    /// Writes a checkpoint, whole or not at all, and then takes away those that are no longer needed: the newest `keep_last` stay,
    /// and those at the ends of seasons.
    ///
    /// # Errors
    /// When it cannot be written; all earlier ones are then still there.
    pub fn write(&self, checkpoint: &Checkpoint, keep_last: usize) -> Result<PathBuf, RunFolderError> {
        let path = self.folder.join(checkpoint.file_name());
        let header = checkpoint.header();
        write_atomically(&path, |file| {
            file.write_all(&header)?;
            file.write_all(&checksum(&header, &checkpoint.body).to_le_bytes())?;
            file.write_all(&checkpoint.body)
        })?;
        self.prune(checkpoint.decisions, keep_last);
        Ok(path)
    }

    /// Deletes checkpoints that are older than the newest `keep_last` up to `newest`; failures are ignored, since an old file does no harm. Later
    /// ones are kept: they are damaged (or the run would have resumed from them) and will be replaced.
    ///
    /// A process can be killed between writing a checkpoint and this, so a run that resumes does it too.
    pub(in crate::training) fn prune(&self, newest: u64, keep_last: usize) {
        let keep_last = keep_last.max(1);
        let up_to_newest = self.files().into_iter().filter(|(decisions, _)| *decisions <= newest);
        let up_to_newest: Vec<PathBuf> = up_to_newest.map(|(_, path)| path).collect();
        let old = up_to_newest.len().saturating_sub(keep_last);
        for path in &up_to_newest[..old] {
            if !ends_a_season(path) {
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Reads one checkpoint.
    ///
    /// # Errors
    /// When it cannot be read or is damaged.
    pub fn read(path: &Path) -> Result<Checkpoint, CheckpointError> {
        Checkpoint::decode(&fs::read(path)?)
    }

    /// The checkpoint of this very time.
    ///
    /// # Errors
    /// There is none of that time (the error names those that there are), or it is damaged.
    pub fn at(&self, decisions: u64) -> Result<Checkpoint, RunFolderError> {
        let files = self.files();
        let Some((_, path)) = files.iter().find(|(number, _)| *number == decisions) else {
            return Err(RunFolderError::NoCheckpointAt {
                path: self.folder.clone(),
                decisions,
                known: files.into_iter().map(|(number, _)| number).collect(),
            });
        };
        Self::read(path).map_err(|error| RunFolderError::NoCheckpoint {
            path: self.folder.clone(),
            damaged: vec![DamagedCheckpoint {
                path: path.clone(),
                error,
            }],
        })
    }

    /// The newest checkpoint that is whole, with its path, and the damaged ones that are newer, newest first.
    ///
    /// # Errors
    /// [`RunFolderError::NoCheckpoint`] when there is none.
    pub fn newest(&self) -> Result<(Checkpoint, PathBuf, Vec<DamagedCheckpoint>), RunFolderError> {
        let mut damaged = Vec::new();
        for (_, path) in self.files().into_iter().rev() {
            match Self::read(&path) {
                Ok(checkpoint) => return Ok((checkpoint, path, damaged)),
                Err(error) => damaged.push(DamagedCheckpoint { path, error }),
            }
        }
        Err(RunFolderError::NoCheckpoint {
            path: self.folder.clone(),
            damaged,
        })
    }
}

/// Returns `true` if the header of a file marks the end of a season; `false` if the header cannot be read.
fn ends_a_season(path: &Path) -> bool {
    let mut header = [0; HEADER_BYTES];
    let read = fs::File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut header));
    read.is_ok() && header.starts_with(MAGIC) && header[MAGIC.len() + 4] != 0
}
