//! Outputs of networks stored with transitions, in half precision where segments are packed.

use half::f16;

use crate::learner::error::StateError;
use crate::learner::memory::make_room;
use crate::learner::state::StateDict;

/// A number of outputs for each transition, NaN where there are none. Numbers in half precision have a relative error of 0.05 %.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum StoredOutputs {
    Single(Vec<f32>),
    /// Bits of half-precision numbers.
    Half(Vec<u16>),
}

impl StoredOutputs {
    pub(super) fn new(is_half: bool) -> Self {
        if is_half {
            Self::Half(Vec::new())
        } else {
            Self::Single(Vec::new())
        }
    }

    /// Number of outputs of all transitions.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Single(numbers) => numbers.len(),
            Self::Half(bits) => bits.len(),
        }
    }

    /// Size of one output in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Single(_) => size_of::<f32>(),
            Self::Half(_) => size_of::<u16>(),
        }
    }

    /// Adds places without outputs up to so many, of at most `most`.
    pub(super) fn grow(&mut self, len: usize, most: usize) {
        match self {
            Self::Single(numbers) => {
                make_room(numbers, len.saturating_sub(numbers.len()), most);
                numbers.resize(len.max(numbers.len()), f32::NAN);
            }
            Self::Half(bits) => {
                make_room(bits, len.saturating_sub(bits.len()), most);
                bits.resize(len.max(bits.len()), f16::NAN.to_bits());
            }
        }
    }

    /// Copies the outputs from `start` on into `outputs`. Returns `false` if there are none.
    pub(super) fn read(&self, start: usize, outputs: &mut [f32]) -> bool {
        match self {
            Self::Single(numbers) => match numbers.get(start..start + outputs.len()) {
                Some(stored) => outputs.copy_from_slice(stored),
                None => return false,
            },
            Self::Half(bits) => match bits.get(start..start + outputs.len()) {
                Some(stored) => {
                    for (output, &bits) in outputs.iter_mut().zip(stored) {
                        *output = f16::from_bits(bits).to_f32();
                    }
                }
                None => return false,
            },
        }
        outputs.first().is_some_and(|output| !output.is_nan())
    }

    /// Stores outputs from `start` on.
    pub(super) fn write(&mut self, start: usize, outputs: &[f32]) {
        match self {
            Self::Single(numbers) => numbers[start..start + outputs.len()].copy_from_slice(outputs),
            Self::Half(bits) => {
                for (bits, &output) in bits[start..start + outputs.len()].iter_mut().zip(outputs) {
                    *bits = f16::from_f32(output).to_bits();
                }
            }
        }
    }

    /// Removes the outputs at these places, as far as there are any.
    pub(super) fn clear(&mut self, places: std::ops::Range<usize>) {
        match self {
            Self::Single(numbers) => numbers
                .get_mut(places)
                .into_iter()
                .flatten()
                .for_each(|number| *number = f32::NAN),
            Self::Half(bits) => bits
                .get_mut(places)
                .into_iter()
                .flatten()
                .for_each(|bits| *bits = f16::NAN.to_bits()),
        }
    }

    /// Removes these places, as far as there are any; those after them move up.
    pub(super) fn remove(&mut self, places: std::ops::Range<usize>) {
        if places.end <= self.len() {
            match self {
                Self::Single(numbers) => drop(numbers.drain(places)),
                Self::Half(bits) => drop(bits.drain(places)),
            }
        }
    }

    pub(super) fn save(&self, state: &mut StateDict, key: String) {
        match self {
            Self::Single(numbers) => state.put(key, numbers),
            Self::Half(bits) => state.put(key, bits),
        }
    }

    pub(super) fn load(&mut self, state: &StateDict, key: &str) -> Result<(), StateError> {
        match self {
            Self::Single(numbers) => *numbers = state.array(key)?,
            Self::Half(bits) => *bits = state.array(key)?,
        }
        Ok(())
    }
}
