//! What the season looks like beyond its five colours: what falls, what lies, how the air is.
//!
//! Nothing here knows the name of a season. All of it follows from the colours and the weather that the scenario gives, so a season
//! that somebody writes gets its scenery by itself, and one that turns into another does so smoothly.

use bevy::prelude::*;

use super::frame_view::FrameView;
use crate::scenario::{Climate, Colour};

/// How long the scenery takes to follow a season that changed at once: after so many seconds two thirds of the way are done.
const TURNING_S: f32 = 1.4;

/// What the season looks like beyond its five colours. All shares are in 0..1.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct Scenery {
    /// How much snow lies, and falls.
    pub snow: f32,
    /// How many leaves fall and lie.
    pub leaves: f32,
    /// How much blossom falls and how many flowers stand in the grass.
    pub blossom: f32,
    /// How much fog there is.
    pub fog: f32,
    /// How high the sun stands at noon: 0 low, 1 high.
    pub sun: f32,
}

impl Scenery {
    /// The scenery of a climate.
    pub fn of(climate: &Climate) -> Self {
        let look = &climate.look;
        let celsius = climate.weather.temperature_mean_celsius;
        // 1 at the first number and beyond it, 0 at the second: whichever of them is the larger.
        let share = |number: f32, all: f32, none: f32| {
            let t = ((number - none) / (all - none)).clamp(0.0, 1.0);
            t * t * (3.0 - 2.0 * t)
        };

        let snow = share(celsius, 3.0, 12.0) * share(lightness(look.ground), 0.85, 0.68) * share(chroma(look.ground), 0.1, 0.25);
        // Turned leaves are redder than they are green; a golden bloom nearly as green as red; and it takes a cool day.
        let [red, green, blue] = look.plant_fine.to_array();
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

    /// The scenery a part of the way (0..1) to `other`.
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

    /// Whether nobody would see the difference between the two.
    pub fn is_like(&self, other: &Self) -> bool {
        let near = |from: f32, to: f32| (from - to).abs() < 2e-3;
        near(self.snow, other.snow)
            && near(self.leaves, other.leaves)
            && near(self.blossom, other.blossom)
            && near(self.fog, other.fog)
            && near(self.sun, other.sun)
    }
}

/// Derives the scenery of this frame. The first one is there at once; later ones are turned to in some seconds.
pub fn derive_scenery(time: Res<Time>, shown: Option<Res<FrameView>>, mut scenery: ResMut<Scenery>, mut begun: Local<bool>) {
    let Some(shown) = shown else { return };
    let wanted = Scenery::of(&shown.before.climate).mix(&Scenery::of(&shown.after.climate), shown.fraction);
    let step = if *begun { easing(time.delta_secs(), TURNING_S) } else { 1.0 };
    *begun = true;
    // Whoever draws looks for changes; so there must be none without need.
    if scenery.is_like(&wanted) {
        scenery.set_if_neq(wanted);
    } else {
        *scenery = scenery.mix(&wanted, step);
    }
}

/// Which part of the rest a thing covers in `delta_s` if it follows with this time constant.
pub(super) fn easing(delta_s: f32, constant_s: f32) -> f32 {
    1.0 - libm::expf(-delta_s / constant_s)
}

/// How light a colour is, in 0..1.
pub(super) fn lightness(colour: Colour) -> f32 {
    0.3 * colour.red + 0.59 * colour.green + 0.11 * colour.blue
}

/// How far a colour is from grey, in 0..1.
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
                let moment = Moment {
                    season,
                    next: (season + 1) % 4,
                    turned: step as f32 / 200.0,
                };
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
