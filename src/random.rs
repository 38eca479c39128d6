//! Random streams: independent generators derived from one seed. All random generators are created here.
//!
//! Every consumer of randomness has its own stream, named after its purpose and numbered where there are several. One more random
//! number in the weather therefore does not change where plants stand, and a new method does not change the garden. A [`Stream`]
//! can be saved and loaded, which an exact resume needs.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use xxhash_rust::xxh3::xxh3_64_with_seed;

pub use rand_distr::Distribution;

/// Random generator whose state can be saved: xoshiro256++, 32 bytes.
pub type Stream = Xoshiro256PlusPlus;

/// Returns the stream called `name` with number `index` of a run with `seed`.
///
/// Equal arguments give equal streams; any difference gives an independent stream.
pub fn stream(seed: u64, name: &str, index: u64) -> Stream {
    let name_hash = xxh3_64_with_seed(name.as_bytes(), seed);
    // `seed_from_u64` runs SplitMix64 over the hash, so that neighbouring indices are unrelated.
    Stream::seed_from_u64(xxh3_64_with_seed(&index.to_le_bytes(), name_hash))
}

/// Returns a number that is a function of `seed` and `parts`: any difference gives an unrelated one.
pub fn number(seed: u64, parts: &[u64]) -> u64 {
    parts
        .iter()
        .fold(seed, |hash, part| xxh3_64_with_seed(&part.to_le_bytes(), hash))
}

/// Returns the fraction (0 or more, below 1) that belongs to a seed and some numbers: [`number`], 24 bits of it.
pub fn fraction(seed: u64, parts: &[u64]) -> f32 {
    (number(seed, parts) >> 40) as f32 / (1_u32 << 24) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn a_stream_is_a_function_of_seed_name_and_index() {
        let first = |seed, name, index| stream(seed, name, index).next_u64();
        assert_eq!(first(1, "weather", 0), first(1, "weather", 0));
        assert_ne!(first(1, "weather", 0), first(2, "weather", 0));
        assert_ne!(first(1, "weather", 0), first(1, "plants", 0));
        assert_ne!(first(1, "weather", 0), first(1, "weather", 1));
    }

    #[test]
    fn a_saved_stream_goes_on_where_it_was() {
        let mut original = stream(7, "exploration", 3);
        original.next_u64();
        let text = serde_json::to_string(&original).unwrap();
        let mut restored: Stream = serde_json::from_str(&text).unwrap();
        assert_eq!(restored.next_u64(), original.next_u64());
    }
}
