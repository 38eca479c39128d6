//! Types of the Markov decision process that all modules share: observations, actions, steps, experience.
//!
//! A garden is a partially observable Markov decision process. Its numbers are those of a cheap camera and a few cheap gauges, so
//! an observation is a row of **bytes**: the policy learns from exactly what a replay buffer stores, storing loses nothing, and a
//! transition of the default garden takes about 115 bytes. [`ObservationDecoder::decode`] turns the bytes into the network's
//! input.

use serde::{Deserialize, Serialize};

/// One number of an observation: its name and the range that its byte spans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// Name of the measured quantity, for instance `eye.03.red` or `tank_fraction`.
    pub name: String,
    /// Value of byte 0.
    pub low: f32,
    /// Value of byte 255.
    pub high: f32,
}

impl Channel {
    /// Returns the byte nearest to `value`; values outside the range are clamped, as in a saturated sensor.
    pub fn encode(&self, value: f32) -> u8 {
        // The cast saturates, and maps a NaN to 0.
        ((value - self.low) / (self.high - self.low) * 255.0 + 0.5) as u8
    }

    /// Returns the value that `byte` stands for.
    pub fn decode(&self, byte: u8) -> f32 {
        self.low + self.step() * f32::from(byte)
    }

    fn step(&self) -> f32 {
        (self.high - self.low) / 255.0
    }
}

/// Meaning of the numbers of an observation, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObservationSpec {
    /// One channel for each byte of an observation.
    pub channels: Vec<Channel>,
}

impl ObservationSpec {
    /// Number of values (and bytes) of an observation.
    pub fn len(&self) -> usize {
        self.channels.len()
    }

    /// `true` if an observation has no values.
    pub fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    /// Number of pixels at the beginning of an observation: groups of channels whose names end in `red`, `green`, `blue` and
    /// `nearness`.
    pub fn pixels(&self) -> usize {
        let is_pixel = |group: &[Channel]| {
            let parts = ["red", "green", "blue", "nearness"];
            group
                .iter()
                .zip(parts)
                .all(|(channel, part)| channel.name.rsplit('.').next() == Some(part))
        };
        self.channels.chunks_exact(4).take_while(|group| is_pixel(group)).count()
    }

    /// Returns the scale and offset of each channel, for decoding many rows at once.
    pub fn decoder(&self) -> ObservationDecoder {
        ObservationDecoder {
            step: self.channels.iter().map(Channel::step).collect(),
            low: self.channels.iter().map(|channel| channel.low).collect(),
        }
    }
}

/// Decodes rows of bytes into rows of numbers; see [`ObservationSpec::decoder`].
#[derive(Clone, Debug)]
pub struct ObservationDecoder {
    step: Vec<f32>,
    low: Vec<f32>,
}

impl ObservationDecoder {
    /// Number of values in a row.
    pub fn len(&self) -> usize {
        self.step.len()
    }

    /// `true` if a row has no values.
    pub fn is_empty(&self) -> bool {
        self.step.is_empty()
    }

    /// Slope and offset of each channel: a byte is decoded to `offset + slope * byte`.
    pub fn coefficients(&self) -> (&[f32], &[f32]) {
        (&self.step, &self.low)
    }

    /// Decodes one observation of [`len`](Self::len) bytes into as many numbers.
    pub fn decode(&self, bytes: &[u8], numbers: &mut [f32]) {
        for (((number, &byte), &step), &low) in numbers.iter_mut().zip(bytes).zip(&self.step).zip(&self.low) {
            *number = low + step * f32::from(byte);
        }
    }
}

/// Action of the robot for one decision, which lasts 0.2 s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Action {
    /// Drive straight ahead.
    Forward = 0,
    /// Turn left in place.
    TurnLeft = 1,
    /// Turn right in place.
    TurnRight = 2,
    /// Drive straight backwards.
    Back = 3,
    /// Stand and spray.
    #[default]
    Water = 4,
}

impl Action {
    /// All actions, by index.
    pub const ALL: [Self; 5] = [Self::Forward, Self::TurnLeft, Self::TurnRight, Self::Back, Self::Water];

    /// Returns the action with this index, or `None` if there is none.
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// Index of the action, as used by policies and replay buffers.
    pub fn index(self) -> usize {
        self as usize
    }

    /// Name of the action, for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::TurnLeft => "turn left",
            Self::TurnRight => "turn right",
            Self::Back => "back",
            Self::Water => "water",
        }
    }
}

/// Result of one decision in each of `n` gardens; the buffers are reused from step to step.
///
/// A garden whose episode ends starts the next one in the same step: `observations` then holds the first observation of the new
/// episode and `final_observations` the last one of the old episode.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepBatch {
    /// `n * observation_len` bytes: the current observation of each robot.
    pub observations: Vec<u8>,
    /// Reward of each decision.
    pub rewards: Vec<f32>,
    /// `true` where the episode reached a terminal state: nothing follows, so nothing is bootstrapped.
    pub terminated: Vec<bool>,
    /// `true` where the episode was cut off by its time limit or by the year: the value of the next state still counts.
    pub truncated: Vec<bool>,
    /// `n * observation_len` bytes; valid only where `terminated` or `truncated`.
    pub final_observations: Vec<u8>,
}

impl StepBatch {
    /// Creates buffers for `gardens` gardens whose observations have `observation_len` bytes.
    pub fn new(gardens: usize, observation_len: usize) -> Self {
        Self {
            observations: vec![0; gardens * observation_len],
            rewards: vec![0.0; gardens],
            terminated: vec![false; gardens],
            truncated: vec![false; gardens],
            final_observations: vec![0; gardens * observation_len],
        }
    }

    /// `true` if this garden's episode ended with this decision, by termination or truncation.
    pub fn ended(&self, garden: usize) -> bool {
        self.terminated[garden] || self.truncated[garden]
    }
}

/// One decision of `n` gardens together with the observations before it: the input of a learner.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Experience {
    /// `n * observation_len` bytes: the observations on which the decisions were based.
    pub observations: Vec<u8>,
    /// Index of the action taken in each garden.
    pub actions: Vec<u8>,
    /// Result of the actions.
    pub step: StepBatch,
}

impl Experience {
    /// Creates buffers for `gardens` gardens whose observations have `observation_len` bytes.
    pub fn new(gardens: usize, observation_len: usize) -> Self {
        Self {
            observations: vec![0; gardens * observation_len],
            actions: vec![0; gardens],
            step: StepBatch::new(gardens, observation_len),
        }
    }

    /// Number of gardens.
    pub fn gardens(&self) -> usize {
        self.actions.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_comes_back_from_the_value_it_stands_for() {
        let channel = Channel {
            name: "speed".into(),
            low: -2.0,
            high: 3.0,
        };
        for byte in 0..=255 {
            assert_eq!(channel.encode(channel.decode(byte)), byte);
        }
    }

    #[test]
    fn a_sensor_saturates_at_the_ends_of_its_range() {
        let channel = Channel {
            name: "light".into(),
            low: 0.0,
            high: 1.0,
        };
        assert_eq!((channel.encode(-3.0), channel.encode(7.0)), (0, 255));
    }

    #[test]
    fn actions_are_numbered_in_order() {
        for (index, action) in Action::ALL.into_iter().enumerate() {
            assert_eq!((action.index(), Action::from_index(index)), (index, Some(action)));
        }
        assert_eq!(Action::from_index(Action::ALL.len()), None);
    }
}
