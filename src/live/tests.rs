//! Watched gardens equal trained ones; commands, paces and recordings work as documented.

#![allow(
    clippy::disallowed_methods,
    reason = "a test that waits for a thread must not wait for ever"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::testing::{scenario, session, settings, short_year};
use super::*;
use crate::agent::drivers::{Gardener, ReferenceDriver};
use crate::mdp::Action;
use crate::rollout::{Recording, RecordingHeader, record};
use crate::training::{Execution, Existing, NoObserver, RunFolder, Training};

fn play(simulation: &mut impl Simulation, ticks: u64) {
    for _ in 0..ticks {
        assert!(simulation.tick());
    }
}

#[test]
fn what_is_watched_is_what_is_trained() {
    for method in ["replay", "ewc", "packnet"] {
        let results = tempfile::tempdir().unwrap();
        let config = short_year(method);
        let folder = RunFolder::create(results.path(), "run", Existing::Refuse, &config.to_toml().unwrap()).unwrap();
        let mut training = Training::start(config.clone(), folder, None, Execution { overlapped: false }).unwrap();
        training.run(&mut NoObserver, &false.into()).unwrap();

        let mut watched = Session::new(settings(config.clone())).unwrap();
        play(&mut watched, config.ticks());
        // The states follow from the policy's decisions, and those from everything learned: a single differing bit shows in the
        // hash.
        assert_eq!(watched.gardens().state_hash(), training.gardens().state_hash(), "{method}");
        assert_eq!(watched.gardens().clock(), 240);
    }
}

#[test]
fn a_jump_ends_the_episode_and_begins_the_season_with_the_next_tick() {
    let mut session = session("replay");
    play(&mut session, 10);
    session.command(SimulationCommand::JumpTo { season: 3 });
    play(&mut session, 1);
    let view = session.view().unwrap();
    assert_eq!((view.moment.season, view.episode.number, view.episode.decisions), (3, 1, 0));
    let status = session.status();
    assert_eq!(status.learning.task_seasons, [0, 3], "the learner was told of the boundary");
    // The year continues from there: after 60 more ticks comes spring again.
    play(&mut session, 61);
    assert_eq!(session.view().unwrap().moment.season, 0);
}

#[test]
fn a_season_turns_into_another_over_the_ticks_that_are_asked_for() {
    let mut session = session("finetune");
    session.command(SimulationCommand::LetYearTurn(false));
    session.command(SimulationCommand::TurnInto { season: 1, ticks: 20 });
    let mut turned = Vec::new();
    for _ in 0..25 {
        play(&mut session, 1);
        turned.push(session.view().unwrap().moment);
    }
    assert!(
        turned
            .windows(2)
            .all(|pair| pair[0].turned <= pair[1].turned || pair[1].season == 1)
    );
    assert!((turned[10].turned - 0.5).abs() < 0.06 && turned[10].season == 0 && turned[10].next == 1);
    assert_eq!(turned[24], crate::scenario::Moment::pure(1));
    play(&mut session, 200);
    assert_eq!(session.view().unwrap().moment.season, 1, "the year stands still");
}

#[test]
fn each_driver_drives_the_garden_that_is_shown_and_no_other() {
    let states = |driver: DriverKind| {
        let mut session = Session::new(SessionSettings {
            learn: false,
            ..settings(short_year("finetune"))
        })
        .unwrap();
        session.command(SimulationCommand::Drive(driver));
        session.command(SimulationCommand::Steer(Action::Forward));
        play(&mut session, 20);
        let shown = session.view().unwrap();
        session.command(SimulationCommand::ShowGarden(1));
        (shown.robot.pose, session.view().unwrap().robot.pose, shown.action)
    };
    let (policy, beside, _) = states(DriverKind::Policy);
    for driver in [
        DriverKind::Reference(ReferenceDriver::Gardener),
        DriverKind::Reference(ReferenceDriver::Planner),
        DriverKind::Reference(ReferenceDriver::Random),
        DriverKind::Manual,
    ] {
        let (shown, other, action) = states(driver);
        assert_ne!(shown, policy, "{driver:?}");
        assert_eq!(other, beside, "{driver:?}");
        assert!(driver != DriverKind::Manual || action == Action::Forward);
    }
}

#[test]
fn learning_can_be_switched_off_and_another_method_taken_up() {
    let mut session = session("finetune");
    play(&mut session, 40);
    let updates = session.status().learning.ledger.updates;
    assert!(updates > 0);
    session.command(SimulationCommand::Learn(false));
    play(&mut session, 20);
    // One learning step may still have been under way.
    let after = session.status().learning.ledger.updates;
    assert!(after <= updates + 2);
    play(&mut session, 20);
    assert_eq!(session.status().learning.ledger.updates, after);
    assert_eq!(session.status().learning.exploration, Some(0.0));

    session.command(SimulationCommand::LearnWith {
        method: "replay".to_owned(),
    });
    play(&mut session, 40);
    let learning = session.status().learning;
    assert!(learning.on && learning.method == "replay" && learning.ledger.updates > 0);

    session.command(SimulationCommand::LearnWith {
        method: "joint".to_owned(),
    });
    let status = session.status();
    assert!(
        status.learning.method == "replay" && status.notes.len() == 1,
        "{:?}",
        status.notes
    );
}

#[test]
fn an_edited_scenario_takes_over_where_the_old_one_was() {
    let mut session = session("replay");
    play(&mut session, 70);
    let mut edited = scenario();
    edited.plants.count = 4;
    edited.name = "edited".to_owned();
    assert!(session.command(SimulationCommand::Replace(Arc::new(edited))));
    let view = session.view().unwrap();
    assert_eq!((view.plants.len(), view.tick, view.moment.season), (4, 70, 1));
    play(&mut session, 10);
    assert_eq!(session.status().scenario.name, "edited");
    assert!(session.status().notes.is_empty());
}

