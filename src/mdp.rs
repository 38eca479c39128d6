//! The vocabulary that every room shares: what is observed, what is done, what follows.
//!
//! A garden is a Markov decision process that the robot sees only in part. Its numbers are those of a cheap camera and a few
//! cheap gauges, so an observation is a row of **bytes**: what the policy learns from is exactly what a replay memory keeps,
//! nothing is lost by storing it, and a transition of the default garden takes about 110 bytes.
//! [`ObservationDecoder::decode`] turns the bytes into the numbers that a network sees.

use serde::{Deserialize, Serialize};

/// One number of an observation: its name and the range that its byte spans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// What it measures, for instance `eye.03.red` or `tank_fraction`.
    pub name: String,
    /// The value that byte 0 stands for.
    pub low: f32,
    /// The value that byte 255 stands for.
    pub high: f32,
}

impl Channel {
    /// The byte nearest to `value`; values outside the range are clamped, as a saturated sensor would.
    pub fn encode(&self, value: f32) -> u8 {
        // The cast saturates, and takes a NaN to 0.
        ((value - self.low) / (self.high - self.low) * 255.0 + 0.5) as u8
    }

    /// The value that `byte` stands for.
    pub fn decode(&self, byte: u8) -> f32 {
        self.low + self.step() * f32::from(byte)
    }

    fn step(&self) -> f32 {
        (self.high - self.low) / 255.0
    }
}

/// What the numbers of an observation mean, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObservationSpec {
    /// One channel for each byte of an observation.
    pub channels: Vec<Channel>,
}

impl ObservationSpec {
    /// How many numbers (and bytes) an observation has.
    pub fn len(&self) -> usize {
        self.channels.len()
    }

    /// Whether an observation has no numbers at all.
    pub fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    /// Scale and offset of each channel, for decoding many rows at once.
    pub fn decoder(&self) -> ObservationDecoder {
        ObservationDecoder {
            step: self.channels.iter().map(Channel::step).collect(),
            low: self.channels.iter().map(|channel| channel.low).collect(),
        }
    }
}

/// Turns rows of bytes into rows of numbers; see [`ObservationSpec::decoder`].
#[derive(Clone, Debug)]
pub struct ObservationDecoder {
    step: Vec<f32>,
    low: Vec<f32>,
}

impl ObservationDecoder {
    /// How many numbers a row has.
    pub fn len(&self) -> usize {
        self.step.len()
    }

    /// Whether a row has no numbers at all.
    pub fn is_empty(&self) -> bool {
        self.step.is_empty()
    }

    /// Decodes one observation of [`len`](Self::len) bytes into as many numbers.
    pub fn decode(&self, bytes: &[u8], numbers: &mut [f32]) {
        for (((number, &byte), &step), &low) in numbers.iter_mut().zip(bytes).zip(&self.step).zip(&self.low) {
            *number = low + step * f32::from(byte);
        }
    }
}

/// What the robot can decide to do for the next 0.2 s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Action {
    /// Drive straight ahead.
    Forward = 0,
    /// Turn left on the spot.
    TurnLeft = 1,
    /// Turn right on the spot.
    TurnRight = 2,
    /// Drive straight back.
    Back = 3,
    /// Stand and spray.
    #[default]
    Water = 4,
}

impl Action {
    /// Every action, by number.
    pub const ALL: [Self; 5] = [Self::Forward, Self::TurnLeft, Self::TurnRight, Self::Back, Self::Water];

    /// The action with this number, if there is one.
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// Its number, as policies and memories know it.
    pub fn index(self) -> usize {
        self as usize
    }

    /// Its name, as people read it.
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

/// What one decision led to, for each of `n` gardens side by side; the buffers are reused from step to step.
///
/// A garden whose episode ends begins the next one in the same step: `observations` then holds the first observation of the new
/// episode and `final_observations` the last one of the old.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepBatch {
    /// `n * observation_len` bytes: what each robot sees now.
    pub observations: Vec<u8>,
    /// The reward of each decision.
    pub rewards: Vec<f32>,
    /// Whether the episode came to a real end: nothing follows, so nothing is bootstrapped.
    pub terminated: Vec<bool>,
    /// Whether the episode was cut off by its time limit or by the year: what would have followed still counts.
    pub truncated: Vec<bool>,
    /// `n * observation_len` bytes; meaningful where `terminated` or `truncated`.
    pub final_observations: Vec<u8>,
}

impl StepBatch {
    /// Buffers for `gardens` gardens whose observations have `observation_len` bytes.
    pub fn new(gardens: usize, observation_len: usize) -> Self {
        Self {
            observations: vec![0; gardens * observation_len],
            rewards: vec![0.0; gardens],
            terminated: vec![false; gardens],
            truncated: vec![false; gardens],
            final_observations: vec![0; gardens * observation_len],
        }
    }

    /// Whether the episode of this garden ended with this decision, in either way.
    pub fn ended(&self, garden: usize) -> bool {
        self.terminated[garden] || self.truncated[garden]
    }
}

/// One decision of `n` gardens with what was seen before it: what a learner learns from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Experience {
    /// `n * observation_len` bytes: what was seen when the decision was taken.
    pub observations: Vec<u8>,
    /// The number of the action that each garden's robot took.
    pub actions: Vec<u8>,
    /// What followed.
    pub step: StepBatch,
}

impl Experience {
    /// Buffers for `gardens` gardens whose observations have `observation_len` bytes.
    pub fn new(gardens: usize, observation_len: usize) -> Self {
        Self {
            observations: vec![0; gardens * observation_len],
            actions: vec![0; gardens],
            step: StepBatch::new(gardens, observation_len),
        }
    }

    /// How many gardens it is about.
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
