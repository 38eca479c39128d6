//! Contrast of plants for a robot: how well it can tell a thirsty one from one that is fine, by its colour.
//!
//! The colour of a plant in the eye is that of the season with the plant's own tint, under the light of the episode, through the
//! faults of the eye. Two distances matter: that of the colours themselves, as people see it (CIEDE2000), and how far these blurs
//! leave them apart, as the fraction of single looks in which the best linear rule in OKLab is right.

use palette::color_difference::Ciede2000;
use palette::{FromColor, Lab, Oklab, Srgb};
use rand_distr::{Distribution, Normal, Uniform};

use crate::random::{Stream, stream};
use crate::scenario::{Colour, Faults, Moment, PlantLook, Plants, Scenario, Season, Weather};

/// Fraction of right looks below which thirst is hard to see. A network looks more than once, but it also has more to learn than
/// this one rule.
pub const HARD_BELOW: f32 = 0.9;
/// Number of looks at each of the two colours.
const LOOKS: usize = 2_000;

/// Contrast of two colours: how well they can be told apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// Distance of the colours, in CIEDE2000: 1 is just noticeable, 100 that of black and white.
    pub distance: f32,
    /// Fraction of single looks in which the best linear rule tells one from the other (0.5: chance).
    pub told_apart: f32,
}

/// Returns the contrast of a plant's two colours, where the tint of single plants deviates by `tint_deviation`.
pub fn contrast(look: PlantLook, tint_deviation: f32, weather: &Weather, faults: &Faults) -> Contrast {
    let [fine, thirsty] = [look.fine, look.thirsty].map(lab);
    let seen = [look.fine, look.thirsty].map(|colour| looks(colour, tint_deviation, weather, faults));
    Contrast {
        distance: fine.difference(thirsty),
        told_apart: Rule::fit(&seen[0], &seen[1]).right(&seen[0], &seen[1]).max(0.5),
    }
}

/// Returns the distance of two colours, in CIEDE2000.
pub fn distance(first: Colour, second: Colour) -> f32 {
    lab(first).difference(lab(second))
}

fn lab(colour: Colour) -> Lab {
    Lab::from_color(Srgb::new(colour.red, colour.green, colour.blue))
}

/// Returns a colour as it is seen in single looks, in OKLab.
fn looks(colour: Colour, tint_deviation: f32, weather: &Weather, faults: &Faults) -> Vec<[f64; 3]> {
    let mut stream = stream(0, "looks", 0);
    (0..LOOKS)
        .map(|_| {
            let [red, green, blue] = one_look(colour, tint_deviation, weather, faults, &mut stream);
            let seen = Oklab::from_color(Srgb::new(red, green, blue));
            [seen.l, seen.a, seen.b].map(f64::from)
        })
        .collect()
}

/// Returns a colour as it is seen in a single look, in sRGB: of some plant, under the light of some episode.
pub(super) fn one_look(colour: Colour, tint_deviation: f32, weather: &Weather, faults: &Faults, stream: &mut Stream) -> [f32; 3] {
    let tint = Normal::new(0.0, tint_deviation);
    let noise = Normal::new(0.0, faults.noise_deviation);
    let light = Uniform::new_inclusive(weather.light_low, weather.light_high);
    let light = light.map_or(1.0, |light| light.sample(stream)) * faults.exposure;
    colour.to_array().map(|part| {
        let tint = tint.map_or(0.0, |tint| tint.sample(stream));
        let noise = noise.map_or(0.0, |noise| noise.sample(stream));
        (((part + tint) * light).clamp(0.0, 1.0) + noise).clamp(0.0, 1.0)
    })
}

/// A linear rule between fine and thirsty: what a policy of this season could know about colours.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rule {
    direction: [f64; 3],
    /// Threshold along the direction; beyond it a plant counts as thirsty.
    middle: f64,
}

