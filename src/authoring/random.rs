//! Years drawn at random, at a wanted degree of conflict, so that methods are tested on gardens that nobody tuned for.

use palette::{FromColor, Oklch, Srgb};
use rand_distr::{Distribution, Uniform};

use super::contrast::{Conflict, contrast};
use crate::random::{Stream, stream};
use crate::scenario::{Colour, Dynamics, Faults, Look, Moment, Scenario, Schedule, Season, SeasonTransition, Weather};

/// Degree of conflict between the seasons of a year: the mean of [`Conflict::wrong`] over all pairs of seasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Degree {
    /// Below 0.1: what is learned in one season holds in the others.
    Low,
    /// From 0.2 to 0.4: some of it holds.
    Medium,
    /// Above 0.5: most of it misleads.
    High,
}

impl Degree {
    fn holds(self, conflict: f32) -> bool {
        match self {
            Self::Low => conflict < 0.1,
            Self::Medium => (0.2..0.4).contains(&conflict),
            Self::High => conflict > 0.5,
        }
    }
}

/// Most seasons of a random year.
pub const MOST_SEASONS: usize = 12;
/// Least fraction of single looks in which thirsty and fine are told apart.
const TOLD_APART: f32 = 0.97;
/// Number of years that are drawn until one has the wanted degree. More seasons make it rarer.
const TRIES: u64 = 20_000;

/// Returns a year drawn at random; `None` if none of this degree was found, which many seasons of high conflict can cause.
///
/// Colours are even in lightness, chroma and hue as people see them (OKLCH). Temperature, evaporation, showers, light and traction of a
/// season go together: hot ground is dry and gives hold, frost is slippery.
pub fn random_year(seed: u64, seasons: usize, degree: Degree) -> Option<Scenario> {
    let mut stream = stream(seed, "random year", 0);
    let mut scenario = Scenario {
        name: format!("random {seed}"),
        description: format!(
            "Drawn at random with seed {seed}: {seasons} seasons of {} conflict.",
            match degree {
                Degree::Low => "low",
                Degree::Medium => "medium",
                Degree::High => "high",
            }
        ),
        schedule: Default::default(),
        plot: Default::default(),
        plants: Default::default(),
        robot: Default::default(),
        eye: Default::default(),
        episode: Default::default(),
        rewards: Default::default(),
        seasons: (0..seasons).map(|number| season(number, &mut stream)).collect(),
    };
    // Colours are drawn anew until they conflict as wanted. One season at a time: of whole years, few would do.
    let mut conflict = Conflict::of(&scenario).mean();
    for attempt in 0..TRIES {
        if degree.holds(conflict) || seasons < 2 {
            return Some(scenario);
        }
        let number = attempt as usize % seasons;
        let before = scenario.seasons[number].look.clone();
        scenario.seasons[number].look = look(&scenario.seasons[number].weather, &mut stream);
        let now = Conflict::of(&scenario).mean();
        let is_nearer = match degree {
            Degree::Low => now < conflict,
            Degree::Medium => (now - 0.3).abs() < (conflict - 0.3).abs(),
            Degree::High => now > conflict,
        };
        if is_nearer {
            conflict = now;
        } else {
            scenario.seasons[number].look = before;
        }
    }
    None
}

fn uniform(low: f32, high: f32, stream: &mut Stream) -> f32 {
    Uniform::new_inclusive(low, high).map_or(low, |distribution| distribution.sample(stream))
}

/// Rounds to digits that a person would write.
fn round(number: f32, digits: f32) -> f32 {
    (number * digits).round() / digits
}

fn season(number: usize, stream: &mut Stream) -> Season {
    let celsius = round(uniform(-6.0, 36.0, stream), 1.0);
    // 0 at frost, 1 on a hot day.
    let warmth = ((celsius + 6.0) / 42.0).clamp(0.0, 1.0);
    let light_low = round(uniform(0.7, 0.9, stream), 100.0);
    let weather = Weather {
        temperature_mean_celsius: celsius,
        showers_per_hour: round(uniform(0.0, 8.0 - 5.0 * warmth, stream), 1.0),
        shower_duration_s: round(uniform(4.0, 12.0, stream), 1.0),
        rain_moisture_per_decision: round(uniform(0.001, 0.006, stream), 1000.0),
        light_low,
        light_high: round(uniform(light_low + 0.1, 1.15, stream), 100.0),
        ..Weather::default()
    };
    let traction = if celsius < 2.0 {
        uniform(0.2, 0.35, stream)
    } else {
        uniform(0.5, 0.75, stream) + 0.2 * warmth
    };
    Season {
        name: format!("season {}", number + 1),
        relative_length: 1.0,
        look: look(&weather, stream),
        dynamics: Dynamics {
            evaporation_per_decision: round(0.0035 + 0.005 * warmth + uniform(0.0, 0.001, stream), 10_000.0),
            traction: round(traction, 100.0),
        },
        weather,
        rewards: Default::default(),
        faults: Default::default(),
        props: Vec::new(),
        events: Vec::new(),
        drift: None,
    }
}

