//! Loops over slices, compiled for the widest vectors of the processor.
//!
//! The program is built for every processor of its platform, with vectors of four numbers; those that it runs on have eight or sixteen. The
//! results are the same bits: what is computed with each number, and the order of sums, is written in the loop, and no two operations are
//! contracted to one.

use pulp::{Arch, Simd, WithSimd};

/// Evaluates loops, compiled for the processor that the program runs on; the variables that they use are named with their types.
///
/// Not a function of a closure or of another function: those are not always inlined, and only what is inlined is compiled for the processor.
macro_rules! vectorised {
    (($($variable:ident: $type:ty),+) -> $output:ty $loops:block) => {{
        struct Loops<A>(A);

        impl WithSimd for Loops<($($type,)+)> {
            type Output = $output;

            #[inline(always)]
            fn with_simd<S: Simd>(self, _: S) -> $output {
                let ($($variable,)+) = self.0;
                $loops
            }
        }

        Arch::new().dispatch(Loops(($($variable,)+)))
    }};
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
        let step = self;
        vectorised!((step: AdamStep, parameters: &mut [f32], gradient: &[f32], mean: &mut [f32], mean_square: &mut [f32]) -> () {
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
        });
    }
}

/// Moves each number of `average` a `share` of the way to that of `current`.
pub(crate) fn follow(average: &mut [f32], current: &[f32], share: f32) {
    vectorised!((average: &mut [f32], current: &[f32], share: f32) -> () {
        for (average, &current) in average.iter_mut().zip(current) {
            *average += share * (current - *average);
        }
    });
}

/// Multiplies all numbers by `factor`.
pub(crate) fn scale(numbers: &mut [f32], factor: f32) {
    vectorised!((numbers: &mut [f32], factor: f32) -> () {
        numbers.iter_mut().for_each(|number| *number *= factor);
    });
}

