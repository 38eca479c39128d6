//! Recordings: what was written can be played again and is proved the same, or shown to differ.

use perennial::agent::drivers::Gardener;
use perennial::mdp::Action;
use perennial::rollout::{Compared, Recording, RecordingError, RecordingHeader, record, verify_recording};
use perennial::scenario::Scenario;

fn recorded() -> Vec<u8> {
    let scenario = Scenario::load("water_tank").unwrap().scenario;
    let header = RecordingHeader::new(scenario, None, 1, 8, "gardener");
    let mut text = Vec::new();
    record(&header, Box::new(Gardener), &mut text, |_| ()).unwrap();
    text
}

#[test]
fn a_recording_is_verified_tick_by_tick() {
    let recording = Recording::read(&*recorded()).unwrap();
    assert_eq!((recording.ticks(), recording.header.driver.as_str()), (1_200, "gardener"));
    assert_eq!(recording.returns.len(), 4);
    assert_eq!(recording.verify(|_| ()), None);
}

#[test]
fn another_action_is_found_at_the_tick_where_it_was_taken() {
    let mut recording = Recording::read(&*recorded()).unwrap();
    let taken = recording.actions[423];
    recording.actions[423] = if taken == Action::Back {
        Action::Forward
    } else {
        Action::Back
    };
    let difference = recording.verify(|_| ()).unwrap();
    assert_eq!((difference.tick, difference.compared), (423, Compared::State));
    assert_eq!(difference.recorded, recording.hashes[423]);
}

#[test]
fn a_damaged_line_is_named() {
    let text = String::from_utf8(recorded()).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let half = lines[40][..lines[40].len() / 2].to_owned();
    lines[40] = &half;
    match Recording::read(lines.join("\n").as_bytes()) {
        Err(RecordingError::Damaged { line, .. }) => assert_eq!(line, 41),
        other => panic!("{other:?}"),
    }
    let wrong = text.replacen("\"actions\":[", "\"actions\":[9,", 1);
    match Recording::read(wrong.as_bytes()) {
        Err(RecordingError::Damaged { line, .. }) => assert_eq!(line, 2),
        other => panic!("{other:?}"),
    }
    for (from, to, says) in [
        (
            "\"episodes\":1,",
            "\"episodes\":61489146912365173,",
            "may have 4000000 decisions",
        ),
        ("\"gardens\":1,", "\"gardens\":0,", "1 to 64"),
        ("\"season\":null,", "\"season\":4,", "has 4"),
        (
            "\"initial_moisture_low\":",
            "\"initial_moisture_low\":7.5,\"x\":",
            "must be between 0 and 1",
        ),
    ] {
        let wrong = text.replacen(from, to, 1);
        assert_ne!(wrong, text, "{from}");
        let said = Recording::read(wrong.as_bytes()).unwrap_err().to_string();
        assert!(said.contains(says), "{said}");
    }
    assert!(matches!(Recording::read(&b""[..]), Err(RecordingError::Empty)));
}

#[test]
fn a_recording_with_its_last_lines_missing_is_refused() {
    let text = String::from_utf8(recorded()).unwrap();
    let kept: String = text.lines().take(500).map(|line| format!("{line}\n")).collect();
    match verify_recording(kept.as_bytes()) {
        Err(RecordingError::Cut { found, expected }) => assert_eq!((found, expected), (499, 1_200)),
        other => panic!("{other:?}"),
    }
}
