//! The complete state of a learner, as named arrays and named JSON values in one file with a checksum.
//!
//! The file is a safetensors file, so that other programs can read the weights. Its metadata has one key, `perennial`: JSON with
//! the named values and an xxh3 checksum over all names, types, shapes and bytes, so that truncated files and flipped bits are
//! detected. Equal states give equal bytes.

use bytemuck::Pod;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use xxhash_rust::xxh3::Xxh3;

use crate::learner::error::StateError;

const METADATA_KEY: &str = "perennial";

/// Number type that a [`StateDict`] can hold.
pub trait Element: Pod {
    /// Name of the type in the safetensors format.
    const DTYPE: Dtype;
}

macro_rules! elements {
    ($($number:ty => $dtype:ident),*) => { $(impl Element for $number { const DTYPE: Dtype = Dtype::$dtype; })* };
}
elements!(u8 => U8, u16 => U16, u32 => U32, u64 => U64, f32 => F32, f64 => F64);

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    dtype: Dtype,
    len: usize,
    bytes: Vec<u8>,
}

/// Named arrays of numbers, and named values as JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StateDict {
    arrays: BTreeMap<String, Entry>,
    values: BTreeMap<String, serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
struct Metadata {
    checksum: u64,
    values: BTreeMap<String, serde_json::Value>,
}

impl StateDict {
    /// Creates an empty dictionary.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stores an array under a name.
    pub fn put<T: Element>(&mut self, name: impl Into<String>, array: &[T]) {
        let bytes = bytemuck::cast_slice(array).to_vec();
        self.arrays.insert(
            name.into(),
            Entry {
                dtype: T::DTYPE,
                len: array.len(),
                bytes,
            },
        );
    }

    /// Size in bytes of all arrays whose names begin with `prefix`; values are not counted.
    pub fn bytes_under(&self, prefix: &str) -> u64 {
        let arrays = self.arrays.iter().filter(|(name, _)| name.starts_with(prefix));
        arrays.map(|(_, entry)| entry.bytes.len() as u64).sum()
    }

    /// Returns the array with this name.
    pub fn array<T: Element>(&self, name: &str) -> Result<Vec<T>, StateError> {
        let entry = self
            .arrays
            .get(name)
            .ok_or_else(|| StateError::Missing { entry: name.into() })?;
        if entry.dtype != T::DTYPE {
            return Err(mismatch(name, format!("{:?}", T::DTYPE), format!("{:?}", entry.dtype)));
        }
        let mut array = vec![T::zeroed(); entry.len];
        bytemuck::cast_slice_mut(&mut array).copy_from_slice(&entry.bytes);
        Ok(array)
    }

    /// Copies the array with this name to `target`, which must have the same length.
    pub fn copy_to<T: Element>(&self, name: &str, target: &mut [T]) -> Result<(), StateError> {
        let array = self.array_of_len(name, target.len())?;
        target.copy_from_slice(&array);
        Ok(())
    }

    /// Returns the array with this name if it has `len` numbers.
    pub fn array_of_len<T: Element>(&self, name: &str, len: usize) -> Result<Vec<T>, StateError> {
        let array = self.array(name)?;
        if array.len() != len {
            return Err(mismatch(name, format!("{len} numbers"), format!("{}", array.len())));
        }
        Ok(array)
    }

    /// Stores a value under a name.
    pub fn set(&mut self, name: impl Into<String>, value: &impl Serialize) -> Result<(), StateError> {
        let entry = name.into();
        let value = serde_json::to_value(value).map_err(|source| StateError::Json {
            entry: entry.clone(),
            source,
        })?;
        self.values.insert(entry, value);
        Ok(())
    }

