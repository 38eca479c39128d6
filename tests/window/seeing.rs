//! Contents of pictures and facts.

use std::fs;
use std::path::{Path, PathBuf};

use image::RgbImage;
use libtest_mimic::Failed;

/// Reads a picture.
pub(crate) fn picture(path: PathBuf) -> Result<RgbImage, Failed> {
    Ok(image::open(path)?.to_rgb8())
}

/// Reads the facts of a tour.
pub(crate) fn facts(folder: &Path) -> Result<Vec<serde_json::Value>, Failed> {
    let text = fs::read_to_string(folder.join("facts.jsonl"))?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// Fails with these words if something does not hold.
pub(crate) fn expect(holds: bool, told: impl Into<String>) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(told.into().into()) }
}

/// Mean colour of a part of a picture, given in hundredths of its width and height.
pub(crate) fn mean_colour(picture: &RgbImage, (left, top, right, bottom): (u32, u32, u32, u32)) -> [f64; 3] {
    let (width, height) = picture.dimensions();
    let mut sums = [0.0; 3];
    let mut pixels = 0.0;
    for y in top * height / 100..bottom * height / 100 {
        for x in left * width / 100..right * width / 100 {
            for (sum, value) in sums.iter_mut().zip(picture.get_pixel(x, y).0) {
                *sum += f64::from(value);
            }
            pixels += 1.0;
        }
    }
    sums.map(|sum| sum / pixels)
}

/// Distance of two colours.
pub(crate) fn distance(one: [f64; 3], other: [f64; 3]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

/// Returns the number of colours in a picture, to five bits a channel: a blank one has one, a garden hundreds.
pub(crate) fn colours(picture: &RgbImage) -> usize {
    let coarse = picture.pixels().map(|pixel| pixel.0.map(|value| value >> 3));
    coarse.collect::<std::collections::BTreeSet<_>>().len()
}

/// The middle of a window, where the garden is.
pub(crate) const MIDDLE: (u32, u32, u32, u32) = (30, 40, 70, 80);
