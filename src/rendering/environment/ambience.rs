//! Ambience of a frame: position of the sun, brightness, and the colours of the season.
//!
//! An episode looks like a day: the sun is in the morning position when it begins, and sinks to the late afternoon as it ends.
//! Everything is a function of the [state of the frame](crate::rendering::frame_view::FrameView), smoothed over time, so that an
//! abrupt change of season is a visible transition.

use bevy::prelude::*;

use super::material::Air;
use super::palette::{linear, paints, saturated, tone};
use crate::rendering::frame_view::FrameView;
use crate::rendering::scenery::{Scenery, chroma, easing};
use crate::scenario::Look;

/// Time constant with which colours follow an abrupt change of season, in seconds.
const TURNING_S: f32 = 1.2;
/// Time constant with which the sun follows the start of another day, in seconds.
const SUN_S: f32 = 1.5;
/// Time constant with which the ground becomes wet in rain, and dries, in seconds.
const WETTING_S: f32 = 5.0;
const DRYING_S: f32 = 22.0;
/// Total illumination of level ground, chosen such that its colour appears as in the scenario.
const LIGHT_ON_GROUND: f32 = 1.02;

/// Ambience of a frame.
#[derive(Resource, Clone, Debug)]
pub(super) struct Ambience {
    /// Colours of the season, smoothed.
    look: Look,
    /// Elapsed fraction of the day, from morning to late afternoon.
    day_fraction: f32,
    /// Strength of the rain, in 0..1.
    rain: f32,
    /// Wetness of the ground, in 0..1.
    wetness: f32,
    /// Amount of ice, in 0..1.
    ice: f32,
    /// Factor on all colours.
    light: f32,
    /// The values as passed to the shader.
    pub(super) air: Air,
    /// Strength of the sun: 1 at the zenith would render white ground as white without other light.
    pub(super) sun_strength: f32,
    /// Strength of the ambient light.
    pub(super) ambient_strength: f32,
}

impl Ambience {
    /// Computes the ambience of a frame without smoothing.
    pub(super) fn of(shown: &FrameView, scenery: &Scenery) -> Self {
        let mut ambience = Self {
            look: shown.look(),
            day_fraction: day_fraction(shown),
            rain: rain(shown),
            wetness: rain(shown),
            ice: ice(shown),
            light: shown.light(),
            air: Air {
                sun_direction: Vec4::Y,
                sun_colour: Vec4::ONE,
                sky_light: Vec4::ONE,
                ground_light: Vec4::ONE,
                fog: Vec4::ONE,
                horizon: Vec4::ONE,
                zenith: Vec4::ONE,
                season: Vec4::ZERO,
                weather: Vec4::ZERO,
                plot: Vec4::ONE,
                paints: [Vec4::ONE; super::palette::PAINTS],
            },
            sun_strength: 1.0,
            ambient_strength: 0.4,
        };
        ambience.compose(shown, scenery);
        ambience
    }

    /// Moves towards the state of a frame, by `delta_s` seconds.
    pub(super) fn follow(&mut self, shown: &FrameView, scenery: &Scenery, delta_s: f32) {
        let wanted = shown.look();
        let mixed = self.look.mix(&wanted, easing(delta_s, TURNING_S));
        self.look = if near(&mixed, &wanted) { wanted } else { mixed };
        let towards = |from: &mut f32, to: f32, constant_s: f32| *from += (to - *from) * easing(delta_s, constant_s);
        towards(&mut self.day_fraction, day_fraction(shown), SUN_S);
        towards(&mut self.light, shown.light(), 0.6);
        towards(&mut self.ice, ice(shown), TURNING_S);
        let rain = rain(shown);
        towards(&mut self.rain, rain, 0.5);
        let drying_s = if rain > self.wetness { WETTING_S } else { DRYING_S };
        towards(&mut self.wetness, rain, drying_s);
        self.compose(shown, scenery);
    }