#[test]
fn reset_begins_everything_anew() {
    let mut session = session("replay");
    play(&mut session, 1);
    let first = session.gardens().state_hash();
    play(&mut session, 100);
    session.command(SimulationCommand::Drive(DriverKind::Reference(ReferenceDriver::Random)));
    session.command(SimulationCommand::Reset);
    play(&mut session, 1);
    assert_eq!(session.gardens().state_hash(), first);
}

#[test]
fn evaluations_fill_the_matrix_in_the_background() {
    let mut session = Session::new(SessionSettings {
        evaluate: true,
        ..settings(short_year("replay"))
    })
    .unwrap();
    play(&mut session, 130);
    let evaluations = session.status().evaluations;
    let rows: Vec<Option<usize>> = evaluations.iter().map(|row| row.after).collect();
    assert_eq!(rows, [None, Some(0), Some(1)]);
    assert!(
        evaluations
            .iter()
            .all(|row| row.scores.len() == 4 && row.scores.iter().all(Option::is_some))
    );
}

/// Waits for a condition that another thread brings about.
fn wait_until(what: &str, done: impl Fn() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_stage_plays_what_is_allowed_and_pace_changes_nothing() {
    let straight: Vec<(u64, u64)> = {
        let mut session = session("replay");
        (0..150)
            .map(|_| {
                play(&mut session, 1);
                let view = session.view().unwrap();
                (view.tick, view.state_hash)
            })
            .collect()
    };
    let thread = SimulationThread::open(Box::new(session("replay"))).unwrap();
    thread.keep_hashes();
    assert_eq!(thread.take_views().len(), 1, "the beginning is there to be seen");
    thread.allow(Some(3));
    wait_until("three ticks", || thread.played() == 3);
    let views = thread.take_views();
    assert_eq!(views.iter().map(|view| view.view.tick).collect::<Vec<_>>(), [1, 2, 3]);
    thread.allow(Some(40));
    // Nobody takes the views: the thread waits for space in the queue rather than dropping views, and continues once there is
    // some.
    wait_until("forty ticks", || thread.played() == 40);
    thread.take_views();
    thread.allow(None);
    wait_until("the rest", || thread.played() >= 150);
    assert_eq!(thread.hashes()[..150], straight[..]);
}

#[test]
fn whoever_slows_down_goes_on_from_the_newest_view() {
    let thread = SimulationThread::open(Box::new(session("finetune"))).unwrap();
    thread.allow(None);
    wait_until("two hundred ticks", || thread.played() >= 200);
    // No view was taken in between: only the oldest are kept.
    thread.allow(Some(0));
    wait_until("the newest view", || {
        let played = thread.played();
        thread.take_views().last().is_some_and(|view| view.played == played)
    });
}

#[test]
fn a_stage_stops_at_a_tick_however_fast_it_plays_and_shows_just_that_one() {
    let thread = SimulationThread::open(Box::new(session("finetune"))).unwrap();
    for stop in [37_u64, 38, 160] {
        thread.stop_at(Some(stop));
        thread.allow(None);
        wait_until("the stop", || {
            let newest = thread.take_views().last().map(|view| view.view.tick);
            newest == Some(stop) && thread.status().is_some_and(|status| status.tick == stop)
        });
        assert_eq!(thread.played(), stop, "not a tick further");
    }
    thread.stop_at(None);
    wait_until("it goes on", || thread.played() > 200);
}

fn recording(episodes: u64) -> Recording {
    let header = RecordingHeader::new(scenario(), Some(2), episodes, 3, "gardener");
    let mut text = Vec::new();
    record(&header, Box::new(Gardener), &mut text, |_| {}).unwrap();
    Recording::read(&text[..]).unwrap()
}

#[test]
fn a_recording_can_be_played_and_sought_in_both_directions() {
    let recording = recording(3);
    let mut playback = Playback::new("a.rec", recording.clone());
    play(&mut playback, 120);
    assert!(!playback.tick(), "it is over");
    for tick in [7_u64, 95, 40, 41, 39, 120, 0] {
        assert!(playback.command(SimulationCommand::Seek(tick)));
        let view = playback.view().unwrap();
        assert_eq!(view.tick, tick);
        if let Some(last) = tick.checked_sub(1) {
            assert_eq!(view.state_hash, recording.hashes[last as usize], "tick {tick}");
        }
    }
    assert!(playback.status().notes.is_empty());
    assert!(
        !playback.command(SimulationCommand::JumpTo { season: 1 }),
        "what was recorded cannot be changed"
    );
}

#[test]
fn a_recording_that_is_not_what_it_says_is_told() {
    let mut recording = recording(1);
    recording.hashes[4] ^= 1;
    let mut playback = Playback::new("a.rec", recording);
    play(&mut playback, 10);
    assert!(playback.status().notes[0].contains("after decision 5"));
}

#[test]
fn a_view_says_what_is_so() {
    let mut session = session("replay");
    session.command(SimulationCommand::Drive(DriverKind::Reference(ReferenceDriver::Gardener)));
    let mut watered = 0;
    for _ in 0..40 {
        let before = session.view().unwrap();
        play(&mut session, 1);
        let view = session.view().unwrap();
        assert_eq!(view.plants.len(), 10);
        let thought = view.thought.unwrap();
        assert_eq!((thought.outputs.len(), thought.probabilities.len()), (5, 5));
        assert!((thought.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        if let WateringView::Plant { number, .. } = view.watering {
            watered += 1;
            assert!(view.plants[number].moisture > before.plants[number].moisture);
        }
    }
    assert!(watered > 0, "the gardener waters within eight seconds");
}
