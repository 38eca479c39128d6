//! Event files for TensorBoard.
//!
//! The format is that of TensorFlow's record files: each event is a protocol buffer (`event.proto`), framed by its length (u64,
//! little-endian) and the masked crc32c of the length before it, and the masked crc32c of its bytes after it. The first event
//! contains the format version.

use std::path::Path;

use prost::Message;

use super::MetricsError;
use super::growing_file::{FilePosition, GrowingFile};

/// One event: `tensorflow.Event`, with only the fields used here.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    wall_time: f64,
    /// Position on the horizontal axis, in decisions.
    #[prost(int64, tag = "2")]
    step: i64,
    /// Content of the event.
    #[prost(oneof = "What", tags = "3, 5")]
    what: Option<What>,
}

/// Content of an [`Event`].
#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum What {
    /// Version of the format; only in the first event of a file.
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
    /// Name of the scalar.
    #[prost(string, tag = "1")]
    tag: String,
    /// Value of the scalar. Optional, so that a zero is written too: a plain field would be omitted at its default value, and
    /// TensorBoard would show no point there.
    #[prost(float, optional, tag = "2")]
    simple_value: Option<f32>,
}

/// Buffered writer that appends scalars to an event file.
#[derive(Debug)]
pub struct TensorBoard {
    file: GrowingFile,
}

impl TensorBoard {
    /// Name of the event file in a run folder; TensorBoard recognises event files by `tfevents` in the name.
    pub const FILE_NAME: &str = "events.out.tfevents.perennial";

    /// Creates a file; an existing one is truncated. `wall_time_s` is in seconds since 1970.
    ///
    /// # Errors
    /// Returns an error if the file cannot be created or written.
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

    /// Appends the scalars of one step. Writes nothing if there are none.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
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

    /// Passes all buffered data to the operating system, so that TensorBoard can read it.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn flush(&mut self) -> Result<(), MetricsError> {
        self.file.flush()
    }

    /// Writes everything to disk.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn sync(&mut self) -> Result<(), MetricsError> {
        self.file.sync()
    }

    /// Length and hash of the file, what is still in the buffer included.
    pub fn position(&self) -> FilePosition {
        self.file.position()
    }
}

/// Returns the frame of a record: length, masked checksum of the length, bytes, masked checksum of the bytes.
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

/// Returns TensorFlow's masked checksum: rotated and shifted, because a plain checksum of data that contain checksums is weak.
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
        // Field 1 is wall_time, a double; field 3 is file_version, a string of 13 bytes; step 0 is not written.
        let mut body = vec![0x09];
        body.extend(1_700_000_000.0_f64.to_le_bytes());
        body.extend([0x1a, 13]);
        body.extend(b"brain.Event:2");
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes[..8], 24_u64.to_le_bytes());
        // Masked crc32c of the length 24, as in every event file written by TensorFlow.
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