/// Draws the colours of a season, until thirst can be seen in them.
pub(super) fn look(weather: &Weather, stream: &mut Stream) -> Look {
    loop {
        let fine = colour([0.45, 0.85], [0.06, 0.19], stream);
        let thirsty = colour([0.4, 0.85], [0.03, 0.17], stream);
        let plant = crate::scenario::PlantLook { fine, thirsty };
        let tint_deviation = crate::scenario::Plants::default().tint_deviation;
        let found = contrast(plant, tint_deviation, weather, &Faults::default());
        if found.told_apart >= TOLD_APART && found.distance >= 20.0 {
            return Look {
                ground: colour([0.55, 0.95], [0.01, 0.12], stream),
                sky: colour([0.7, 0.92], [0.01, 0.12], stream),
                wall: colour([0.45, 0.75], [0.0, 0.05], stream),
                fine,
                thirsty,
                species: Default::default(),
            };
        }
    }
}

/// Draws a colour of sRGB with lightness and chroma in these ranges, in OKLCH.
fn colour(lightness: [f32; 2], chroma: [f32; 2], stream: &mut Stream) -> Colour {
    loop {
        let drawn = Oklch::new(
            uniform(lightness[0], lightness[1], stream),
            uniform(chroma[0], chroma[1], stream),
            uniform(0.0, 360.0, stream),
        );
        let seen = Srgb::from_color(drawn);
        let parts: [f32; 3] = [seen.red, seen.green, seen.blue];
        if parts.iter().all(|part| (0.0..=1.0).contains(part)) {
            let [red, green, blue] = parts.map(|part| (part * 255.0 + 0.5) as u8);
            return Colour::from_bytes(red, green, blue);
        }
    }
}

/// Returns a year as a file: short, with what is not the default of schedule, robot, looks, dynamics and weather. Years drawn at random differ in
/// nothing else.
pub fn year_file(scenario: &Scenario) -> String {
    let mut text = format!(
        "#:schema scenario.schema.json\nversion = {}\nname = \"{}\"\ndescription = \"{}\"\n",
        crate::scenario::FORMAT_VERSION,
        scenario.name,
        scenario.description
    );
    let usual = Schedule::default();
    let schedule = &scenario.schedule;
    if schedule.transition == SeasonTransition::Gradual {
        text.push_str("schedule.transition = \"gradual\"\n");
    }
    if schedule.turning_fraction != usual.turning_fraction {
        text.push_str(&format!("schedule.turning_fraction = {}\n", schedule.turning_fraction));
    }
    if let Some(declared) = schedule.declares_boundaries {
        text.push_str(&format!("schedule.declares_boundaries = {declared}\n"));
    }
    if scenario.robot.senses_rewards {
        text.push_str("robot.senses_rewards = true\n");
    }
    let usual = Weather::default();
    for (number, season) in scenario.seasons.iter().enumerate() {
        let climate = scenario.climate(Moment::pure(number));
        let hex = |colour: Colour| toml::Value::try_from(colour).map_or_else(|_| String::new(), |value| value.to_string());
        text.push_str(&format!(
            "\n[[seasons]]\nname = \"{}\"\nlook = {{ ground = {}, sky = {}, wall = {}, fine = {}, thirsty = {} }}\n\
             dynamics = {{ evaporation_per_decision = {}, traction = {} }}\n",
            season.name,
            hex(climate.look.ground),
            hex(climate.look.sky),
            hex(climate.look.wall),
            hex(climate.look.fine),
            hex(climate.look.thirsty),
            season.dynamics.evaporation_per_decision,
            season.dynamics.traction
        ));
        let weather = &season.weather;
        for (key, value, usual) in [
            (
                "temperature_mean_celsius",
                weather.temperature_mean_celsius,
                usual.temperature_mean_celsius,
            ),
            ("showers_per_hour", weather.showers_per_hour, usual.showers_per_hour),
            ("shower_duration_s", weather.shower_duration_s, usual.shower_duration_s),
            (
                "rain_moisture_per_decision",
                weather.rain_moisture_per_decision,
                usual.rain_moisture_per_decision,
            ),
            ("light_low", weather.light_low, usual.light_low),
            ("light_high", weather.light_high, usual.light_high),
        ] {
            if value != usual {
                text.push_str(&format!("weather.{key} = {value}\n"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authoring::format::format;

    #[test]
    fn every_degree_is_found_and_its_file_is_the_same_year() {
        for degree in [Degree::Low, Degree::Medium, Degree::High] {
            for (seed, seasons) in [(0, 2), (1, 4), (2, 6)] {
                let year = random_year(seed, seasons, degree).unwrap_or_else(|| panic!("{degree:?} {seasons}"));
                assert!(degree.holds(Conflict::of(&year).mean()));
                let text = year_file(&year);
                let read = Scenario::parse("year.toml", &text).map_err(|mistakes| mistakes.render(100, false));
                assert_eq!(read, Ok(year));
                assert_eq!(format(&text).unwrap(), text);
            }
        }
    }

    #[test]
    fn a_seed_gives_one_year() {
        assert_eq!(random_year(7, 4, Degree::High), random_year(7, 4, Degree::High));
        assert_ne!(random_year(7, 4, Degree::High), random_year(8, 4, Degree::High));
    }
}
