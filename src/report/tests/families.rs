//! Reports on families of scenarios: phase diagrams and long lives.

use super::*;
use crate::authoring::family::ScenarioFamily;

/// Runs of two methods in every scenario of the phase family, better the larger the angle for one, and the smaller for the other.
fn phase_runs(seeds: u64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (number, scenario) in ScenarioFamily::find("phase").unwrap().scenarios(0).into_iter().enumerate() {
        let angle = f64::from(
            crate::authoring::family::phase::PhaseCell::of(&scenario)
                .unwrap()
                .angle_degrees,
        );
        for (method, level) in [("replay", angle / 180.0), ("finetune", 1.0 - angle / 180.0)] {
            for seed in 0..seeds {
                let config = RunConfig {
                    method: method.to_owned(),
                    seed,
                    ..RunConfig::new(scenario.clone())
                };
                finished(folder.path(), &format!("{number}-{method}-{seed}"), &config, level);
            }
        }
    }
    folder
}

#[test]
fn a_family_of_two_seasons_is_drawn_as_a_phase_diagram() {
    let folder = phase_runs(2);
    let document = document(&[folder.path().to_owned()]);
    assert_eq!(document.sections.len(), 40);
    let phase = document.overviews.iter().find(|overview| overview.name == "phase").unwrap();
    let [Exhibit::Panels(panels)] = &phase.exhibits[..] else {
        panic!("{:?}", phase.exhibits);
    };
    // Each method on both kinds of ground, and finetune against replay.
    assert_eq!((panels.pictures.len(), panels.table.rows.len()), (2 * 3, 40 * 2));
    assert!(
        panels
            .table
            .caption
            .contains("60,000 decisions a season, boundaries declared"),
        "{}",
        panels.table.caption
    );
    let against = &panels.pictures[2];
    assert!(against.contains("finetune − replay, same ground"), "{against}");
    // They are equal at 90 degrees: where one overtakes the other is one line through the middles of that column's four cells.
    assert_eq!(against.matches("<polyline").count(), 3, "{against}");
    // A cell shows its numbers only: the diagram shows the rest, and no average is taken over cells.
    let names: Vec<&str> = document.sections[0].figures.iter().map(|figure| figure.name).collect();
    assert_eq!(names, ["overall", "ledger", "paired", "commands"]);
    assert!(
        document
            .overviews
            .iter()
            .all(|overview| overview.name != "gardens" && overview.name != "forecast")
    );
    assert!(html(&document).contains("Phase diagrams of forgetting"));
}

#[test]
fn other_gardens_are_no_phase_diagram() {
    let document = document(&[four_runs().path().to_owned()]);
    assert!(document.overviews.iter().all(|overview| overview.name != "phase"));
    assert!(document.sections[0].figures.iter().any(|figure| figure.name == "matrices"));
}

/// A run of a life of 40 seasons, the tenth of which comes back every ten, evaluated in a sample.
fn long_life(method: &str, seed: u64) -> RunConfig {
    let mut scenario = ScenarioFamily::find("century_returning").unwrap().scenarios(0).remove(0);
    scenario.seasons.truncate(40);
    RunConfig {
        method: method.to_owned(),
        seed,
        decisions_per_season: 15_000,
        ..RunConfig::new(scenario)
    }
}

#[test]
fn a_long_life_is_shown_by_age() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..2 {
        for (method, level) in [("finetune", 0.5), ("replay", 1.0)] {
            finished(
                folder.path(),
                &format!("{method}{seed}"),
                &long_life(method, seed),
                level + 0.1 * seed as f64,
            );
        }
    }
    let document = document(&[folder.path().to_owned()]);
    let figures = &document.sections[0].figures;
    let names: Vec<&str> = figures.iter().map(|figure| figure.name).collect();
    for hidden in ["matrices", "retention", "forecast"] {
        assert!(!names.contains(&hidden), "{names:?}");
    }
    let ages = figures.iter().find(|figure| figure.name == "ages").unwrap();
    let [Exhibit::Panels(panels), Exhibit::Table(returning)] = &ages.exhibits[..] else {
        panic!("{:?}", ages.exhibits);
    };
    assert_eq!(panels.pictures.len(), 3 * 2);
    // Ten windows of four seasons, of which no average has the seasons 20, 30 and 40 in it.
    assert_eq!(panels.table.rows.len(), 2 * 10);
    assert_eq!(returning.rows.len(), 2 * 3);
    let column = |name: &str| panels.table.columns.iter().position(|column| column.name == name).unwrap();
    let row = panels
        .table
        .rows
        .iter()
        .find(|row| row[0] == Cell::Code("replay".to_owned()))
        .unwrap();
    let value = |cell: &Cell| match cell {
        Cell::Estimate { estimate, .. } => estimate.value,
        other => panic!("{other:?}"),
    };
    // Seeds have 1.0 and 1.1; a season loses a tenth with each that follows, the one at its own end included.
    assert!((value(&row[column("when learned")]) - 0.95).abs() < 1e-9);
    assert!((value(&row[column("10 later")]) + 0.05).abs() < 1e-9);
    assert!((value(&row[column("zero-shot")]) - 0.0).abs() < 1e-9);
    assert!(
        matches!(panels.table.rows[9][column("20 later")], Cell::Missing(_)),
        "the last seasons are not that old"
    );
    let references = figures.iter().find(|figure| figure.name == "references").unwrap();
    assert_eq!(
        references.tables().next().unwrap().columns.len(),
        3,
        "no column for each season"
    );
    let overall = figures
        .iter()
        .find(|figure| figure.name == "overall")
        .unwrap()
        .tables()
        .next()
        .unwrap();
    let worst = overall
        .columns
        .iter()
        .position(|column| column.name == "worst retained")
        .unwrap();
    assert!(matches!(&overall.rows[0][worst], Cell::Missing(why) if why.contains("not every season is evaluated")));
    assert!(
        document.sections[0]
            .facts
            .iter()
            .any(|(_, value)| value == "40: season 1 to season 40 (again)")
    );
    // The archive gives the same report.
    let kept = folder.path().join("kept.json.gz");
    fs::write(&kept, archive(&document).unwrap()).unwrap();
    let again = super::document(&[kept]);
    assert_eq!(html(&again), html(&document));
}
