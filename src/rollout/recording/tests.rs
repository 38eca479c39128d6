use rand::Rng;
use serde_json::{Value, json};

use super::header::MOST_HEADER_BYTES;
use super::writing::hexadecimal;
use super::*;
use crate::agent::drivers::Gardener;
use crate::random::{Stream, stream};
use crate::scenario::Scenario;

/// A year of two seasons, an episode of 12 decisions each.
fn recorded() -> Vec<u8> {
    let mut scenario = Scenario::load("water_tank").unwrap().scenario;
    scenario.seasons.truncate(2);
    scenario.episode.decisions = 12;
    let mut header = RecordingHeader::new(scenario, None, 1, 8, "gardener");
    header.gardens = 2;
    let mut text = Vec::new();
    record(&header, Box::new(Gardener), &mut text, |_| ()).unwrap();
    text
}

fn lines(recording: &[u8]) -> Vec<&[u8]> {
    recording.split_inclusive(|&byte| byte == b'\n').collect()
}

/// The same with a last line that is right: what a forger would write.
fn resealed(recording: &[u8]) -> Vec<u8> {
    let mut lines = lines(recording);
    lines.retain(|line| !line.starts_with(END));
    let mut text = lines.concat();
    let ticks = (lines.len() as u64).saturating_sub(1);
    let checksum = hexadecimal(xxhash_rust::xxh3::xxh3_64(&text));
    text.extend(
        serde_json::to_vec(&EndLine {
            end: End { ticks, checksum },
        })
        .unwrap(),
    );
    text.push(b'\n');
    text
}

/// The recording with its header changed, and sealed again.
fn with_header(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let recording = recorded();
    let mut lines = lines(&recording);
    let mut header: Value = serde_json::from_slice(lines[0]).unwrap();
    change(&mut header);
    let mut first = serde_json::to_vec(&header).unwrap();
    first.push(b'\n');
    lines[0] = &first;
    resealed(&lines.concat())
}

/// The recording with the line of a tick changed, and sealed again.
fn with_tick(tick: usize, change: impl FnOnce(&mut TickLine)) -> Vec<u8> {
    let recording = recorded();
    let mut lines = lines(&recording);
    let mut line: TickLine = serde_json::from_slice(lines[tick + 1]).unwrap();
    change(&mut line);
    let mut text = serde_json::to_vec(&line).unwrap();
    text.push(b'\n');
    lines[tick + 1] = &text;
    resealed(&lines.concat())
}

fn difference(recording: &[u8]) -> Option<(usize, Compared)> {
    let difference = verify_recording(recording).unwrap();
    difference.map(|difference| (difference.tick, difference.compared))
}

