//! Loops over slices, compiled for the widest vectors of the processor.
//!
//! The program is built for every processor of its platform, with vectors of four numbers; those that it runs on have eight or sixteen. The
//! results are the same bits: what is computed with each number, and the order of sums, is written in the loop, and no two operations are
//! contracted to one.

use pulp::Arch;

/// Runs `loops`, compiled for the processor that the program runs on.
///
/// Only what is inlined into `loops` profits.
#[inline]
pub(crate) fn vectorised<T>(loops: impl FnOnce() -> T) -> T {
    Arch::new().dispatch(loops)
}

/// Moves each number of `average` a `share` of the way to that of `current`.
pub(crate) fn follow(average: &mut [f32], current: &[f32], share: f32) {
    vectorised(|| {
        for (average, &current) in average.iter_mut().zip(current) {
            *average += share * (current - *average);
        }
    });
}

/// Returns the sum of squares, with sixteen partial sums so that it vectorises.
pub(crate) fn squared_norm(numbers: &[f32]) -> f32 {
    vectorised(|| {
        let mut sums = [0.0f32; 16];
        let chunks = numbers.chunks_exact(16);
        let rest: f32 = chunks.remainder().iter().map(|number| number * number).sum();
        for chunk in chunks {
            for (sum, number) in sums.iter_mut().zip(chunk) {
                *sum += number * number;
            }
        }
        sums.iter().sum::<f32>() + rest
    })
}
