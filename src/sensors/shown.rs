//! Place at which the eye shows a plant, and its pixel there.

use bevy::math::Vec2;

use crate::physics::Pose;
use crate::scenario::Eye;

/// A crown reaches at most this far from its stem towards the eye, in metres.
const CROWN_M: f32 = 0.45;

/// A plant as an observation shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Column of the eye, from the left.
    pub column: usize,
    /// Red, green, blue and nearness of its pixel in the middle row.
    pub pixel: [u8; 4],
}

/// Returns how an observation shows a plant; `None` if it is outside of the field of view, or hidden behind something.
pub fn shown(eye: &Eye, pose: &Pose, plant_m: Vec2, observation: &[u8]) -> Option<Shown> {
    let half_field_rad = 0.5 * eye.field_of_view_degrees.to_radians();
    let at_m = pose.robot_from_plane(plant_m);
    let (distance_m, angle_rad) = (at_m.length(), libm::atan2f(at_m.y, at_m.x));
    if angle_rad.abs() >= half_field_rad {
        return None;
    }
    let place = (half_field_rad - angle_rad) / (2.0 * half_field_rad) * eye.columns as f32;
    let column = (place as usize).min(eye.columns - 1);
    let start = 4 * (eye.rows / 2 * eye.columns + column);
    let pixel: [u8; 4] = observation.get(start..start + 4)?.try_into().ok()?;
    // Nearness is 1 / (0.3 + distance), in 255 parts of its largest value.
    let seen_m = 0.3 * 255.0 / f32::from(pixel[3].max(1)) - 0.3;
    (distance_m - CROWN_M..=distance_m + 0.1)
        .contains(&seen_m)
        .then_some(Shown { column, pixel })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{DEFAULT_SCENARIO, Scenario};

    #[test]
    fn a_plant_is_shown_where_its_nearness_says_that_it_is() {
        let eye = Scenario::load(DEFAULT_SCENARIO).unwrap().scenario.eye;
        let mut observation = vec![0; 4 * eye.columns * eye.rows];
        let pose = Pose::new(Vec2::ZERO, 0.0);
        let ahead = Vec2::new(1.2, 0.0);
        assert_eq!(shown(&eye, &pose, ahead, &observation), None, "nothing is near");
        let column = eye.columns / 2;
        let pixel = 4 * (eye.rows / 2 * eye.columns + column);
        // 1.1 m: 0.3 / (0.3 + 1.1) of 255.
        observation[pixel..pixel + 4].copy_from_slice(&[10, 20, 30, 55]);
        let expected = Shown {
            column,
            pixel: [10, 20, 30, 55],
        };
        assert_eq!(shown(&eye, &pose, ahead, &observation), Some(expected));
        assert_eq!(
            shown(&eye, &pose, ahead * 2.0, &observation),
            None,
            "something nearer hides it"
        );
        assert_eq!(shown(&eye, &pose, -ahead, &observation), None, "behind the robot");
    }
}