fn mistakes(recording: &[u8]) -> Vec<String> {
    match verify_recording(recording) {
        Err(RecordingError::Header(mistakes)) => mistakes.list,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_recorded_is_proved() {
    let recording = recorded();
    assert_eq!(difference(&recording), None);
    assert_eq!(resealed(&recording), recording);
    let read = Recording::read(&*recording).unwrap();
    assert_eq!((read.ticks(), read.actions.len()), (24, 48));
    let ended: Vec<usize> = read.returns.iter().map(|&(tick, _)| tick).collect();
    assert_eq!(ended, [11, 11, 23, 23]);
    assert_eq!(read.row(24), None);
}

#[test]
fn a_recording_that_was_cut_is_told_wherever_it_was_cut() {
    let recording = recorded();
    for length in 1..recording.len() {
        assert!(verify_recording(&recording[..length]).is_err(), "cut after {length} bytes");
    }
    let lines = lines(&recording);
    for whole in 1..lines.len() {
        match verify_recording(&*lines[..whole].concat()) {
            Err(RecordingError::Cut { found, expected: 24 }) => assert_eq!(found, whole as u64 - 1),
            other => panic!("{other:?}"),
        }
        // A forger who counts again is caught by the header.
        assert!(whole == lines.len() - 1 || verify_recording(&*resealed(&lines[..whole].concat())).is_err());
    }
    let longer = [&recording[..], b"\n"].concat();
    assert!(verify_recording(&*longer).is_err(), "something follows the last line");
}

#[test]
fn the_last_action_of_an_episode_counts_too() {
    for tick in [5, 11, 23] {
        let mut outcomes = 0;
        for other in 0..Action::ALL.len() as u8 {
            let mut same = false;
            let forged = with_tick(tick, |line| {
                same = line.actions[1] == other;
                line.actions[1] = other;
            });
            let found = difference(&forged);
            assert_eq!(found.is_none(), same, "tick {tick}, action {other}");
            outcomes += usize::from(found == Some((tick, Compared::Outcome)));
        }
        // The state after the last tick is that of the next episode, and knows nothing of the action.
        assert_eq!(outcomes > 0, tick != 5, "tick {tick}");
    }
}

#[test]
fn forged_hashes_and_returns_are_told() {
    let zero = "0".repeat(16);
    assert_eq!(
        difference(&with_tick(7, |line| line.hash.clone_from(&zero))),
        Some((7, Compared::State))
    );
    assert_eq!(
        difference(&with_tick(7, |line| line.outcome.clone_from(&zero))),
        Some((7, Compared::Outcome))
    );
    assert_eq!(
        difference(&with_tick(11, |line| line.returns[1] += 0.125)),
        Some((11, Compared::Return))
    );
    assert_eq!(
        difference(&with_tick(11, |line| line.returns.clear())),
        Some((11, Compared::Return))
    );
    assert_eq!(
        difference(&with_tick(3, |line| line.returns.push(0.0))),
        Some((3, Compared::Return))
    );
    assert!(matches!(
        difference(&with_header(|header| header["seed"] = json!(9))),
        Some((0, _))
    ));
}

#[test]
fn every_mistake_in_a_header_is_named() {
    let wrong = with_header(|header| {
        header["season"] = json!(99);
        header["gardens"] = json!(1_000_000_000_000_u64);
        header["episodes"] = json!(u64::MAX);
        header["scenario"]["plants"]["count"] = json!(0);
    });
    let list = mistakes(&wrong).join("\n");
    for expected in [
        "season is 99, and the scenario has 2 seasons",
        "gardens is 1000000000000",
        "episodes is 18446744073709551615",
        "scenario.plants.count",
    ] {
        assert!(list.contains(expected), "{expected} in {list}");
    }
    let no_seasons = mistakes(&with_header(|header| header["scenario"]["seasons"] = json!([])));
    assert!(
        no_seasons.iter().any(|mistake| mistake.contains("scenario.seasons")),
        "{no_seasons:?}"
    );
    let props = json!(vec![json!({"kind": "stone", "count": 32, "colour": "#ffffff"}); 100]);
    let crowded = mistakes(&with_header(|header| header["scenario"]["seasons"][1]["props"] = props));
    assert!(crowded.iter().any(|mistake| mistake.contains("3200 things")), "{crowded:?}");
    assert_eq!(
        mistakes(&with_header(|header| header["episodes"] = json!(0))),
        ["episodes is 0, and must be at least 1"]
    );
}

#[test]
fn what_is_of_the_wrong_kind_is_named_too() {
    let wrong = with_header(|header| {
        header["seed"] = json!(-1);
        header["gardens"] = json!("two");
        header["surprise"] = json!(1);
        header["scenario"]["plants"]["cuont"] = json!(3);
        header["scenario"]["eye"]["columns"] = json!("many");
    });
    let list = mistakes(&wrong).join("\n");
    for expected in [
        "seed: ",
        "gardens: ",
        "unknown key `surprise`",
        "scenario.plants",
        "scenario.eye.columns",
    ] {
        assert!(list.contains(expected), "{expected} in {list}");
    }
}

#[test]
fn another_format_is_refused_by_its_version() {
    let older = with_header(|header| header["perennial_recording"] = json!(1));
    let refusal = verify_recording(&*older).unwrap_err().to_string();
    assert!(
        refusal.contains("format 1") && refusal.contains("record it again"),
        "{refusal}"
    );
    for nothing in ["{}\n", "[]\n", "null\n", "no recording\n", "\n"] {
        assert!(matches!(
            verify_recording(nothing.as_bytes()),
            Err(RecordingError::Damaged { line: 1, .. })
        ));
    }
}

#[test]
fn a_line_without_end_takes_no_memory() {
    let endless = std::io::BufReader::new(std::io::repeat(b'['));
    match verify_recording(endless) {
        Err(RecordingError::Damaged { line: 1, reason }) => assert!(reason.contains("longer than"), "{reason}"),
        other => panic!("{other:?}"),
    }
    let deep = "[".repeat(MOST_HEADER_BYTES - 1) + "\n";
    assert!(verify_recording(deep.as_bytes()).is_err());
}

fn below(rng: &mut Stream, limit: usize) -> usize {
    (rng.next_u64() % limit as u64) as usize
}

/// Changes a few bytes or lines.
fn mutated(recording: &[u8], rng: &mut Stream) -> Vec<u8> {
    let mut bytes = recording.to_vec();
    for _ in 0..=below(rng, 3) {
        let place = below(rng, bytes.len().max(1));
        match below(rng, 8) {
            _ if bytes.is_empty() => {}
            0 => bytes[place] ^= 1 << below(rng, 8),
            1 => bytes[place] = b"0123456789-+.eE[]{}\",:n \n\xff"[below(rng, 26)],
            2 => {
                bytes.remove(place);
            }
            3 => bytes.insert(place, rng.next_u64() as u8),
            4 => bytes.truncate(place),
            kind => {
                let mut lines: Vec<Vec<u8>> = lines(&bytes).into_iter().map(<[u8]>::to_vec).collect();
                let (one, other) = (below(rng, lines.len()), below(rng, lines.len()));
                match kind {
                    5 => lines.swap(one, other),
                    6 => drop(lines.remove(one)),
                    _ => {
                        let copy = lines[one].clone();
                        lines.insert(other, copy);
                    }
                }
                bytes = lines.concat();
            }
        }
    }
    bytes
}

#[test]
fn no_changed_recording_is_accepted() {
    let recording = recorded();
    let mut rng = stream(1, "test", 0);
    let mut changed = 0;
    for round in 0..4_000 {
        let mutant = mutated(&recording, &mut rng);
        let accepted = matches!(verify_recording(&*mutant), Ok(None));
        assert_eq!(accepted, mutant == recording, "round {round}");
        changed += usize::from(mutant != recording);
    }
    assert!(changed > 3_500, "{changed}");
}

#[test]
fn whatever_a_forger_writes_is_answered() {
    let recording = recorded();
    let first_tick = lines(&recording)[0].len();
    let ticks = |text: &[u8]| lines(text)[1..].concat();
    let mut rng = stream(2, "test", 0);
    let mut told = 0;
    for round in 0..3_000 {
        let mutant = if round % 2 == 0 {
            mutated(&recording, &mut rng)
        } else {
            // Most bytes are those of the header; half of all changes are made behind it.
            [&recording[..first_tick], &mutated(&recording[first_tick..], &mut rng)].concat()
        };
        let forged = resealed(&mutant);
        match verify_recording(&*forged) {
            // What no simulation can tell stands in the header, or is another way to write the same numbers.
            Ok(None) if forged != recording && mutant.starts_with(&recording[..first_tick]) => {
                let parsed = |text: &[u8]| -> Vec<Value> {
                    lines(&ticks(text))
                        .iter()
                        .filter_map(|line| serde_json::from_slice(line).ok())
                        .collect()
                };
                let (forged, recording) = (parsed(&forged), parsed(&recording));
                assert_eq!(forged[..24], recording[..24], "round {round}");
            }
            Ok(None) => {}
            Ok(Some(_)) => told += 1,
            Err(_) => {}
        }
    }
    assert!(told > 100, "{told}");
}
