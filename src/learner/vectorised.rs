//! Loops over slices, compiled for the widest vectors of the processor.
//!
//! The program is built for every processor of its platform, with vectors of four numbers; those that it runs on have eight or sixteen. The
//! results are the same bits: what is computed with each number, and the order of sums, is written in the loop, and no two operations are
//! contracted to one.

use pulp::{Arch, Simd, WithSimd};

/// A function and its argument. Not a closure, which is not always inlined, and only what is inlined is compiled for the processor.
struct Call<A, F>(A, F);

impl<A, T, F: FnOnce(A) -> T> WithSimd for Call<A, F> {
    type Output = T;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> T {
        (self.1)(self.0)
    }
}

/// Calls `loops`, compiled for the processor that the program runs on. It must be a function that is always inlined.
#[inline]
fn vectorised<A, T>(loops: impl FnOnce(A) -> T, argument: A) -> T {
    Arch::new().dispatch(Call(argument, loops))
}

/// Coefficients of one step of Adam: see [`optimiser`](crate::learner::optimiser).
#[derive(Clone, Copy)]
pub(crate) struct AdamStep {
    /// Learning rate, corrected for the first steps.
    pub(crate) rate: f32,
    /// Factor of the root of the mean square, likewise.
    pub(crate) root: f32,
    pub(crate) beta_1: f32,
    pub(crate) beta_2: f32,
    pub(crate) epsilon: f32,
}

impl AdamStep {
    /// Moves `parameters` one step against `gradient`.
    pub(crate) fn take(self, parameters: &mut [f32], gradient: &[f32], mean: &mut [f32], mean_square: &mut [f32]) {
        #[inline(always)]
        fn loops((step, parameters, gradient, mean, mean_square): (AdamStep, &mut [f32], &[f32], &mut [f32], &mut [f32])) {
            let AdamStep {
                rate,
                root,
                beta_1,
                beta_2,
                epsilon,
            } = step;
            let moments = mean.iter_mut().zip(mean_square);
            for ((parameter, &gradient), (mean, mean_square)) in parameters.iter_mut().zip(gradient).zip(moments) {
                *mean = beta_1 * *mean + (1.0 - beta_1) * gradient;
                *mean_square = beta_2 * *mean_square + (1.0 - beta_2) * gradient * gradient;
                *parameter -= rate * *mean / (mean_square.sqrt() * root + epsilon);
            }
        }
        vectorised(loops, (self, parameters, gradient, mean, mean_square));
    }
}

/// Moves each number of `average` a `share` of the way to that of `current`.
pub(crate) fn follow(average: &mut [f32], current: &[f32], share: f32) {
    #[inline(always)]
    fn loops((average, current, share): (&mut [f32], &[f32], f32)) {
        for (average, &current) in average.iter_mut().zip(current) {
            *average += share * (current - *average);
        }
    }
    vectorised(loops, (average, current, share));
}

/// Multiplies all numbers by `factor`.
pub(crate) fn scale(numbers: &mut [f32], factor: f32) {
    #[inline(always)]
    fn loops((numbers, factor): (&mut [f32], f32)) {
        numbers.iter_mut().for_each(|number| *number *= factor);
    }
    vectorised(loops, (numbers, factor));
}

/// Returns the sum of squares, in sixteen partial sums.
pub(crate) fn squared_norm(numbers: &[f32]) -> f32 {
    #[inline(always)]
    fn loops(numbers: &[f32]) -> f32 {
        let mut sums = [0.0f32; 16];
        let chunks = numbers.chunks_exact(16);
        let rest: f32 = chunks.remainder().iter().map(|number| number * number).sum();
        for chunk in chunks {
            for (sum, number) in sums.iter_mut().zip(chunk) {
                *sum += number * number;
            }
        }
        sums.iter().sum::<f32>() + rest
    }
    vectorised(loops, numbers)
}

/// Sets what is not positive to zero in the first `width` numbers of each row of `stride`, and the number after them to 1.
pub(crate) fn rectify(rows: &mut [f32], stride: usize, width: usize) {
    #[inline(always)]
    fn loops((rows, stride, width): (&mut [f32], usize, usize)) {
        for row in rows.chunks_exact_mut(stride) {
            for number in &mut row[..width] {
                // Not a conditional store: where vectors have masks, those can be slower than everything else here.
                *number = number.max(0.0);
            }
            row[width] = 1.0;
        }
    }
    vectorised(loops, (rows, stride, width));
}

