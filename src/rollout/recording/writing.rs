//! Writing of recordings: line by line, so that their length costs no memory.

use std::io::{self, Write};

use serde::Serialize;
use xxhash_rust::xxh3::Xxh3;

use super::{End, EndLine, RecordingError, RecordingHeader, TickLine, episode_returns};
use crate::agent::Driver;
use crate::app::Gardens;

/// Lets a driver play what the header says and writes down what it did; `each_tick` is shown the gardens after every tick.
///
/// # Errors
/// A header that no gardens can be made from, or whatever `out` refuses.
pub fn record(
    header: &RecordingHeader,
    driver: Box<dyn Driver>,
    out: &mut dyn Write,
    mut each_tick: impl FnMut(&Gardens),
) -> Result<(), RecordingError> {
    header.check()?;
    let mut gardens = header.gardens();
    gardens.drive(driver);
    let mut lines = Lines {
        out,
        checksum: Xxh3::new(),
        line: Vec::new(),
    };
    lines.write(header)?;
    for _ in 0..header.ticks() {
        let actions = gardens.tick().actions.clone();
        lines.write(&TickLine {
            actions,
            hash: hexadecimal(gardens.state_hash()),
            outcome: hexadecimal(gardens.outcome_hash()),
            returns: episode_returns(&gardens).collect(),
        })?;
        each_tick(&gardens);
    }
    let end = End {
        ticks: header.ticks(),
        checksum: hexadecimal(lines.checksum.digest()),
    };
    lines.write(&EndLine { end })?;
    lines.out.flush()?;
    Ok(())
}

pub(super) fn hexadecimal(hash: u64) -> String {
    format!("{hash:016x}")
}

struct Lines<'a> {
    out: &'a mut dyn Write,
    checksum: Xxh3,
    line: Vec<u8>,
}

impl Lines<'_> {
    fn write(&mut self, value: &impl Serialize) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, value)?;
        self.line.push(b'\n');
        self.checksum.update(&self.line);
        self.out.write_all(&self.line)
    }
}
