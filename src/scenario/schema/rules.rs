//! Validation rules between two keys of a scenario, beyond the range of each.
//!
//! Each rule is attached to a key; its message continues after the name of that key.

use std::collections::HashSet;
use std::f32::consts::PI;

use super::{Drift, Event, LookChanges, Plants, Plot, RobotSettings, Season, Species, Weather, WeatherChanges};
use crate::suggestion::hint;

/// Maximum fraction of the ground covered by the discs that keep plants apart, when plants are placed one by one at random. Such
/// a placement jams at 0.547 (Feder 1980, "Random sequential adsorption"); well below that, a free place is found in a few tries.
const COVERAGE_LIMIT: f32 = 0.42;

/// Rule: the number is at least `other`.
pub(super) fn not_below(key: &'static str, other: f32) -> impl FnOnce(&f32, &()) -> garde::Result {
    move |&number, ()| hold(number >= other, || format!("must not be below `{key}`, which is {other}"))
}

/// Rule: the number is greater than `other`.
pub(super) fn above(key: &'static str, other: f32) -> impl FnOnce(&f32, &()) -> garde::Result {
    move |&number, ()| hold(number > other, || format!("must be above `{key}`, which is {other}"))
}

/// Rule: at least one species has a share, and the names are unique.
pub(super) fn some_species_grows(species: &[Species], (): &()) -> garde::Result {
    hold(species.iter().map(|one| one.share).sum::<f32>() > 0.0, || {
        "must have a share above 0 somewhere, or nothing grows".to_owned()
    })?;
    names_differ(species.iter().map(|one| one.name.as_str()))
}

/// Rule: season names are unique, since scores, reports and overrides refer to seasons by name.
pub(super) fn seasons_have_names_of_their_own(seasons: &[Season], (): &()) -> garde::Result {
    names_differ(seasons.iter().map(|season| season.name.as_str())).map_err(|error| {
        let again = "a season that comes again needs a name of its own, as { extends = \"seasons/spring.toml\", name = \"second spring\" }";
        garde::Error::new(format!("{}; {again}", error.message()))
    })
}

/// Rule: looks of species are those of species that grow in the scenario.
pub(super) fn looks_are_of_species(plants: &Plants) -> impl FnOnce(&Vec<Season>, &()) -> garde::Result {
    let known: Vec<String> = plants.species.iter().map(|species| species.name.clone()).collect();
    move |seasons, ()| {
        for season in seasons {
            let changes = season.events.iter().map(|event| &event.look);
            let changes = changes.chain(season.drift.iter().map(|drift| &drift.look));
            let named = changes
                .flat_map(|look: &LookChanges| look.species.keys())
                .chain(season.look.species.keys());
            for name in named {
                hold(known.contains(name), || {
                    let hint = hint(name, "species", known.iter().map(String::as_str));
                    format!(
                        "must be of this scenario's species: there is no species `{name}` for the season `{}`; {hint}",
                        season.name
                    )
                })?;
            }
        }
        Ok(())
    }
}

/// Rule: events have unique names, and leave the bounds of the light in order.
pub(super) fn events_are_possible(weather: &Weather) -> impl FnOnce(&Vec<Event>, &()) -> garde::Result {
    let weather = weather.clone();
    move |events, ()| {
        names_differ(events.iter().map(|event| event.name.as_str()))?;
        events
            .iter()
            .try_for_each(|event| light_stays_in_order(&weather, &event.weather))
    }
}

/// Rule: the drift leaves the bounds of the light in order.
pub(super) fn drift_is_possible(weather: &Weather) -> impl FnOnce(&Option<Drift>, &()) -> garde::Result {
    let weather = weather.clone();
    move |drift, ()| {
        drift
            .iter()
            .try_for_each(|drift| light_stays_in_order(&weather, &drift.weather))
    }
}

fn light_stays_in_order(weather: &Weather, changes: &WeatherChanges) -> garde::Result {
    let Weather {
        light_low, light_high, ..
    } = weather.changed(changes, 1.0);
    hold(light_low <= light_high, || {
        format!("must keep `light_low`, which becomes {light_low}, below `light_high`, which becomes {light_high}")
    })
}

fn names_differ<'a>(names: impl Iterator<Item = &'a str>) -> garde::Result {
    let mut seen = HashSet::new();
    for name in names {
        hold(seen.insert(name), || format!("must have unique names: `{name}` occurs twice"))?;
    }
    Ok(())
}

/// Rule: the plants fit on the plot at their minimum distances.
pub(super) fn plants_fit(plot: &Plot) -> impl FnOnce(&Plants, &()) -> garde::Result {
    let side_m = plot.side_m;
    move |plants, ()| {
        let free_m = side_m - 2.0 * plants.wall_distance_m;
        hold(free_m >= 0.0, || {
            format!("must fit: `wall_distance_m` leaves no room on a plot of {side_m} m")
        })?;
        let room = plant_room(free_m, plants.spacing_m);
        hold(plants.count <= room, || {
            format!(
                "must fit: {} plants {} m apart, where at most {room} have room on {side_m} m x {side_m} m",
                plants.count, plants.spacing_m
            )
        })
    }
}

/// Returns the number of plants that fit on a square of `free_m` for their centres, `spacing_m` apart.
fn plant_room(free_m: f32, spacing_m: f32) -> usize {
    // A disc extends half a spacing beyond the edge on which its centre may lie.
    let ground = (free_m + spacing_m) * (free_m + spacing_m);
    let disc = PI / 4.0 * spacing_m * spacing_m;
    ((COVERAGE_LIMIT * ground / disc) as usize).max(1)
}

/// Rule: the jet reaches past the robot's body and a plant's stem, and the butt can be reached for refilling.
pub(super) fn robot_can_water(plants: &Plants) -> impl FnOnce(&RobotSettings, &()) -> garde::Result {
    let stem_m = plants.species.iter().map(|species| species.stem_radius_m).fold(0.0, f32::max);
    move |robot, ()| {
        hold(robot.jet_reach_m > robot.radius_m + stem_m, || {
            format!(
                "must reach its plants: `jet_reach_m` has to exceed `radius_m` and the thickest stem, {} m",
                robot.radius_m + stem_m
            )
        })?;
        let Some(tank) = &robot.tank else { return Ok(()) };
        let touching_m = robot.radius_m + tank.butt_radius_m;
        hold(tank.refill_distance_m > touching_m, || {
            format!("must reach its butt: `tank.refill_distance_m` has to exceed `radius_m` and `butt_radius_m`, {touching_m} m")
        })
    }
}

fn hold(condition: bool, message: impl FnOnce() -> String) -> garde::Result {
    if condition {
        Ok(())
    } else {
        Err(garde::Error::new(message()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_plants_have_room_on_eight_metres_and_sixty_four_do_not() {
        let room = plant_room(6.8, 1.3);
        assert!((10..64).contains(&room), "{room}");
        assert_eq!(plant_room(0.0, 5.0), 1, "one plant always has room");
    }
}