    /// Computes the values for the shader.
    fn compose(&mut self, shown: &FrameView, scenery: &Scenery) {
        let look = &self.look;
        let sky = tone(look.sky);
        let overcast = (0.75 * scenery.fog + 0.55 * self.rain + 0.3 * scenery.snow).min(1.0);

        // From the left of the first view to its front.
        let compass_rad = 172_f32.to_radians() - 76_f32.to_radians() * self.day_fraction;
        let noon_deg = 30.0 + 34.0 * scenery.sun;
        let height = (std::f32::consts::PI * (0.2 + 0.62 * self.day_fraction)).sin();
        let elevation_rad = (noon_deg * (0.35 + 0.65 * height)).to_radians();
        let (up, along) = elevation_rad.sin_cos();
        let sun_direction = Vec3::new(along * compass_rad.cos(), up, along * compass_rad.sin());

        self.ambient_strength = 0.40 + 0.16 * overcast;
        self.sun_strength = ((LIGHT_ON_GROUND - self.ambient_strength) / up).min(1.5);
        let low = 1.0 - ((elevation_rad.to_degrees() - 18.0) / 34.0).clamp(0.0, 1.0);
        let warmth = Vec3::new(1.0, 0.955, 0.86).lerp(Vec3::new(1.0, 0.86, 0.66), low);
        let warmth = warmth.lerp(Vec3::splat(0.96), 0.6 * overcast);
        let sun_colour = warmth * self.sun_strength * self.light;
        // The sky adds the blue that the sun lacks.
        let sky_tint = Vec3::splat(1.0).lerp(Vec3::new(0.82, 0.97, 1.28), 0.9 - 0.6 * overcast);
        let sky_light = sky_tint * self.ambient_strength * self.light;
        let bounce = (linear(tone(look.ground)) * 0.5 + Vec3::splat(0.30)) * Vec3::new(1.08, 1.0, 0.88);
        let ground_light = bounce * self.ambient_strength * self.light * 1.05;

        let grey = 1.0 - (chroma(look.sky) * 3.0).clamp(0.0, 1.0);
        let pale = Vec3::new(1.0, 0.965, 0.90).lerp(sky, 0.35 + 0.25 * grey);
        let horizon = linear(sky.lerp(pale, 0.62)) * self.light.min(1.08);
        let zenith = linear(saturated(sky, 1.15) * (1.0 - 0.10 * (1.0 - grey))) * self.light.min(1.08);
        let dulled = |colour: Vec3| colour.lerp(Vec3::new(0.42, 0.45, 0.50), 0.35 * self.rain);
        let (horizon, zenith) = (dulled(horizon), dulled(zenith));
        let thickness_per_m = 0.006 + 0.016 * scenery.fog + 0.009 * scenery.snow + 0.010 * self.rain;

        let flurry = if scenery.snow > 0.0 { self.rain } else { 0.0 };
        let clouds = (0.5 + 0.3 * overcast + 0.3 * self.rain + 0.1 * (1.0 - scenery.sun)).min(1.0);
        let flowers = (scenery.blossom + 0.35 * scenery.sun * (1.0 - scenery.leaves)).min(1.0) * (1.0 - scenery.snow);
        self.air = Air {
            sun_direction: sun_direction.extend(clouds),
            sun_colour: sun_colour.extend(0.9988),
            sky_light: sky_light.extend(0.0),
            ground_light: ground_light.extend(0.0),
            fog: horizon.extend(thickness_per_m),
            horizon: horizon.extend(0.0),
            zenith: zenith.extend(0.0),
            season: Vec4::new(scenery.snow, scenery.leaves, scenery.blossom, scenery.fog),
            weather: Vec4::new(
                self.rain * (1.0 - scenery.snow),
                self.wetness * (1.0 - scenery.snow),
                self.ice,
                0.55 + 0.25 * scenery.leaves + 0.3 * self.rain,
            ),
            plot: Vec4::new(
                0.5 * shown.scenario.plot.side_m,
                shown.scenario.plot.wall_height_m,
                scenery.snow * (0.45 + 0.55 * flurry),
                flowers,
            ),
            paints: paints(look, scenery),
        };
    }
}

/// Returns the elapsed fraction of the episode, in 0..1.
fn day_fraction(shown: &FrameView) -> f32 {
    shown
        .mix(|view| view.episode.decisions as f32 / view.episode.length.max(1) as f32)
        .clamp(0.0, 1.0)
}

fn rain(shown: &FrameView) -> f32 {
    shown.mix(|view| if view.sky.rains { 1.0 } else { 0.0 })
}

/// Returns the amount of ice, in 0..1: where traction is low and the air is cold.
fn ice(shown: &FrameView) -> f32 {
    let traction = shown.mix(|view| view.climate.dynamics.traction);
    let cold = shown.mix(|view| view.climate.weather.temperature_mean_celsius);
    ((0.4 - traction) / 0.12).clamp(0.0, 1.0) * ((6.0 - cold) / 4.0).clamp(0.0, 1.0)
}

/// Returns `true` if the difference between two looks is not visible.
fn near(this: &Look, that: &Look) -> bool {
    let parts = |look: &Look| [look.ground, look.sky, look.wall, look.fine, look.thirsty].map(tone);
    parts(this)
        .iter()
        .zip(&parts(that))
        .all(|(this, that)| (*this - *that).abs().max_element() < 2e-3)
}