    /// Returns the value with this name.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<T, StateError> {
        let value = self
            .values
            .get(name)
            .ok_or_else(|| StateError::Missing { entry: name.into() })?;
        T::deserialize(value).map_err(|source| StateError::Json {
            entry: name.into(),
            source,
        })
    }

    /// Returns an error unless the value with this name equals `expected`: for sizes and names that must match before loading.
    pub fn expect<T: DeserializeOwned + PartialEq + std::fmt::Debug>(&self, name: &str, expected: &T) -> Result<(), StateError> {
        let found: T = self.get(name)?;
        if found == *expected {
            Ok(())
        } else {
            Err(mismatch(name, format!("{expected:?}"), format!("{found:?}")))
        }
    }

    /// Encodes the whole state as one file.
    pub fn to_bytes(&self) -> Result<Vec<u8>, StateError> {
        let metadata = Metadata {
            checksum: self.checksum(),
            values: self.values.clone(),
        };
        let json = serde_json::to_string(&metadata).map_err(|source| StateError::Json {
            entry: METADATA_KEY.into(),
            source,
        })?;
        let views = self.arrays.iter().map(|(name, entry)| {
            TensorView::new(entry.dtype, vec![entry.len], &entry.bytes)
                .map(|view| (name.as_str(), view))
                .map_err(damaged)
        });
        let views = views.collect::<Result<Vec<_>, _>>()?;
        safetensors::serialize(views, Some(HashMap::from([(METADATA_KEY.to_owned(), json)]))).map_err(damaged)
    }

    /// Decodes the result of [`to_bytes`](Self::to_bytes).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StateError> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
        let json = header.metadata().as_ref().and_then(|metadata| metadata.get(METADATA_KEY));
        let json = json.ok_or_else(|| StateError::Damaged {
            reason: format!("it has no `{METADATA_KEY}` metadata"),
        })?;
        let metadata: Metadata = serde_json::from_str(json).map_err(damaged)?;
        let arrays = tensors.iter().map(|(name, view)| {
            let len = view.shape().iter().product();
            (
                name.to_owned(),
                Entry {
                    dtype: view.dtype(),
                    len,
                    bytes: view.data().to_vec(),
                },
            )
        });
        let state = Self {
            arrays: arrays.collect(),
            values: metadata.values,
        };
        let found = state.checksum();
        if found != metadata.checksum {
            return Err(StateError::Checksum {
                expected: metadata.checksum,
                found,
            });
        }
        Ok(state)
    }

    /// Hash of the whole state: two learners with equal hashes are in the same state, bit for bit.
    pub fn checksum(&self) -> u64 {
        let mut hash = Xxh3::new();
        let mut part = |bytes: &[u8]| {
            hash.update(&(bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        for (name, entry) in &self.arrays {
            part(name.as_bytes());
            part(format!("{:?}", entry.dtype).as_bytes());
            part(&entry.bytes);
        }
        for (name, value) in &self.values {
            part(name.as_bytes());
            part(value.to_string().as_bytes());
        }
        hash.digest()
    }
}

fn mismatch(entry: &str, expected: String, found: String) -> StateError {
    StateError::Mismatch {
        entry: entry.into(),
        expected,
        found,
    }
}

fn damaged(error: impl std::fmt::Display) -> StateError {
    StateError::Damaged {
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> StateDict {
        let mut state = StateDict::new();
        state.put("weights", &[1.0f32, -2.5, f32::MIN_POSITIVE]);
        state.put("bytes", &[1u8, 2, 3, 4, 5]);
        state.put("nothing", &[0u64; 0]);
        state.set("steps", &12_345_678_901_234_567_890u64).unwrap();
        state.set("epsilon", &0.1f32).unwrap();
        state
    }

    #[test]
    fn it_comes_back_from_its_bytes() {
        let state = example();
        let bytes = state.to_bytes().unwrap();
        let loaded = StateDict::from_bytes(&bytes).unwrap();
        assert_eq!(loaded, state);
        assert_eq!(loaded.get::<u64>("steps").unwrap(), 12_345_678_901_234_567_890);
        assert_eq!(loaded.to_bytes().unwrap(), bytes);
    }

    #[test]
    fn no_single_flipped_bit_goes_unnoticed() {
        let bytes = example().to_bytes().unwrap();
        for position in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[position] ^= 1;
            if let Ok(state) = StateDict::from_bytes(&damaged) {
                // White space and the like in the header can change without changing the meaning.
                assert_eq!(state, example(), "a flip at byte {position} was not noticed");
            }
        }
    }

    #[test]
    fn a_truncated_file_is_noticed_wherever_it_ends() {
        let bytes = example().to_bytes().unwrap();
        for len in 0..bytes.len() {
            assert!(
                StateDict::from_bytes(&bytes[..len]).is_err(),
                "cut to {len} of {} bytes",
                bytes.len()
            );
        }
    }

    #[test]
    fn what_is_missing_or_does_not_fit_is_named() {
        let state = example();
        let message = |error: StateError| error.to_string();
        assert!(message(state.array::<f32>("biases").unwrap_err()).contains("no entry `biases`"));
        assert!(message(state.array::<u8>("weights").unwrap_err()).contains("`weights`"));
        assert!(message(state.array_of_len::<f32>("weights", 2).unwrap_err()).contains("expected 2 numbers, found 3"));
        assert!(message(state.expect("steps", &7u64).unwrap_err()).contains("`steps`"));
    }
}
