//! Conflict between two looks as an angle.
//!
//! A pair of colours (fine, thirsty) is turned about its midpoint in OKLab: by 0 degrees the two looks agree, by 90 neither helps nor misleads, by
//! 180 they are swapped. The distance of the colours, by which thirst is seen, stays the same. An interpolation between the pair and its reverse
//! would pass through a pair that cannot be told apart.

use palette::convert::FromColorUnclamped;
use palette::{FromColor, Oklab, Srgb};

use crate::scenario::{Colour, PlantLook};

/// Farthest that a component may lie outside of 0..1: rounding, which a byte cannot show.
const GAMUT_SLACK: f64 = 0.002;
/// Largest difference in OKLab at which midpoints and lengths count as the same: rounding of the four colours to bytes.
const ROUNDING: f64 = 0.01;

/// Returns a pair of colours turned about its midpoint by an angle; `None` if sRGB does not have one of the colours.
///
/// The plane of rotation contains the pair and the direction of constant lightness across it, so a pair of one lightness keeps that at all
/// angles, and only its hues change. Colours are rounded to bytes.
pub fn turned(pair: PlantLook, degrees: f64) -> Option<PlantLook> {
    if degrees == 0.0 {
        return Some(pair);
    }
    let [fine, thirsty] = [pair.fine, pair.thirsty].map(lab);
    let middle: [f64; 3] = std::array::from_fn(|part| 0.5 * (fine[part] + thirsty[part]));
    let half: [f64; 3] = std::array::from_fn(|part| 0.5 * (thirsty[part] - fine[part]));
    let chroma = half[1].hypot(half[2]);
    // A pair that differs in lightness alone has no direction across it: any will do.
    let across = if chroma > 1e-6 {
        [0.0, -half[2] / chroma, half[1] / chroma]
    } else {
        [0.0, 1.0, 0.0]
    };
    let (sine, cosine) = (libm::sin(degrees.to_radians()), libm::cos(degrees.to_radians()));
    let length = length(half);
    let now: [f64; 3] = std::array::from_fn(|part| half[part] * cosine + across[part] * length * sine);
    Some(PlantLook {
        fine: colour(std::array::from_fn(|part| middle[part] - now[part]))?,
        thirsty: colour(std::array::from_fn(|part| middle[part] + now[part]))?,
    })
}

/// Returns the angle in degrees by which a pair was turned to give another one, in 0..180; `None` if no rotation about the midpoint does.
pub fn angle_degrees(from: PlantLook, to: PlantLook) -> Option<f64> {
    let parts = |pair: PlantLook| {
        let [fine, thirsty] = [pair.fine, pair.thirsty].map(lab);
        let middle: [f64; 3] = std::array::from_fn(|part| 0.5 * (fine[part] + thirsty[part]));
        let way: [f64; 3] = std::array::from_fn(|part| thirsty[part] - fine[part]);
        (middle, way)
    };
    let ((from_middle, from_way), (to_middle, to_way)) = (parts(from), parts(to));
    let apart = length(std::array::from_fn(|part| from_middle[part] - to_middle[part]));
    let (from_length, to_length) = (length(from_way), length(to_way));
    if apart > ROUNDING || (from_length - to_length).abs() > ROUNDING || from_length < 2.0 * ROUNDING {
        return None;
    }
    let dot: f64 = from_way.iter().zip(to_way).map(|(from, to)| from * to).sum();
    Some(libm::acos((dot / (from_length * to_length)).clamp(-1.0, 1.0)).to_degrees())
}

fn length(vector: [f64; 3]) -> f64 {
    vector.iter().map(|part| part * part).sum::<f64>().sqrt()
}

fn lab(colour: Colour) -> [f64; 3] {
    let seen: Oklab<f64> = Oklab::from_color(Srgb::new(
        f64::from(colour.red),
        f64::from(colour.green),
        f64::from(colour.blue),
    ));
    [seen.l, seen.a, seen.b]
}

fn colour([l, a, b]: [f64; 3]) -> Option<Colour> {
    // Unclamped: a colour outside of sRGB must be told.
    let seen: Srgb<f64> = Srgb::from_color_unclamped(Oklab::new(l, a, b));
    let parts = [seen.red, seen.green, seen.blue];
    if !parts.iter().all(|part| (-GAMUT_SLACK..=1.0 + GAMUT_SLACK).contains(part)) {
        return None;
    }
    let [red, green, blue] = parts.map(|part| (part.clamp(0.0, 1.0) * 255.0).round() as u8);
    Some(Colour::from_bytes(red, green, blue))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authoring::family::phase::FIRST_PAIR;

    fn distance(pair: PlantLook) -> f64 {
        let [fine, thirsty] = [pair.fine, pair.thirsty].map(lab);
        length(std::array::from_fn(|part| thirsty[part] - fine[part]))
    }

    #[test]
    fn a_pair_turned_by_nothing_is_the_same_and_by_half_a_turn_swapped() {
        assert_eq!(turned(FIRST_PAIR, 0.0), Some(FIRST_PAIR));
        let swapped = turned(FIRST_PAIR, 180.0).unwrap();
        let bytes = |colour: Colour| colour.to_array().map(|part| (part * 255.0).round() as i32);
        for (now, before) in [(swapped.fine, FIRST_PAIR.thirsty), (swapped.thirsty, FIRST_PAIR.fine)] {
            let differences = bytes(now)
                .into_iter()
                .zip(bytes(before))
                .map(|(now, before)| (now - before).abs());
            assert!(differences.max() <= Some(1), "{now:?} {before:?}");
        }
    }

    #[test]
    fn the_angle_is_that_of_the_rotation_and_the_distance_stays() {
        for degrees in (0..=180).step_by(15) {
            let pair = turned(FIRST_PAIR, f64::from(degrees)).unwrap();
            let found = angle_degrees(FIRST_PAIR, pair).unwrap();
            assert!((found - f64::from(degrees)).abs() < 2.0, "{degrees}: {found}");
            assert!((distance(pair) - distance(FIRST_PAIR)).abs() < 0.005, "{degrees}");
        }
    }

    #[test]
    fn colours_that_no_screen_shows_are_refused() {
        // A strong green and a strong yellow: across them lies a yellow that is stronger than sRGB has.
        let pair = PlantLook {
            fine: "#40a633".parse().unwrap(),
            thirsty: "#ccbf40".parse().unwrap(),
        };
        assert_eq!(turned(pair, 90.0), None);
    }

    #[test]
    fn pairs_of_other_colours_are_no_rotation() {
        let other = PlantLook {
            fine: FIRST_PAIR.fine,
            thirsty: "#000000".parse().unwrap(),
        };
        assert_eq!(angle_degrees(FIRST_PAIR, other), None);
    }
}
