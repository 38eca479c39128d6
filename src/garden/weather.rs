//! Weather of a garden: showers, temperature, evaporation and light.
//!
//! An episode draws its temperature (normal), its evaporation factor (log-normal, mean 1) and its light (uniform) at its start.
//! During the episode, showers arrive as a Poisson process with exponential durations, and the light follows a random walk within
//! the season's bounds.

use bevy::prelude::*;
use rand_distr::{Distribution, Exp, LogNormal, Normal, StandardNormal, Uniform};

use super::SeasonState;
use crate::random::Stream;
use crate::scenario::{DECISION_S, Weather};

/// Weather state of a garden.
#[derive(Component, Clone, Debug, PartialEq)]
pub struct Sky {
    /// Temperature, in degrees Celsius.
    pub temperature_celsius: f32,
    /// Factor on the average evaporation.
    pub evaporation_factor: f32,
    /// Factor on all colours.
    pub light: f32,
    /// Remaining duration of the current shower, in seconds; 0 if it does not rain.
    pub shower_left_s: f32,
    /// Time until the next shower, in seconds.
    pub dry_left_s: f32,
    stream: Stream,
}

impl Sky {
    /// Creates the sky at the start of an episode with this weather.
    pub fn new(weather: &Weather, mut stream: Stream) -> Self {
        let warmer = weather.temperature_deviation_celsius * draw(StandardNormal, &mut stream);
        let sigma = weather.evaporation_log_deviation;
        // The mean of a log-normal is exp(mu + sigma^2 / 2): with this mu it is 1.
        let factor = LogNormal::new(-0.5 * sigma * sigma, sigma).map_or(1.0, |distribution| draw(distribution, &mut stream));
        let light = Uniform::new_inclusive(weather.light_low, weather.light_high)
            .map_or(weather.light_low, |distribution| draw(distribution, &mut stream));
        let dry_left_s = seconds_to_next_shower(weather, &mut stream);
        Self {
            temperature_celsius: weather.temperature_mean_celsius + warmer,
            evaporation_factor: factor * (1.0 + weather.evaporation_per_degree * warmer).max(0.0),
            light,
            shower_left_s: 0.0,
            dry_left_s,
            stream,
        }
    }

    /// `true` while it rains.
    pub fn rains(&self) -> bool {
        self.shower_left_s > 0.0
    }

    /// Advances the weather by one decision.
    fn pass(&mut self, weather: &Weather) {
        if weather.light_drift_per_minute > 0.0 {
            let deviation = weather.light_drift_per_minute * (DECISION_S / 60.0).sqrt();
            let drift = Normal::new(0.0, deviation).map_or(0.0, |distribution| draw(distribution, &mut self.stream));
            // Events can overlap, and push the bounds past each other.
            self.light = (self.light + drift).clamp(weather.light_low, weather.light_high.max(weather.light_low));
        }
        if self.rains() {
            self.shower_left_s = (self.shower_left_s - DECISION_S).max(0.0);
        } else if weather.showers_per_hour > 0.0 {
            self.dry_left_s -= DECISION_S;
            if self.dry_left_s <= 0.0 {
                self.shower_left_s = exponential(weather.shower_duration_s, &mut self.stream);
                self.dry_left_s = seconds_to_next_shower(weather, &mut self.stream);
            }
        }
    }
}

fn draw(distribution: impl Distribution<f32>, stream: &mut Stream) -> f32 {
    distribution.sample(stream)
}

fn exponential(mean: f32, stream: &mut Stream) -> f32 {
    Exp::new(1.0 / mean).map_or(mean, |distribution| draw(distribution, stream))
}

fn seconds_to_next_shower(weather: &Weather, stream: &mut Stream) -> f32 {
    if weather.showers_per_hour > 0.0 {
        exponential(3600.0 / weather.showers_per_hour, stream)
    } else {
        0.0
    }
}

/// Advances the weather of every garden by one decision.
pub fn change_weather(mut gardens: Query<(&SeasonState, &mut Sky)>) {
    for (season, mut sky) in &mut gardens {
        sky.pass(&season.climate.weather);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    fn skies(weather: &Weather) -> Vec<Sky> {
        (0..4000).map(|number| Sky::new(weather, stream(5, "sky", number))).collect()
    }

    #[test]
    fn evaporation_is_that_of_the_season_on_average() {
        let weather = Weather {
            evaporation_log_deviation: 0.3,
            ..Weather::default()
        };
        let mean = skies(&weather).iter().map(|sky| sky.evaporation_factor).sum::<f32>() / 4000.0;
        // Standard error: 0.31 / sqrt(4000) = 0.005.
        assert!((mean - 1.0).abs() < 0.025, "{mean}");
    }

    #[test]
    fn showers_come_as_often_and_last_as_long_as_the_season_says() {
        let weather = Weather {
            showers_per_hour: 360.0,
            shower_duration_s: 5.0,
            ..Weather::default()
        };
        let mut sky = Sky::new(&weather, stream(1, "sky", 0));
        let (mut showers, mut wet, decisions) = (0_u32, 0_u32, 200_000_u32);
        let mut rained = false;
        for _ in 0..decisions {
            sky.pass(&weather);
            showers += u32::from(sky.rains() && !rained);
            wet += u32::from(sky.rains());
            rained = sky.rains();
        }
        // One shower starts per 10 s of dry weather, and it lasts 5 s.
        let dry_s = (decisions - wet) as f32 * DECISION_S;
        assert!((dry_s / showers as f32 - 10.0).abs() < 1.0, "{}", dry_s / showers as f32);
        assert!((wet as f32 * DECISION_S / showers as f32 - 5.0).abs() < 0.5);
    }

    #[test]
    fn light_stays_between_its_bounds() {
        let weather = Weather {
            light_drift_per_minute: 1.0,
            ..Weather::default()
        };
        let mut sky = Sky::new(&weather, stream(2, "sky", 0));
        for _ in 0..5000 {
            sky.pass(&weather);
            assert!((weather.light_low..=weather.light_high).contains(&sky.light));
        }
    }
}
