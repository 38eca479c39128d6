//! Two seasons between which everything but the colours of the plants, and where wanted ground and sky, stays the same.
//!
//! Three parameters span the family: the [angle](super::turned) by which the second season's colours are turned from those of the first, whether
//! ground, sky and walls change with the season (a sign of it) or stay, and the part of a season in which it turns into the next. An angle of 0
//! on changed ground is novelty without conflict; 180 on the same ground is conflict without a sign of it, which a policy that remembers
//! nothing cannot solve.
//!
//! While a season turns gradually its colours are interpolated, as in every scenario: at large angles they come closer to each other in the middle of the
//! turn.

use super::turned::{angle_degrees, turned};
use crate::scenario::{Colour, Dynamics, Look, PlantLook, Scenario, Schedule, Season, SeasonTransition, Weather};

/// Angles of the family, in degrees.
pub const ANGLES_DEGREES: [u16; 5] = [0, 45, 90, 135, 180];
/// Parts of a season in which it turns into the next one; 0 is at once.
pub const TURNING_FRACTIONS: [f32; 4] = [0.0, 0.25, 0.5, 0.9];
/// Colours of the first season: two hues of one lightness, around a midpoint from which every direction stays in sRGB.
pub const FIRST_PAIR: PlantLook = PlantLook {
    fine: Colour::from_bytes(0x7d, 0xaf, 0x61),
    thirsty: Colour::from_bytes(0xcf, 0x82, 0xac),
};
/// Ground, sky and walls of the first season.
const FIRST_GROUND: [Colour; 3] = [
    Colour::from_bytes(0x59, 0x99, 0x40),
    Colour::from_bytes(0x8c, 0xbf, 0xf2),
    Colour::from_bytes(0x73, 0x66, 0x59),
];
/// Ground, sky and walls of the second season, where they change.
const OTHER_GROUND: [Colour; 3] = [
    Colour::from_bytes(0xeb, 0xed, 0xf5),
    Colour::from_bytes(0xcc, 0xd1, 0xdb),
    Colour::from_bytes(0xa6, 0xa6, 0xb3),
];
/// Multiple to which angles are rounded when they are read from colours, in degrees: bytes do not give them more exactly.
const ANGLE_STEP_DEGREES: f64 = 5.0;

/// Kind of family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhaseVariant {
    /// Boundaries are declared, however gradually seasons change: all methods can be run everywhere.
    Declared,
    /// Boundaries are declared nowhere, however abruptly seasons change.
    Untold,
    /// As declared, at full reversal on the same ground only, for a robot that senses its last rewards.
    Rewarded,
}

/// Place of a scenario in the family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PhaseCell {
    /// Angle between the colours of both seasons, in degrees: a multiple of 5 in 0..=180.
    pub angle_degrees: u16,
    /// `true` if ground, sky or walls change with the season.
    pub ground_changes: bool,
    /// Part of a season in which it turns into the next one; 0 is at once.
    pub turning_fraction: f32,
}

impl PhaseCell {
    /// Returns the place of a scenario; `None` if its seasons differ in anything else, or if there are not two.
    pub fn of(scenario: &Scenario) -> Option<Self> {
        let [first, second] = &scenario.seasons[..] else { return None };
        let pair = |season: &Season| PlantLook {
            fine: season.look.fine,
            thirsty: season.look.thirsty,
        };
        let same_but_the_look = Season {
            name: second.name.clone(),
            look: second.look.clone(),
            ..first.clone()
        } == *second;
        let ground = |season: &Season| [season.look.ground, season.look.sky, season.look.wall];
        if !same_but_the_look || first.look.species != second.look.species || !scenario.schedule.look_varies {
            return None;
        }
        let degrees = angle_degrees(pair(first), pair(second))?;
        Some(Self {
            angle_degrees: ((degrees / ANGLE_STEP_DEGREES).round() * ANGLE_STEP_DEGREES) as u16,
            ground_changes: ground(first) != ground(second),
            turning_fraction: match scenario.schedule.transition {
                SeasonTransition::Abrupt => 0.0,
                SeasonTransition::Gradual => scenario.schedule.turning_fraction,
            },
        })
    }
}

