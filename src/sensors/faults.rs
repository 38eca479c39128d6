//! Faults of the robot's eye: blur, dirt, noise and dead columns, in the order in which light meets them.
//!
//! The exposure is applied where colours become bytes. Dirty and dead columns are the same in every garden and episode, since they
//! belong to the robot; each fraction takes in the columns of any smaller one. Noise is drawn from the number of the view, so that one
//! view looks the same to everybody who asks for it.

use rand_distr::{Distribution, Normal};

use super::eye::PIXEL;
use crate::random::{number, stream};
use crate::scenario::Faults;

/// Applies the faults to a picture with this many columns: red, green, blue and nearness of each pixel, row by row.
pub(super) fn apply(faults: &Faults, view: u64, columns: usize, picture: &mut [u8]) {
    if faults.blur_columns > 0.0 {
        picture
            .chunks_exact_mut(columns * PIXEL)
            .for_each(|row| blur(row, faults.blur_columns));
    }
    if faults.dirt_fraction > 0.0 && faults.dirt_opacity > 0.0 {
        let dirt = faults.dirt_colour.to_array().map(|part| part * 255.0);
        each_of(columns, Fault::Dirt, faults.dirt_fraction, picture, |pixel| {
            for (byte, dirt) in pixel.iter_mut().zip(dirt) {
                let clear = f32::from(*byte);
                *byte = (clear + (dirt - clear) * faults.dirt_opacity + 0.5) as u8;
            }
        });
    }
    if let Ok(noise) = Normal::new(0.0, 255.0 * faults.noise_deviation)
        && faults.noise_deviation > 0.0
    {
        let mut stream = stream(view, "noise of the eye", 0);
        for byte in picture.chunks_exact_mut(PIXEL).flat_map(|pixel| &mut pixel[..PIXEL - 1]) {
            let drawn: f32 = noise.sample(&mut stream);
            *byte = (f32::from(*byte) + drawn + 0.5) as u8;
        }
    }
    if faults.dead_fraction > 0.0 {
        each_of(columns, Fault::DeadColumns, faults.dead_fraction, picture, |pixel| {
            pixel.fill(0)
        });
    }
}

/// A fault of some of the columns. Which ones have it is drawn by its number.
#[derive(Clone, Copy)]
enum Fault {
    Dirt = 1,
    DeadColumns = 2,
}

/// Calls `change` with each pixel of a fraction of the columns.
fn each_of(columns: usize, fault: Fault, fraction: f32, picture: &mut [u8], mut change: impl FnMut(&mut [u8])) {
    let order = |column: &usize| number(fault as u64, &[*column as u64]);
    let mut all: Vec<usize> = (0..columns).collect();
    all.sort_unstable_by_key(order);
    all.truncate((columns as f32 * fraction + 0.5) as usize);
    for row in picture.chunks_exact_mut(columns * PIXEL) {
        for &column in &all {
            change(&mut row[column * PIXEL..(column + 1) * PIXEL]);
        }
    }
}

/// Spreads the colours of a row to both sides by a Gaussian. What lies beyond the edge looks like the edge.
fn blur(row: &mut [u8], deviation: f32) {
    let reach = (3.0 * deviation) as usize + 1;
    let weights: Vec<f32> = (0..=reach)
        .map(|distance| libm::expf(-0.5 * (distance as f32 / deviation) * (distance as f32 / deviation)))
        .collect();
    let sum = weights[0] + 2.0 * weights[1..].iter().sum::<f32>();
    let sharp = row.to_vec();
    let last = row.len() / PIXEL - 1;
    for (column, pixel) in row.chunks_exact_mut(PIXEL).enumerate() {
        for (part, byte) in pixel[..PIXEL - 1].iter_mut().enumerate() {
            let seen = |column: usize| f32::from(sharp[column * PIXEL + part]);
            let sides =
                weights.iter().enumerate().skip(1).map(|(distance, weight)| {
                    weight * (seen(column.saturating_sub(distance)) + seen((column + distance).min(last)))
                });
            *byte = ((weights[0] * seen(column) + sides.sum::<f32>()) / sum + 0.5) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a picture of one row with 24 columns, in which only column 12 is white.
    fn picture() -> Vec<u8> {
        let mut picture = vec![0; 24 * PIXEL];
        picture[12 * PIXEL..12 * PIXEL + 3].fill(255);
        picture
    }

    fn with(faults: Faults, view: u64) -> Vec<u8> {
        let mut picture = picture();
        apply(&faults, view, 24, &mut picture);
        picture
    }

    fn reds(picture: &[u8]) -> Vec<u8> {
        picture.chunks_exact(PIXEL).map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn a_sound_eye_changes_nothing() {
        assert_eq!(with(Faults::default(), 5), picture());
    }

    #[test]
    fn blur_spreads_light_to_both_sides_and_loses_none() {
        let blurred = with(
            Faults {
                blur_columns: 1.0,
                ..Faults::default()
            },
            0,
        );
        let reds = reds(&blurred);
        // A Gaussian of deviation 1 in steps of 1: 0.399 of the light stays, 0.242 and 0.054 go to each side.
        assert_eq!(&reds[10..15], [14, 62, 102, 62, 14]);
        let sum: u32 = reds.iter().map(|&red| u32::from(red)).sum();
        assert!(sum.abs_diff(255) <= 3, "{sum}");
    }

    #[test]
    fn dirt_and_dead_columns_are_the_same_in_every_view_and_grow() {
        let dead = |fraction: f32, view: u64| -> Vec<usize> {
            let mut picture = vec![200; 24 * PIXEL];
            let faults = Faults {
                dead_fraction: fraction,
                ..Faults::default()
            };
            apply(&faults, view, 24, &mut picture);
            (0..24)
                .filter(|column| picture[column * PIXEL..][..PIXEL] == [0; PIXEL])
                .collect()
        };
        let (few, more) = (dead(0.25, 1), dead(0.5, 2));
        assert_eq!((few.len(), more.len(), dead(1.0, 0).len()), (6, 12, 24));
        assert!(few.iter().all(|column| more.contains(column)));
        assert_eq!(dead(0.25, 9), few);

        let dirty = with(
            Faults {
                dirt_fraction: 1.0,
                dirt_opacity: 0.5,
                dirt_colour: crate::scenario::Colour::from_bytes(100, 100, 100),
                ..Faults::default()
            },
            0,
        );
        assert_eq!(
            (dirty[0], dirty[12 * PIXEL], dirty[3]),
            (50, 178, 0),
            "the distance is not of the light"
        );
    }

    #[test]
    fn noise_is_a_function_of_the_view_and_has_its_deviation() {
        let noisy = |view: u64| {
            let mut picture = vec![128; 256 * PIXEL];
            let faults = Faults {
                noise_deviation: 0.1,
                ..Faults::default()
            };
            apply(&faults, view, 256, &mut picture);
            picture
        };
        assert_eq!(noisy(3), noisy(3));
        assert_ne!(noisy(3), noisy(4));
        let bytes: Vec<f64> = noisy(3)
            .chunks_exact(PIXEL)
            .flat_map(|pixel| &pixel[..3])
            .map(|&byte| f64::from(byte))
            .collect();
        let mean = bytes.iter().sum::<f64>() / bytes.len() as f64;
        let deviation = (bytes.iter().map(|byte| (byte - mean).powi(2)).sum::<f64>() / bytes.len() as f64).sqrt();
        // Standard errors over 768 draws: 0.92 and 0.65.
        assert!(
            (mean - 128.0).abs() < 4.0 && (deviation - 25.5).abs() < 3.0,
            "{mean} {deviation}"
        );
    }
}