/// Constant added to the variance of a row, so that equal numbers have a scale too.
const NORMALISATION_EPSILON: f32 = 1e-5;

/// Returns the sum of the products, in sixteen partial sums.
#[inline(always)]
fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0.0f32; 16];
    let (lefts, rights) = (left.chunks_exact(16), right.chunks_exact(16));
    let rest = lefts.remainder().iter().zip(rights.remainder());
    let rest: f32 = rest.map(|(left, right)| left * right).sum();
    for (left, right) in lefts.zip(rights) {
        for ((sum, left), right) in sums.iter_mut().zip(left).zip(right) {
            *sum += left * right;
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// Returns the sum, in sixteen partial sums.
#[inline(always)]
fn sum(numbers: &[f32]) -> f32 {
    let mut sums = [0.0f32; 16];
    let chunks = numbers.chunks_exact(16);
    let rest: f32 = chunks.remainder().iter().sum();
    for chunk in chunks {
        for (sum, number) in sums.iter_mut().zip(chunk) {
            *sum += number;
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// Shifts and scales the first `width` numbers of each row of `stride` to mean 0 and variance 1, and writes the scale of each row.
pub(crate) fn normalise(rows: &mut [f32], stride: usize, width: usize, scales: &mut [f32]) {
    #[inline(always)]
    fn loops((rows, stride, width, scales): (&mut [f32], usize, usize, &mut [f32])) {
        let share = 1.0 / width as f32;
        for (row, scale) in rows.chunks_exact_mut(stride).zip(scales) {
            let row = &mut row[..width];
            let mean = share * sum(row);
            row.iter_mut().for_each(|number| *number -= mean);
            let variance = share * dot(row, row);
            *scale = 1.0 / (variance + NORMALISATION_EPSILON).sqrt();
            let factor = *scale;
            row.iter_mut().for_each(|number| *number *= factor);
        }
    }
    vectorised(loops, (rows, stride, width, scales));
}

/// Converts gradients at normalised numbers to gradients at the numbers before: `normalised` and `scales` are those of [`normalise`].
pub(crate) fn normalise_gradient(
    gradients: &mut [f32],
    stride: usize,
    width: usize,
    normalised: &[f32],
    normalised_stride: usize,
    scales: &[f32],
) {
    type Arguments<'a> = (&'a mut [f32], usize, usize, &'a [f32], usize, &'a [f32]);
    #[inline(always)]
    fn loops((gradients, stride, width, normalised, normalised_stride, scales): Arguments<'_>) {
        let share = 1.0 / width as f32;
        let rows = gradients
            .chunks_exact_mut(stride)
            .zip(normalised.chunks_exact(normalised_stride));
        for ((gradient, normalised), &scale) in rows.zip(scales) {
            let (gradient, normalised) = (&mut gradient[..width], &normalised[..width]);
            let mean = share * sum(gradient);
            let slope = share * dot(gradient, normalised);
            for (gradient, &number) in gradient.iter_mut().zip(normalised) {
                *gradient = scale * (*gradient - mean - number * slope);
            }
        }
    }
    vectorised(loops, (gradients, stride, width, normalised, normalised_stride, scales));
}

/// Sets each number to zero where that of `units` is not positive. Both are rows of numbers with a stride each.
pub(crate) fn mask(rows: &mut [f32], stride: usize, units: &[f32], units_stride: usize) {
    #[inline(always)]
    fn loops((rows, stride, units, units_stride): (&mut [f32], usize, &[f32], usize)) {
        for (row, units) in rows.chunks_exact_mut(stride).zip(units.chunks_exact(units_stride)) {
            for (number, &unit) in row.iter_mut().zip(units) {
                let kept = u32::from(unit > 0.0).wrapping_neg();
                *number = f32::from_bits(number.to_bits() & kept);
            }
        }
    }
    vectorised(loops, (rows, stride, units, units_stride));
}

/// Writes `low + step * byte` for each byte.
pub(crate) fn decode(bytes: &[u8], step: &[f32], low: &[f32], numbers: &mut [f32]) {
    #[inline(always)]
    fn loops((bytes, step, low, numbers): (&[u8], &[f32], &[f32], &mut [f32])) {
        for (((number, &byte), &step), &low) in numbers.iter_mut().zip(bytes).zip(step).zip(low) {
            *number = low + step * f32::from(byte);
        }
    }
    vectorised(loops, (bytes, step, low, numbers));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An odd number of numbers, so that there is a rest in every width, with zeros of both signs.
    fn numbers() -> Vec<f32> {
        let mut numbers: Vec<f32> = (0..137).map(|index| ((index * 37) % 41) as f32 * 0.1 - 2.0).collect();
        (numbers[3], numbers[90]) = (0.0, -0.0);
        numbers
    }

    fn bits(numbers: &[f32]) -> Vec<u32> {
        numbers.iter().map(|number| number.to_bits()).collect()
    }

    #[test]
    fn loops_compute_the_same_bits_at_every_width() {
        let numbers = numbers();
        let mut average = numbers.clone();
        average.reverse();
        let expected: Vec<f32> = average.iter().zip(&numbers).map(|(a, b)| a + 0.3 * (b - a)).collect();
        follow(&mut average, &numbers, 0.3);
        assert_eq!(bits(&average), bits(&expected));

        let mut scaled = numbers.clone();
        scale(&mut scaled, 0.7);
        assert_eq!(
            bits(&scaled),
            bits(&numbers.iter().map(|number| number * 0.7).collect::<Vec<_>>())
        );

        let exact: f64 = numbers.iter().map(|&number| f64::from(number).powi(2)).sum();
        assert!((f64::from(squared_norm(&numbers)) - exact).abs() < 1e-3);

        let bytes: Vec<u8> = (0..137).map(|index| (index * 7) as u8).collect();
        let mut decoded = vec![0.0; 137];
        decode(&bytes, &scaled, &numbers, &mut decoded);
        for (index, number) in decoded.iter().enumerate() {
            assert_eq!(
                number.to_bits(),
                (numbers[index] + scaled[index] * f32::from(bytes[index])).to_bits()
            );
        }
    }

    #[test]
    fn normalised_rows_have_mean_zero_and_variance_one() {
        let mut rows = numbers();
        rows.truncate(3 * 45);
        rows[45..90].fill(3.0);
        let before = rows.clone();
        let mut scales = vec![0.0; 3];
        // 3 rows of 45, of which 43 numbers are units.
        normalise(&mut rows, 45, 43, &mut scales);
        for (index, (row, before)) in rows.chunks_exact(45).zip(before.chunks_exact(45)).enumerate() {
            let mean = row[..43].iter().sum::<f32>() / 43.0;
            let variance = row[..43].iter().map(|number| number * number).sum::<f32>() / 43.0;
            // Equal numbers have no variance, and become zeros rather than infinite.
            let expected = if index == 1 { 0.0 } else { 1.0 };
            assert!(mean.abs() < 1e-5 && (variance - expected).abs() < 1e-3, "{mean} {variance}");
            assert_eq!(row[43..], before[43..], "what lies beside the units stays");
        }
    }

    #[test]
    fn what_is_not_positive_becomes_zero() {
        let mut rows = [numbers(), vec![f32::NAN, 5.0, -1.0]].concat();
        let before = rows.clone();
        // 20 rows of 7, of which 5 numbers are units.
        rectify(&mut rows, 7, 5);
        for (row, before) in rows.chunks_exact(7).zip(before.chunks_exact(7)) {
            for (number, &before) in row[..5].iter().zip(before) {
                assert_eq!(number.to_bits(), if before > 0.0 { before } else { 0.0f32 }.to_bits());
            }
            assert_eq!((row[5], row[6].to_bits()), (1.0, before[6].to_bits()));
        }

        let mut gradients = vec![-3.0; 20 * 5];
        mask(&mut gradients, 5, &rows, 7);
        for (gradients, units) in gradients.chunks_exact(5).zip(rows.chunks_exact(7)) {
            for (gradient, &unit) in gradients.iter().zip(units) {
                assert_eq!(gradient.to_bits(), if unit > 0.0 { -3.0f32 } else { 0.0 }.to_bits());
            }
        }
    }
}