impl Rule {
    /// Fits Fisher's linear discriminant, with its threshold halfway between the means (Fisher 1936, "The use of multiple measurements
    /// in taxonomic problems").
    fn fit(fine: &[[f64; 3]], thirsty: &[[f64; 3]]) -> Self {
        let means = [fine, thirsty].map(mean);
        let mut scatter = [[0.0; 3]; 3];
        for (looks, mean) in [fine, thirsty].into_iter().zip(means) {
            for look in looks {
                for row in 0..3 {
                    for column in 0..3 {
                        scatter[row][column] += (look[row] - mean[row]) * (look[column] - mean[column]) / looks.len() as f64;
                    }
                }
            }
        }
        // Two colours without any blur have no scatter; a hundredth of what is just noticeable stands in for it.
        (0..3).for_each(|part| scatter[part][part] += 1e-8);
        let difference: [f64; 3] = std::array::from_fn(|part| means[1][part] - means[0][part]);
        let mut rule = Self {
            direction: solve(scatter, difference),
            middle: 0.0,
        };
        rule.middle = 0.5 * (rule.along(&means[0]) + rule.along(&means[1]));
        rule
    }

    fn along(&self, look: &[f64; 3]) -> f64 {
        look.iter().zip(self.direction).map(|(part, weight)| part * weight).sum()
    }

    /// Returns the fraction of looks that the rule judges rightly.
    fn right(&self, fine: &[[f64; 3]], thirsty: &[[f64; 3]]) -> f32 {
        let right = fine.iter().filter(|look| self.along(look) < self.middle).count()
            + thirsty.iter().filter(|look| self.along(look) > self.middle).count();
        right as f32 / (fine.len() + thirsty.len()) as f32
    }
}

/// The conflict between the seasons of a scenario, by their colours alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// Fraction of wrong looks when the best rule of the season of the row judges plants in that of the column (0: the seasons agree;
    /// 0.5: knowing one does not help in the other; 1: what is fine in one is thirsty in the other).
    pub wrong: Vec<Vec<f32>>,
    /// Angle between the ways from fine to thirsty in both seasons, in OKLab, in degrees.
    pub angle_degrees: Vec<Vec<f32>>,
}

impl Conflict {
    /// Measures the conflict between seasons in which all species look alike.
    pub(super) fn of_seasons(seasons: &[Season]) -> Self {
        let mut plants = Plants::default();
        // One species stands for all.
        plants.species.truncate(1);
        Self::of(&Scenario {
            name: String::new(),
            description: String::new(),
            schedule: Default::default(),
            plot: Default::default(),
            plants,
            robot: Default::default(),
            eye: Default::default(),
            episode: Default::default(),
            rewards: Default::default(),
            seasons: seasons.to_vec(),
        })
    }

    /// Measures the conflict between the seasons of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let seasons: Vec<[Vec<[f64; 3]>; 2]> = (0..scenario.seasons.len())
            .map(|season| {
                let climate = scenario.climate(Moment::pure(season));
                let of = |colour: fn(&PlantLook) -> Colour| {
                    let seen = climate.plants.iter().enumerate().flat_map(|(number, plant)| {
                        // Species that do not grow are never seen.
                        let grows = scenario.plants.species[number].share > 0.0;
                        let tint_deviation = scenario.plants.tint_deviation;
                        grows.then(|| looks(colour(plant), tint_deviation, &climate.weather, &climate.faults))
                    });
                    seen.flatten().collect::<Vec<_>>()
                };
                [of(|plant| plant.fine), of(|plant| plant.thirsty)]
            })
            .collect();
        let rules: Vec<Rule> = seasons.iter().map(|[fine, thirsty]| Rule::fit(fine, thirsty)).collect();
        let ways: Vec<[f64; 3]> = seasons
            .iter()
            .map(|[fine, thirsty]| {
                let [fine, thirsty] = [mean(fine), mean(thirsty)];
                std::array::from_fn(|part| thirsty[part] - fine[part])
            })
            .collect();
        let matrix = |value: &dyn Fn(usize, usize) -> f32| {
            let row = |row: usize| (0..seasons.len()).map(|column| value(row, column)).collect();
            (0..seasons.len()).map(row).collect()
        };
        Self {
            wrong: matrix(&|row, column| {
                let [fine, thirsty] = &seasons[column];
                1.0 - rules[row].right(fine, thirsty)
            }),
            angle_degrees: matrix(&|row, column| angle_degrees(ways[row], ways[column])),
        }
    }

    /// Returns the mean over all pairs of different seasons; 0 if there is only one.
    pub fn mean(&self) -> f32 {
        let pairs = self.wrong.iter().enumerate().flat_map(|(row, wrong)| {
            let others = wrong.iter().enumerate().filter(move |(column, _)| *column != row);
            others.map(|(_, wrong)| *wrong)
        });
        let pairs: Vec<f32> = pairs.collect();
        pairs.iter().sum::<f32>() / (pairs.len() as f32).max(1.0)
    }
}