/// Returns the scenarios of a kind, by ground, then speed, then angle.
pub(super) fn scenarios(kind: PhaseVariant) -> Vec<Scenario> {
    let (angles, grounds): (&[u16], &[bool]) = match kind {
        PhaseVariant::Declared | PhaseVariant::Untold => (&ANGLES_DEGREES, &[false, true]),
        PhaseVariant::Rewarded => (&[180], &[false]),
    };
    let places = grounds.iter().flat_map(|&ground_changes| {
        TURNING_FRACTIONS.iter().flat_map(move |&turning_fraction| {
            angles.iter().map(move |&angle_degrees| PhaseCell {
                angle_degrees,
                ground_changes,
                turning_fraction,
            })
        })
    });
    places.filter_map(|place| scenario(place, kind)).collect()
}

/// Returns the scenario of a place; `None` if its colours are not in sRGB, which those of the family are.
fn scenario(place: PhaseCell, kind: PhaseVariant) -> Option<Scenario> {
    let PhaseCell {
        angle_degrees,
        ground_changes,
        turning_fraction,
    } = place;
    let mut schedule = Schedule {
        declares_boundaries: Some(kind != PhaseVariant::Untold),
        ..Schedule::default()
    };
    if turning_fraction > 0.0 {
        (schedule.transition, schedule.turning_fraction) = (SeasonTransition::Gradual, turning_fraction);
    }
    let other_ground = if ground_changes { OTHER_GROUND } else { FIRST_GROUND };
    let seasons = vec![
        season("first", FIRST_GROUND, FIRST_PAIR),
        season("second", other_ground, turned(FIRST_PAIR, f64::from(angle_degrees))?),
    ];
    let ground = if ground_changes { "changed" } else { "held" };
    let speed = if turning_fraction > 0.0 {
        format!("{turning_fraction}")
    } else {
        "abrupt".to_owned()
    };
    let (suffix, told) = match kind {
        PhaseVariant::Declared => ("", "boundaries declared"),
        PhaseVariant::Untold => (" untold", "no boundary declared"),
        PhaseVariant::Rewarded => (" rewarded", "boundaries declared, and the robot senses its last rewards"),
    };
    Some(Scenario {
        name: format!("phase {angle_degrees} {ground} {speed}{suffix}"),
        description: format!(
            "Colours turned by {angle_degrees} degrees, ground and sky {ground}, turning {}; {told}.",
            if turning_fraction > 0.0 {
                format!("over {turning_fraction} of a season")
            } else {
                "at once".to_owned()
            }
        ),
        schedule,
        plot: Default::default(),
        plants: Default::default(),
        robot: crate::scenario::RobotSettings {
            senses_rewards: kind == PhaseVariant::Rewarded,
            ..Default::default()
        },
        eye: Default::default(),
        episode: Default::default(),
        rewards: Default::default(),
        seasons,
    })
}

/// Returns a garden of one season, in which the pair of plant colours is turned by an angle and nothing else differs; no boundary is declared. `None`
/// if sRGB does not have the colours.
pub fn one_season(name: &str, degrees: f64) -> Option<Scenario> {
    Some(Scenario {
        name: name.to_owned(),
        description: format!("One season, its plant colours turned by {degrees} degrees."),
        schedule: Schedule {
            declares_boundaries: Some(false),
            ..Schedule::default()
        },
        plot: Default::default(),
        plants: Default::default(),
        robot: Default::default(),
        eye: Default::default(),
        episode: Default::default(),
        rewards: Default::default(),
        seasons: vec![season("spring", FIRST_GROUND, turned(FIRST_PAIR, degrees)?)],
    })
}

fn season(name: &str, [ground, sky, wall]: [Colour; 3], PlantLook { fine, thirsty }: PlantLook) -> Season {
    Season {
        look: Look {
            ground,
            sky,
            wall,
            fine,
            thirsty,
            species: Default::default(),
        },
        ..mild_season(name)
    }
}

/// Returns a season of mild weather on moist soil, for families in which only looks differ.
pub(super) fn mild_season(name: &str) -> Season {
    let [ground, sky, wall] = FIRST_GROUND;
    Season {
        name: name.to_owned(),
        relative_length: 1.0,
        look: Look {
            ground,
            sky,
            wall,
            fine: FIRST_PAIR.fine,
            thirsty: FIRST_PAIR.thirsty,
            species: Default::default(),
        },
        dynamics: Dynamics {
            evaporation_per_decision: 0.006,
            traction: 0.8,
        },
        weather: Weather {
            temperature_mean_celsius: 13.0,
            showers_per_hour: 4.0,
            ..Weather::default()
        },
        rewards: Default::default(),
        faults: Default::default(),
        props: Vec::new(),
        events: Vec::new(),
        drift: None,
    }
}
