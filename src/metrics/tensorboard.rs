//! Event files that TensorBoard reads.
//!
//! The format is that of TensorFlow's record files: each event is a protocol buffer (`event.proto`) in a frame of its length
//! (u64, little-endian), the masked crc32c of the length, the bytes, and their masked crc32c. The first event names the version.

use std::path::Path;

use prost::Message;

use super::MetricsError;
use super::growing_file::{FilePosition, GrowingFile};

/// One event: `tensorflow.Event`, the fields that are used here.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    wall_time: f64,
    /// Where on the horizontal axis it stands: decisions, here.
    #[prost(int64, tag = "2")]
    step: i64,
    /// What it says.
    #[prost(oneof = "What", tags = "3, 5")]
    what: Option<What>,
}

/// What an [`Event`] says.
#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum What {
    /// The version of the format; in the first event of a file only.
    #[prost(string, tag = "3")]
    FileVersion(String),
    /// Values.
    #[prost(message, tag = "5")]
    Summary(Values),
}

/// `tensorflow.Summary`: values of one step.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Values {
    /// The values.
    #[prost(message, repeated, tag = "1")]
    value: Vec<Scalar>,
}

/// `tensorflow.Summary.Value`: one scalar.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Scalar {
    /// What it is called.
    #[prost(string, tag = "1")]
    tag: String,
    /// Its value. Optional, so that a zero is written too: as a plain field it would be left out as the default, and TensorBoard
    /// would show no point there.
    #[prost(float, optional, tag = "2")]
    simple_value: Option<f32>,
}

/// Appends scalars to an event file, through a buffer.
#[derive(Debug)]
pub struct TensorBoard {
    file: GrowingFile,
}

impl TensorBoard {
    /// The name of the event file in a run folder; TensorBoard looks for `tfevents` in it.
    pub const FILE_NAME: &str = "events.out.tfevents.perennial";

    /// Begins a file; one that is there is emptied. `wall_time_s` is seconds since 1970.
    ///
    /// # Errors
    /// When it cannot be created or written.
    pub fn create(path: &Path, wall_time_s: f64) -> Result<Self, MetricsError> {
        let mut board = Self {
            file: GrowingFile::create(path)?,
        };
        board.append(&Event {
            wall_time: wall_time_s,
            step: 0,
            what: Some(What::FileVersion("brain.Event:2".to_owned())),
        })?;
        Ok(board)
    }

    /// Goes on with a file where a checkpoint was made; what follows is cut off.
    ///
    /// # Errors
    /// When the file does not hold these bytes any more, or cannot be read or written.
    pub fn resume(path: &Path, position: FilePosition) -> Result<Self, MetricsError> {
        let (file, _) = GrowingFile::resume(path, position)?;
        Ok(Self { file })
    }

    /// Appends the scalars of one step. Nothing is written where there are none.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn scalars<'a>(
        &mut self,
        step: u64,
        wall_time_s: f64,
        scalars: impl IntoIterator<Item = (&'a str, f64)>,
    ) -> Result<(), MetricsError> {
        let scalar = |(tag, value): (&str, f64)| Scalar {
            tag: tag.to_owned(),
            simple_value: Some(value as f32),
        };
        let value: Vec<Scalar> = scalars.into_iter().map(scalar).collect();
        if value.is_empty() {
            return Ok(());
        }
        self.append(&Event {
            wall_time: wall_time_s,
            step: step as i64,
            what: Some(What::Summary(Values { value })),
        })
    }

    fn append(&mut self, event: &Event) -> Result<(), MetricsError> {
        self.file.append(&frame(&event.encode_to_vec()))
    }

    /// Hands everything to the system, so that TensorBoard can read it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn flush(&mut self) -> Result<(), MetricsError> {
        self.file.flush()
    }

    /// Brings everything to the disk.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn sync(&mut self) -> Result<(), MetricsError> {
        self.file.sync()
    }

    /// Length and hash of the file, what is still in the buffer included.
    pub fn position(&self) -> FilePosition {
        self.file.position()
    }
}