fn angle_degrees(first: [f64; 3], second: [f64; 3]) -> f32 {
    let dot = |a: [f64; 3], b: [f64; 3]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let cosine = dot(first, second) / (dot(first, first) * dot(second, second)).sqrt().max(1e-12);
    libm::acos(cosine.clamp(-1.0, 1.0)).to_degrees() as f32
}

fn mean(looks: &[[f64; 3]]) -> [f64; 3] {
    std::array::from_fn(|part| looks.iter().map(|look| look[part]).sum::<f64>() / looks.len() as f64)
}

/// Solves three linear equations by Cramer's rule.
fn solve(matrix: [[f64; 3]; 3], right: [f64; 3]) -> [f64; 3] {
    let determinant = |m: [[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = determinant(matrix);
    std::array::from_fn(|column| {
        let mut with = matrix;
        (0..3).for_each(|row| with[row][column] = right[row]);
        determinant(with) / whole
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fine: &str, thirsty: &str, tint_deviation: f32) -> Contrast {
        let look = PlantLook {
            fine: fine.parse().unwrap(),
            thirsty: thirsty.parse().unwrap(),
        };
        contrast(look, tint_deviation, &Weather::default(), &Faults::default())
    }

    #[test]
    fn black_and_white_are_a_hundred_apart() {
        assert!((distance(Colour::new(0.0, 0.0, 0.0), Colour::new(1.0, 1.0, 1.0)) - 100.0).abs() < 0.1);
    }

    #[test]
    fn equal_colours_are_told_apart_by_chance_and_far_ones_always() {
        let same = of("#40a633", "#40a633", 0.04);
        assert!(same.distance == 0.0 && same.told_apart < 0.52, "{same:?}");
        assert!(of("#40a633", "#ccbf40", 0.04).told_apart > 0.99);
        assert!(of("#40a633", "#ccbf40", 0.0).told_apart > 0.99);
    }

    #[test]
    fn a_deviating_tint_and_noise_blur_what_is_near() {
        let [little, much] = [0.01, 0.2].map(|tint_deviation| of("#40a633", "#52b345", tint_deviation).told_apart);
        assert!(little > much + 0.1, "{little} {much}");
        let look = PlantLook {
            fine: "#40a633".parse().unwrap(),
            thirsty: "#52b345".parse().unwrap(),
        };
        let noisy = Faults {
            noise_deviation: 0.3,
            ..Faults::default()
        };
        assert!(contrast(look, 0.01, &Weather::default(), &noisy).told_apart < little - 0.1);
    }

    #[test]
    fn seasons_that_swap_their_colours_conflict_and_equal_ones_do_not() {
        let mut scenario = Scenario::load("four_seasons").unwrap().scenario;
        scenario.seasons.truncate(3);
        let spring = scenario.seasons[0].look.clone();
        (scenario.seasons[1].look.fine, scenario.seasons[1].look.thirsty) = (spring.thirsty, spring.fine);
        scenario.seasons[2].look = spring;
        let conflict = Conflict::of(&scenario);
        assert!(
            conflict.wrong[0][1] > 0.95 && conflict.angle_degrees[0][1] > 175.0,
            "{conflict:?}"
        );
        assert!(
            conflict.wrong[0][2] < 0.05 && conflict.angle_degrees[0][2] < 5.0,
            "{conflict:?}"
        );
        assert!(conflict.wrong[0][0] < 0.05 && conflict.wrong[1][0] > 0.95, "{conflict:?}");
        let four = Conflict::of(&Scenario::load("four_seasons").unwrap().scenario);
        let alone = Conflict::of(&Scenario::load("dynamics_alone").unwrap().scenario);
        assert!(four.mean() > 0.2 && alone.mean() < 0.05, "{} {}", four.mean(), alone.mean());
    }

    #[test]
    fn every_shipped_season_shows_its_thirst() {
        for name in crate::scenario::shipped_names() {
            let scenario = crate::scenario::Scenario::load(name).unwrap().scenario;
            for season in 0..scenario.seasons.len() {
                let climate = scenario.climate(crate::scenario::Moment::pure(season));
                for &plant in &climate.plants {
                    let found = contrast(plant, scenario.plants.tint_deviation, &climate.weather, &climate.faults);
                    assert!(found.told_apart >= HARD_BELOW, "{name}, season {season}: {found:?}");
                }
            }
        }
    }
}
