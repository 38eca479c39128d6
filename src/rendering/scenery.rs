//! Appearance of a season beyond its five colours: precipitation, litter on the ground, and the air.
//!
//! Nothing here depends on the names of seasons. Everything is derived from the colours and the weather of the scenario, so that
//! a user-defined season has its own scenery, and a gradual transition is smooth.

use bevy::prelude::*;

use super::frame_view::FrameView;
use crate::scenario::{Climate, Colour};

/// Time constant with which the scenery follows an abrupt change of season: two thirds of the way after this many seconds.
const TURNING_S: f32 = 1.4;

/// Appearance of a season beyond its five colours. All values are in 0..1.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct Scenery {
    /// Amount of snow, lying and falling.
    pub snow: f32,
    /// Amount of leaves, lying and falling.
    pub leaves: f32,
    /// Amount of falling blossom and of flowers in the grass.
    pub blossom: f32,
    /// Density of the fog.
    pub fog: f32,
    /// Height of the sun at noon: 0 low, 1 high.
    pub sun: f32,
}

impl Scenery {
    /// Derives the scenery of a climate.
    pub fn of(climate: &Climate) -> Self {
        let look = &climate.look;
        let celsius = climate.weather.temperature_mean_celsius;
        // 1 at `all` and beyond it, 0 at `none`, whichever of them is larger.
        let share = |number: f32, all: f32, none: f32| {
            let t = ((number - none) / (all - none)).clamp(0.0, 1.0);
            t * t * (3.0 - 2.0 * t)
        };

        let snow = share(celsius, 3.0, 12.0) * share(lightness(look.ground), 0.85, 0.68) * share(chroma(look.ground), 0.1, 0.25);
        // Autumn leaves are redder than green, while a golden bloom is nearly as green as red; and autumn is cool.
        let [red, green, blue] = look.fine.to_array();
        let leaves = share(red - green, 0.4, 0.22) * share(red - blue, 0.4, 0.2) * share(celsius, 13.0, 20.0);
        let blossom =
            share(green - red.max(blue), 0.3, 0.1) * share(celsius, 9.0, 4.0) * share(celsius, 18.0, 23.0) * (1.0 - snow);
        let grey_sky = share(chroma(look.sky), 0.12, 0.3);
        let fog = grey_sky * share(celsius, 12.0, 20.0) * (1.0 - 0.65 * snow);
        let sun = ((celsius + 2.0) / 27.0).clamp(0.0, 1.0);
        Self {
            snow,
            leaves,
            blossom,
            fog,
            sun,
        }
    }

    /// Interpolates towards `other` by `fraction` (0..1).
    pub fn mix(&self, other: &Self, fraction: f32) -> Self {
        let mix = |from: f32, to: f32| from + (to - from) * fraction;
        Self {
            snow: mix(self.snow, other.snow),
            leaves: mix(self.leaves, other.leaves),
            blossom: mix(self.blossom, other.blossom),
            fog: mix(self.fog, other.fog),
            sun: mix(self.sun, other.sun),
        }
    }

    /// Returns `true` if the difference between the two is not visible.
    pub fn is_like(&self, other: &Self) -> bool {
        let near = |from: f32, to: f32| (from - to).abs() < 2e-3;
        near(self.snow, other.snow)
            && near(self.leaves, other.leaves)
            && near(self.blossom, other.blossom)
            && near(self.fog, other.fog)
            && near(self.sun, other.sun)
    }
}

/// Derives the scenery of this frame. The first one applies at once; later ones are approached over some seconds.
pub fn derive_scenery(time: Res<Time>, shown: Option<Res<FrameView>>, mut scenery: ResMut<Scenery>, mut begun: Local<bool>) {
    let Some(shown) = shown else { return };
    let wanted = Scenery::of(&shown.before.climate).mix(&Scenery::of(&shown.after.climate), shown.fraction);
    let step = if *begun { easing(time.delta_secs(), TURNING_S) } else { 1.0 };
    *begun = true;
    // Drawing systems use change detection, so the resource is only written if necessary.
    if scenery.is_like(&wanted) {
        scenery.set_if_neq(wanted);
    } else {
        *scenery = scenery.mix(&wanted, step);
    }
}

/// Returns the fraction of the remaining distance covered in `delta_s` with this time constant.
pub(super) fn easing(delta_s: f32, constant_s: f32) -> f32 {
    1.0 - libm::expf(-delta_s / constant_s)
}

/// Returns the lightness of a colour, in 0..1.
pub(super) fn lightness(colour: Colour) -> f32 {
    0.3 * colour.red + 0.59 * colour.green + 0.11 * colour.blue
}

/// Returns the distance of a colour from grey, in 0..1.
pub(super) fn chroma(colour: Colour) -> f32 {
    let [red, green, blue] = colour.to_array();
    red.max(green).max(blue) - red.min(green).min(blue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Moment, Scenario};

    fn scenery(season: usize) -> Scenery {
        let scenario = Scenario::load("four_seasons").unwrap().scenario;
        Scenery::of(&scenario.climate(Moment::pure(season)))
    }

    #[test]
    fn the_shipped_seasons_get_the_scenery_that_their_names_promise() {
        let [spring, summer, autumn, winter] = [0, 1, 2, 3].map(scenery);
        assert!(spring.blossom > 0.9 && spring.snow == 0.0 && spring.leaves == 0.0 && spring.fog < 0.05);
        assert!(summer.blossom + summer.snow + summer.leaves + summer.fog == 0.0, "{summer:?}");
        assert!(summer.sun > 0.95);
        assert!(autumn.leaves > 0.9 && autumn.fog > 0.9 && autumn.snow == 0.0 && autumn.blossom == 0.0);
        assert!(winter.snow > 0.95 && winter.leaves == 0.0 && winter.blossom == 0.0);
        assert!(winter.sun < autumn.sun && autumn.sun < spring.sun && spring.sun < summer.sun);
    }

    #[test]
    fn a_season_that_turns_into_another_never_leaps() {
        let scenario = Scenario::load("gradual_year").unwrap().scenario;
        for season in 0..4 {
            let mut last: Option<Scenery> = None;
            for step in 0..=200 {
                let moment = Moment::turning(season, (season + 1) % 4, step as f32 / 200.0);
                let now = Scenery::of(&scenario.climate(moment));
                if let Some(last) = last {
                    let change = [now.snow - last.snow, now.leaves - last.leaves, now.blossom - last.blossom]
                        .into_iter()
                        .fold(0.0_f32, |most, change| most.max(change.abs()));
                    assert!(change < 0.1, "{season} {step}: {last:?} to {now:?}");
                }
                last = Some(now);
            }
        }
    }

    #[test]
    fn green_grass_bears_no_snow_however_cold_it_is() {
        let scenario = Scenario::load("four_seasons").unwrap().scenario;
        let mut climate = scenario.climate(Moment::pure(0));
        climate.weather.temperature_mean_celsius = -10.0;
        assert_eq!(Scenery::of(&climate).snow, 0.0);
    }
}