/// A record's frame: length, masked checksum of the length, bytes, masked checksum of the bytes.
fn frame(bytes: &[u8]) -> Vec<u8> {
    let length = (bytes.len() as u64).to_le_bytes();
    let parts = [
        &length[..],
        &masked_crc(&length).to_le_bytes(),
        bytes,
        &masked_crc(bytes).to_le_bytes(),
    ];
    parts.concat()
}

/// TensorFlow's masked checksum: rotated and shifted, as a checksum of data that hold checksums is a weak one.
fn masked_crc(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads an event file as TensorBoard does, and checks every checksum.
    fn read(bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (length, after) = rest.split_at(8);
            let (length_crc, after) = after.split_at(4);
            assert_eq!(length_crc, masked_crc(length).to_le_bytes());
            let (body, after) = after.split_at(u64::from_le_bytes(length.try_into().unwrap()) as usize);
            let (body_crc, after) = after.split_at(4);
            assert_eq!(body_crc, masked_crc(body).to_le_bytes());
            events.push(Event::decode(body).unwrap());
            rest = after;
        }
        events
    }

    #[test]
    fn the_first_event_is_what_tensorflow_writes_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(TensorBoard::FILE_NAME);
        TensorBoard::create(&path, 1_700_000_000.0).unwrap().flush().unwrap();
        // wall_time is field 1, a double; file_version is field 3, a string of 13 bytes; step 0 is not written.
        let mut body = vec![0x09];
        body.extend(1_700_000_000.0_f64.to_le_bytes());
        body.extend([0x1a, 13]);
        body.extend(b"brain.Event:2");
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes[..8], 24_u64.to_le_bytes());
        // The masked crc32c of the length 24, as in every event file that TensorFlow has written.
        assert_eq!(bytes[8..12], [0xa3, 0x7f, 0x4b, 0x22]);
        assert_eq!(bytes[12..36], body);
    }

    #[test]
    fn scalars_come_back_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        let mut board = TensorBoard::create(&path, 5.0).unwrap();
        board.scalars(16, 6.0, [("loss", 0.5), ("score/spring", -0.25)]).unwrap();
        board.scalars(32, 7.0, []).unwrap();
        board.flush().unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(board.position().bytes, bytes.len() as u64);
        let events = read(&bytes);
        assert_eq!(events.len(), 2, "a step without scalars writes nothing");
        let value = |tag: &str, value| Scalar {
            tag: tag.to_owned(),
            simple_value: Some(value),
        };
        let values = Values {
            value: vec![value("loss", 0.5), value("score/spring", -0.25)],
        };
        assert_eq!(
            events[1],
            Event {
                wall_time: 6.0,
                step: 16,
                what: Some(What::Summary(values))
            }
        );
    }

    #[test]
    fn a_zero_is_written_like_any_other_value() {
        let zero = Scalar {
            tag: "x".to_owned(),
            simple_value: Some(0.0),
        };
        // Field 1: the tag; field 2, wire type 5: four bytes of zero.
        assert_eq!(zero.encode_to_vec(), [0x0a, 1, b'x', 0x15, 0, 0, 0, 0]);
    }

    #[test]
    fn resuming_cuts_off_what_came_after_the_checkpoint() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events");
        let mut board = TensorBoard::create(&path, 0.0).unwrap();
        board.scalars(1, 0.0, [("loss", 1.0)]).unwrap();
        let at_checkpoint = board.position();
        board.scalars(2, 0.0, [("loss", 2.0)]).unwrap();
        drop(board);
        let mut board = TensorBoard::resume(&path, at_checkpoint).unwrap();
        board.scalars(2, 9.0, [("loss", 3.0)]).unwrap();
        board.sync().unwrap();
        let steps: Vec<(i64, f64)> = read(&std::fs::read(&path).unwrap())
            .iter()
            .map(|event| (event.step, event.wall_time))
            .collect();
        assert_eq!(steps, [(0, 0.0), (1, 0.0), (2, 9.0)]);
    }
}