/// Returns the sum of squares, in sixteen partial sums.
pub(crate) fn squared_norm(numbers: &[f32]) -> f32 {
    vectorised!((numbers: &[f32]) -> f32 {
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

/// Sets what is not positive to zero in the first `width` numbers of each row of `stride`, and the number after them to 1.
pub(crate) fn rectify(rows: &mut [f32], stride: usize, width: usize) {
    vectorised!((rows: &mut [f32], stride: usize, width: usize) -> () {
        for row in rows.chunks_exact_mut(stride) {
            for number in &mut row[..width] {
                // Not a conditional store: where vectors have masks, those can be slower than everything else here.
                *number = number.max(0.0);
            }
            row[width] = 1.0;
        }
    });
}

/// Constant added to the variance of a row, so that equal numbers have a scale too.
const NORMALISATION_EPSILON: f32 = 1e-5;

/// Number of rows whose sums are added up side by side. The additions of one sum have to wait for each other, those of several have not.
const ROWS: usize = 16;

/// Number of partial sums of one row.
const PARTS: usize = 16;

/// Partial sums of several rows, and the sums of the numbers that are left over, fewer than [`PARTS`].
struct RowSums {
    parts: [[f32; PARTS]; ROWS],
    rests: [f32; ROWS],
}

impl RowSums {
    #[inline(always)]
    fn new() -> Self {
        Self {
            parts: [[0.0; PARTS]; ROWS],
            rests: [0.0; ROWS],
        }
    }

    /// Sets the sums of one row to those of its numbers.
    #[inline(always)]
    fn set_sum(&mut self, row: usize, numbers: &[f32]) {
        let mut parts = [0.0f32; PARTS];
        let chunks = numbers.chunks_exact(PARTS);
        self.rests[row] = chunks.remainder().iter().sum();
        for chunk in chunks {
            for (part, number) in parts.iter_mut().zip(chunk) {
                *part += number;
            }
        }
        self.parts[row] = parts;
    }

    /// Sets the sums of one row to those of the products of two rows.
    #[inline(always)]
    fn set_dot(&mut self, row: usize, left: &[f32], right: &[f32]) {
        let mut parts = [0.0f32; PARTS];
        let (lefts, rights) = (left.chunks_exact(PARTS), right.chunks_exact(PARTS));
        let rest = lefts.remainder().iter().zip(rights.remainder());
        self.rests[row] = rest.map(|(left, right)| left * right).sum();
        for (left, right) in lefts.zip(rights) {
            for ((part, left), right) in parts.iter_mut().zip(left).zip(right) {
                *part += left * right;
            }
        }
        self.parts[row] = parts;
    }

    /// The sum of each row: its parts in order, then the rest.
    #[inline(always)]
    fn totals(&self) -> [f32; ROWS] {
        let mut totals = [0.0f32; ROWS];
        for (total, parts) in totals.iter_mut().zip(&self.parts) {
            *total = parts.iter().sum();
        }
        for (total, rest) in totals.iter_mut().zip(self.rests) {
            *total += rest;
        }
        totals
    }
}

/// Shifts and scales the first `width` numbers of each row of `stride` to mean 0 and variance 1, writes the scale of each row, and then does
/// what [`rectify`] does. The normalised numbers go to `kept`, rows with a stride of their own, if it is there.
pub(crate) fn normalise_and_rectify(
    rows: &mut [f32],
    stride: usize,
    width: usize,
    scales: &mut [f32],
    kept: Option<(&mut [f32], usize)>,
) {
    vectorised!((rows: &mut [f32], stride: usize, width: usize, scales: &mut [f32], kept: Option<(&mut [f32], usize)>) -> () {
        let mut kept = kept;
        let share = 1.0 / width as f32;
        let mut sums = RowSums::new();
        let blocks = rows.chunks_mut(ROWS * stride).zip(scales.chunks_mut(ROWS));
        for (block, (rows, scales)) in blocks.enumerate() {
            for (index, row) in rows.chunks_exact(stride).enumerate() {
                sums.set_sum(index, &row[..width]);
            }
            let totals = sums.totals();
            for (index, row) in rows.chunks_exact_mut(stride).enumerate() {
                let (row, mean) = (&mut row[..width], share * totals[index]);
                row.iter_mut().for_each(|number| *number -= mean);
                sums.set_dot(index, row, row);
            }
            let totals = sums.totals();
            for (index, (row, scale)) in rows.chunks_exact_mut(stride).zip(scales).enumerate() {
                let variance = share * totals[index];
                let factor = 1.0 / (variance + NORMALISATION_EPSILON).sqrt();
                *scale = factor;
                let (units, after) = row.split_at_mut(width);
                match &mut kept {
                    None => units.iter_mut().for_each(|number| *number = (*number * factor).max(0.0)),
                    Some((kept, stride)) => {
                        let kept = &mut kept[(block * ROWS + index) * *stride..][..width];
                        for (number, kept) in units.iter_mut().zip(kept) {
                            *kept = *number * factor;
                            *number = kept.max(0.0);
                        }
                    }
                }
                after[0] = 1.0;
            }
        }
    });
}

/// Converts gradients at normalised numbers to gradients at the numbers before: `normalised` and `scales` are those of
/// [`normalise_and_rectify`].
pub(crate) fn normalise_gradient(
    gradients: &mut [f32],
    stride: usize,
    width: usize,
    normalised: &[f32],
    normalised_stride: usize,
    scales: &[f32],
) {
    vectorised!((gradients: &mut [f32], stride: usize, width: usize, normalised: &[f32], normalised_stride: usize, scales: &[f32]) -> () {
        let share = 1.0 / width as f32;
        let (mut sums, mut dots) = (RowSums::new(), RowSums::new());
        let blocks = gradients
            .chunks_mut(ROWS * stride)
            .zip(normalised.chunks(ROWS * normalised_stride))
            .zip(scales.chunks(ROWS));
        for ((gradients, normalised), scales) in blocks {
            let rows = gradients.chunks_exact(stride).zip(normalised.chunks_exact(normalised_stride));
            for (index, (gradient, normalised)) in rows.enumerate() {
                sums.set_sum(index, &gradient[..width]);
                dots.set_dot(index, &gradient[..width], &normalised[..width]);
            }
            let (totals, products) = (sums.totals(), dots.totals());
            let rows = gradients
                .chunks_exact_mut(stride)
                .zip(normalised.chunks_exact(normalised_stride));
            for (index, ((gradient, normalised), &scale)) in rows.zip(scales).enumerate() {
                let (mean, slope) = (share * totals[index], share * products[index]);
                for (gradient, &number) in gradient[..width].iter_mut().zip(&normalised[..width]) {
                    *gradient = scale * (*gradient - mean - number * slope);
                }
            }
        }
    });
}

/// Sets each number to zero where that of `units` is not positive. Both are rows of numbers with a stride each.
pub(crate) fn mask(rows: &mut [f32], stride: usize, units: &[f32], units_stride: usize) {
    vectorised!((rows: &mut [f32], stride: usize, units: &[f32], units_stride: usize) -> () {
        for (row, units) in rows.chunks_exact_mut(stride).zip(units.chunks_exact(units_stride)) {
            for (number, &unit) in row.iter_mut().zip(units) {
                let kept = u32::from(unit > 0.0).wrapping_neg();
                *number = f32::from_bits(number.to_bits() & kept);
            }
        }
    });
}

/// Writes `low + step * byte` for each byte.
pub(crate) fn decode(bytes: &[u8], step: &[f32], low: &[f32], numbers: &mut [f32]) {
    vectorised!((bytes: &[u8], step: &[f32], low: &[f32], numbers: &mut [f32]) -> () {
        for (((number, &byte), &step), &low) in numbers.iter_mut().zip(bytes).zip(step).zip(low) {
            *number = low + step * f32::from(byte);
        }
    });
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

    /// The sum in sixteen partial sums, written plainly.
    fn sum(numbers: impl ExactSizeIterator<Item = f32>) -> f32 {
        let (whole, mut sums, mut rest) = (numbers.len() / PARTS * PARTS, [0.0f32; PARTS], -0.0f32);
        for (index, number) in numbers.enumerate() {
            if index < whole {
                sums[index % PARTS] += number;
            } else {
                rest += number;
            }
        }
        sums.iter().sum::<f32>() + rest
    }

    #[test]
    fn normalised_rows_have_mean_zero_and_variance_one() {
        let mut rows = numbers();
        rows.truncate(3 * 45);
        rows[45..90].fill(3.0);
        let before = rows.clone();
        let (mut scales, mut kept) = (vec![0.0; 3], vec![7.0; 3 * 44]);
        // 3 rows of 45, of which 43 numbers are units.
        normalise_and_rectify(&mut rows, 45, 43, &mut scales, Some((&mut kept, 44)));
        for (index, row) in kept.chunks_exact(44).enumerate() {
            let mean = row[..43].iter().sum::<f32>() / 43.0;
            let variance = row[..43].iter().map(|number| number * number).sum::<f32>() / 43.0;
            // Equal numbers have no variance, and become zeros rather than infinite.
            let expected = if index == 1 { 0.0 } else { 1.0 };
            assert!(mean.abs() < 1e-5 && (variance - expected).abs() < 1e-3, "{mean} {variance}");
            assert_eq!(row[43], 7.0, "what lies beside the units stays");
            assert_eq!(rows[index * 45 + 44], before[index * 45 + 44], "what lies beside the 1 stays");
        }
    }

    /// Widths with and without a rest, and numbers of rows with and without one.
    #[test]
    fn rows_are_normalised_one_like_the_other_wherever_they_stand() {
        for (count, width) in [(1, 5), (15, 128), (16, 48), (37, 43), (128, 128)] {
            let (stride, kept_stride) = (width + 2, width + 1);
            let number = |index: usize| ((index * 37 + index / 5) % 41) as f32 * 0.1 - 2.0;
            let before: Vec<f32> = (0..count * stride).map(number).collect();
            let share = 1.0 / width as f32;

            let (mut rows, mut alone) = (before.clone(), before.clone());
            let (mut scales, mut scales_alone, mut kept) = (vec![0.0; count], vec![0.0; count], vec![7.0; count * kept_stride]);
            normalise_and_rectify(&mut rows, stride, width, &mut scales, Some((&mut kept, kept_stride)));
            normalise_and_rectify(&mut alone, stride, width, &mut scales_alone, None);
            assert_eq!((bits(&rows), bits(&scales)), (bits(&alone), bits(&scales_alone)));

            let mut gradients: Vec<f32> = before.iter().rev().copied().collect();
            let gradients_before = gradients.clone();
            normalise_gradient(&mut gradients, stride, width, &kept, kept_stride, &scales);
            for row in 0..count {
                let here = |numbers: &[f32]| numbers[row * stride..][..width].to_vec();
                let before = here(&before);
                let mean = share * sum(before.iter().copied());
                let shifted: Vec<f32> = before.iter().map(|number| number - mean).collect();
                let variance = share * sum(shifted.iter().map(|number| number * number));
                let scale = 1.0 / (variance + NORMALISATION_EPSILON).sqrt();
                assert_eq!(scales[row].to_bits(), scale.to_bits());
                let normalised: Vec<f32> = shifted.iter().map(|number| number * scale).collect();
                assert_eq!(bits(&kept[row * kept_stride..][..width]), bits(&normalised));
                let rectified: Vec<f32> = normalised.iter().map(|number| number.max(0.0)).collect();
                assert_eq!(bits(&here(&rows)), bits(&rectified));
                assert_eq!(rows[row * stride + width], 1.0);

                let gradient = here(&gradients_before);
                let mean = share * sum(gradient.iter().copied());
                let slope = share * sum(gradient.iter().zip(&normalised).map(|(gradient, number)| gradient * number));
                let through = gradient.iter().zip(&normalised);
                let through: Vec<f32> = through
                    .map(|(gradient, number)| scale * (gradient - mean - number * slope))
                    .collect();
                assert_eq!(bits(&here(&gradients)), bits(&through));
            }
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
