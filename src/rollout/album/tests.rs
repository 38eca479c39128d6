//! Albums of shipped scenarios.

use super::*;
use crate::scenario::DEFAULT_SCENARIO;

fn scenario(name: &str) -> Arc<Scenario> {
    Arc::new(Scenario::load(name).unwrap().scenario)
}

#[test]
fn an_album_shows_thirsty_and_fine_plants_of_each_species_in_each_season() {
    let scenario = scenario(DEFAULT_SCENARIO);
    let album = Album::of(&scenario, 30);
    let species = scenario.plants.species.len();
    for season in 0..4 {
        let views = &album.views[album.of_season(season)];
        assert_eq!(views.len(), 30, "season {season}");
        assert!(views.iter().all(|view| view.season == season));
        assert_eq!(views.iter().filter(|view| view.is_thirsty()).count(), 15);
        for number in 0..species {
            for thirsty in [true, false] {
                let met = views
                    .iter()
                    .filter(|view| view.species == number && view.is_thirsty() == thirsty)
                    .count();
                assert!(met >= 2, "season {season}, species {number}, thirsty: {thirsty}: {met}");
            }
        }
        assert!(views.iter().all(|view| view.thirst == 0.0 || view.thirst > 0.5));
        assert_eq!(album.transitions[season].len(), PROBE_TRANSITIONS);
    }
    // The colour is what the observation shows in that column.
    let view = &album.views[0];
    let row = scenario.eye.rows / 2;
    let pixel = 4 * (row * scenario.eye.columns + view.column);
    assert_eq!(view.observation[pixel..pixel + 3], view.colour);
}

#[test]
fn an_album_is_made_once_and_always_the_same() {
    let scenario = scenario("water_tank");
    let first = Album::of(&scenario, 8);
    assert!(Arc::ptr_eq(&first, &Album::of(&scenario, 8)));
    assert_eq!(*first, making::make(&scenario, 8));
    assert_ne!(first.views.len(), Album::of(&scenario, 12).views.len());
}

#[test]
fn an_album_comes_back_from_its_lines() {
    let scenario = scenario(DEFAULT_SCENARIO);
    let album = Album::of(&scenario, 30);
    let text = lines(&album, &scenario).unwrap();
    assert!(text.len() < 100_000, "{} bytes", text.len());
    let read = parse(&text).unwrap();
    assert_eq!(read.len(), album.views.len());
    for (line, view) in read.iter().zip(&album.views) {
        assert_eq!(line.observation, view.observation);
        assert_eq!(
            (line.water, line.season.as_str()),
            (view.is_thirsty(), scenario.seasons[view.season].name.as_str())
        );
    }
    let error = parse(&(text + "{\"season\": 3}")).unwrap_err();
    assert_eq!(error.line, album.views.len() + 1);
}
