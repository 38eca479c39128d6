//! Reading of recordings: line by line, each of bounded length, and without trusting the contents.

use std::io::{BufRead, Read};

use xxhash_rust::xxh3::Xxh3;

use super::header::{MOST_HEADER_BYTES, RecordingHeader};
use super::writing::hexadecimal;
use super::{END, End, EndLine, Recording, RecordingError, TickLine};
use crate::mdp::Action;

/// Length of the longest line of a tick: 64 gardens take some two thousand bytes.
const MOST_LINE_BYTES: usize = 1 << 13;

impl Recording {
    /// Reads a recording that is whole. Memory is taken for the ticks that are there, not for those that the header declares.
    ///
    /// # Errors
    /// A file that cannot be read, a damaged line (with its number), a header with mistakes, another format, or a recording that was
    /// cut or changed after it was written.
    pub fn read(from: impl BufRead) -> Result<Self, RecordingError> {
        match Self::read_playable(from)? {
            (recording, None) => Ok(recording),
            (_, Some(flaw)) => Err(flaw),
        }
    }

    /// Reads as much of a recording as can be played, and tells why it is not what was written, if it was cut or changed since.
    ///
    /// # Errors
    /// A file that cannot be read, a damaged line (with its number), a header with mistakes, or another format.
    pub fn read_playable(from: impl BufRead) -> Result<(Self, Option<RecordingError>), RecordingError> {
        let mut lines = Lines {
            from,
            line: Vec::new(),
            number: 0,
            checksum: Xxh3::new(),
        };
        let header = match lines.next(MOST_HEADER_BYTES)? {
            Line::Whole => RecordingHeader::parse(&lines.line)?,
            Line::Cut => return Err(lines.damaged("the header is not whole")),
            Line::None => return Err(RecordingError::Empty),
        };
        let expected = header.ticks();
        let mut recording = Self {
            header,
            actions: Vec::new(),
            hashes: Vec::new(),
            outcomes: Vec::new(),
            returns: Vec::new(),
        };
        loop {
            let checksum = lines.checksum.digest();
            let found = recording.hashes.len() as u64;
            if !matches!(lines.next(MOST_LINE_BYTES)?, Line::Whole) {
                return Ok((recording, Some(RecordingError::Cut { found, expected })));
            }
            if lines.line.starts_with(END) {
                let flaw = lines.check_end(found, expected, checksum).err();
                return Ok((recording, flaw));
            }
            if found == expected {
                return Err(lines.damaged(&format!("the header declares {expected} ticks, but there are more")));
            }
            recording.take_in(&lines)?;
        }
    }

    /// Takes in the line of a tick.
    fn take_in(&mut self, lines: &Lines<impl BufRead>) -> Result<(), RecordingError> {
        let tick: TickLine = serde_json::from_slice(&lines.line).map_err(|error| lines.damaged(&error.to_string()))?;
        let gardens = self.header.gardens;
        if tick.actions.len() != gardens {
            return Err(lines.damaged("it has not one action for each garden"));
        }
        if tick.returns.len() > gardens {
            return Err(lines.damaged("it has more returns than there are gardens"));
        }
        for number in tick.actions {
            let action = Action::from_index(number.into());
            self.actions
                .push(action.ok_or_else(|| lines.damaged(&format!("there is no action {number}")))?);
        }
        let number = self.hashes.len();
        self.returns.extend(tick.returns.into_iter().map(|value| (number, value)));
        self.hashes.push(lines.hash(&tick.hash)?);
        self.outcomes.push(lines.hash(&tick.outcome)?);
        Ok(())
    }
}

/// Lines of a text, with the checksum of all that were read.
struct Lines<R> {
    from: R,
    /// The last line, without its end.
    line: Vec<u8>,
    number: usize,
    checksum: Xxh3,
}

enum Line {
    /// A line with its end.
    Whole,
    /// The text stops before the end of the line.
    Cut,
    /// The text has no more lines.
    None,
}

impl<R: BufRead> Lines<R> {
    /// Reads the next line into `line`, which takes no more than `most` bytes and its end.
    fn next(&mut self, most: usize) -> Result<Line, RecordingError> {
        self.line.clear();
        let room = most as u64 + 1;
        self.from.by_ref().take(room).read_until(b'\n', &mut self.line)?;
        if self.line.is_empty() {
            return Ok(Line::None);
        }
        self.number += 1;
        self.checksum.update(&self.line);
        if self.line.pop_if(|last| *last == b'\n').is_some() {
            return Ok(Line::Whole);
        }
        if most > 0 && self.line.len() > most {
            return Err(self.damaged(&format!("it is longer than {most} bytes, which no line of a recording is")));
        }
        Ok(Line::Cut)
    }

    /// Checks that the last line is that of a recording with `expected` ticks, of which `found` are there, and this checksum.
    fn check_end(&mut self, found: u64, expected: u64, checksum: u64) -> Result<(), RecordingError> {
        let recorded = self.end()?;
        if found != expected || recorded.ticks != expected {
            return Err(self.damaged(&format!(
                "it ends a recording of {} ticks: there are {found}, but the header declares {expected}",
                recorded.ticks
            )));
        }
        let written = self.hash(&recorded.checksum)?;
        if written != checksum {
            return Err(RecordingError::Checksum {
                recorded: written,
                found: checksum,
            });
        }
        match self.next(0)? {
            Line::None => Ok(()),
            Line::Whole | Line::Cut => Err(self.damaged("it stands after the last line of the recording")),
        }
    }

    /// The last line of a recording, which must be written as this program writes it: the checksum does not cover it.
    fn end(&self) -> Result<End, RecordingError> {
        let end: EndLine = serde_json::from_slice(&self.line).map_err(|error| self.damaged(&error.to_string()))?;
        let is_as_written = serde_json::to_vec(&end).is_ok_and(|written| written == self.line);
        if is_as_written {
            Ok(end.end)
        } else {
            Err(self.damaged("it was changed after it was written"))
        }
    }

    fn hash(&self, text: &str) -> Result<u64, RecordingError> {
        let hash = u64::from_str_radix(text, 16).ok().filter(|&hash| hexadecimal(hash) == text);
        hash.ok_or_else(|| self.damaged("a hash is not 16 hexadecimal digits"))
    }

    fn damaged(&self, reason: &str) -> RecordingError {
        RecordingError::Damaged {
            line: self.number,
            reason: reason.to_owned(),
        }
    }
}
