//! The report of an archive is that of the folders.

use std::fs;

use rand::RngExt;

use super::*;
use crate::random::stream;
use crate::report::tests::{config, document, finished, four_runs};
use crate::report::{csv_files, html, markdown, svg_files};

fn written(document: &Document, folder: &Path) -> PathBuf {
    let path = folder.join("study.json.gz");
    fs::write(&path, archive(document).unwrap()).unwrap();
    path
}

#[test]
fn every_page_of_an_archive_is_that_of_the_folders() {
    let folder = four_runs();
    let mut gradual = config("finetune", 7);
    gradual.scenario = crate::scenario::Scenario::load("gradual_year").unwrap().scenario;
    finished(folder.path(), "gradual", &gradual, 0.5);
    let mut years = config("replay", 0);
    years.years = 2;
    years.learner.replay.cloning_weight = 0.1;
    finished(folder.path(), "two-years", &years, 0.3);
    finished(folder.path(), "twice", &config("finetune", 1), 0.9);
    fs::create_dir(folder.path().join("headless")).unwrap();
    fs::write(folder.path().join("headless/summary.json"), "{}").unwrap();
    let of_folders = document(&[folder.path().to_owned()]);
    assert_eq!((of_folders.sections.len(), of_folders.omissions.len()), (3, 2));
    let elsewhere = tempfile::tempdir().unwrap();
    let path = written(&of_folders, elsewhere.path());
    drop(folder);
    let of_archive = document(std::slice::from_ref(&path));
    assert_eq!(html(&of_archive), html(&of_folders));
    assert_eq!(markdown(&of_archive), markdown(&of_folders));
    assert_eq!(csv_files(&of_archive), csv_files(&of_folders));
    assert_eq!(svg_files(&of_archive), svg_files(&of_folders));
    assert_eq!(of_archive.omissions, of_folders.omissions);
    assert_eq!(
        archive(&of_archive).unwrap(),
        fs::read(&path).unwrap(),
        "an archive of an archive"
    );
    // Nothing was run for it: what is measured in gardens is in the archive.
    let read = read_archive(&path).unwrap();
    assert_eq!(read.forecasts.len(), 3);
    assert!(read.forecasts.values().any(Option::is_some));
}

#[test]
fn what_is_no_archive_or_damaged_is_refused_with_its_reason() {
    let folder = four_runs();
    let document = document(&[folder.path().to_owned()]);
    let path = written(&document, folder.path());
    let bytes = fs::read(&path).unwrap();
    let refused = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        match read_archive(&path) {
            Err(ReportError::Archive { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    };
    assert!(refused(b"{}").contains("not a gzip file"));
    assert!(refused(&bytes[..bytes.len() / 2]).contains("damaged"));
    let text = |change: fn(&mut serde_json::Value)| {
        let mut text = Vec::new();
        GzDecoder::new(&bytes[..]).read_to_end(&mut text).unwrap();
        let mut value: serde_json::Value = serde_json::from_slice(&text).unwrap();
        change(&mut value);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(value.to_string().as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    assert!(refused(&text(|archive| archive["format"] = 2.into())).contains("format 2"));
    assert!(refused(&text(|archive| archive["runs"][0]["config"] = 99.into())).contains("configuration is missing"));
    assert!(
        refused(&text(
            |archive| archive["runs"][1]["scores"] = serde_json::json!([[1, 2], [0.5]])
        ))
        .contains("as many scores")
    );
    assert!(
        refused(&text(
            |archive| archive["runs"][0]["summary"]["return_matrix"] = serde_json::json!([[0.0]])
        ))
        .contains("its scores")
    );
    assert!(refused(&text(|archive| archive["configs"][0] = "gardens = 3".into())).contains("configuration cannot be read"));
    assert!(read_archive(&folder.path().join("none.json.gz")).is_err());
}

#[test]
fn nine_hundred_runs_take_less_than_three_megabytes() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..12 {
        finished(folder.path(), &format!("run{seed}"), &config("replay", seed), 1.0);
    }
    let mut random = stream(3, "archive", 0);
    let mut runs = crate::report::collect(&[folder.path().to_owned()]).unwrap();
    // Numbers without any order, as chance makes them.
    for run in &mut runs.runs {
        let summary = &mut run.summary;
        let returns = summary
            .return_matrix
            .iter_mut()
            .flatten()
            .chain(&mut summary.untrained_returns);
        returns.for_each(|value| *value = Some(30.0 * random.random::<f64>() - 10.0));
        let scores = summary.score_matrix.iter_mut().flatten().chain(&mut summary.untrained_scores);
        scores.for_each(|value| *value = Some(random.random()));
        run.training.scores.values_mut().for_each(|value| *value = random.random());
        let points = run.training.years.iter_mut().flatten().flatten();
        points.for_each(|point| point.score = random.random());
    }
    let bytes = archive(&Document::new(runs, "replay", false).unwrap()).unwrap().len();
    assert!(bytes * 900 / 12 < 3_000_000, "{bytes} bytes for twelve runs");
}
