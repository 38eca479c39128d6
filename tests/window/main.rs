//! The window as a user has it: real windows, on a virtual screen.
//!
//! If there is no display, one Xvfb serves all of these tests. If there is no Xvfb, or no graphics driver, they count as ignored
//! and give the reason. They wait for what they need (a complete frame, an answer of the simulation); the only time limit
//! is a watchdog.

#![allow(clippy::disallowed_methods, reason = "a window that hangs must not hang the tests")]

mod controls;
#[cfg(unix)]
mod ending;
mod exactness;
mod pictures;
mod screen;
mod seeing;

use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use screen::Screen;

type Check = fn(&Screen) -> Result<(), Failed>;

const CHECKS: &[(&str, Check)] = &[
    ("each_season_is_seen_and_looks_like_no_other", pictures::seasons_differ),
    ("panels_are_there_and_can_be_hidden", pictures::panels_are_there),
    (
        "a_split_view_shows_the_garden_twice",
        pictures::split_view_shows_the_garden_twice,
    ),
    ("every_control_acts", controls::every_control_acts),
    (
        "what_is_watched_goes_through_the_states_of_a_headless_run",
        exactness::states_are_those_of_a_headless_run,
    ),
    (
        "ten_rounds_of_seasons_leave_nothing_behind",
        exactness::seasons_leave_nothing_behind,
    ),
    ("a_recording_is_played_to_its_end_and_sought", controls::recordings_play),
    (
        "an_edited_scenario_is_read_again_and_a_mistake_is_told",
        controls::edits_are_read,
    ),
    (
        "a_file_that_is_edited_in_the_window_is_made_and_followed",
        controls::edits_beside_the_panel_are_read,
    ),
    ("a_picture_needs_no_display", pictures::pictures_need_no_display),
    #[cfg(unix)]
    ("a_signal_closes_the_window_with_its_exit_code", ending::signals_close),
    #[cfg(unix)]
    ("a_lost_display_is_a_failure", ending::a_lost_display_is_a_failure),
];

fn main() {
    // Found by the first test that needs it, and closed after the last, also if one panics: the trials run inside of `run`.
    let screen: Arc<OnceLock<Result<Screen, String>>> = Arc::default();
    let mut trials = vec![Trial::test(
        "without_a_display_it_says_what_to_do",
        pictures::without_a_display,
    )];
    for &(name, check) in CHECKS {
        let screen = screen.clone();
        trials.push(Trial::ignorable_test(name, move || match screen.get_or_init(Screen::find) {
            Ok(screen) => check(screen).map(|()| Completion::Completed),
            Err(reason) => Ok(Completion::ignored_with(reason)),
        }));
    }
    let arguments = Arguments {
        // Several windows at once would only wait for each other.
        test_threads: Some(1),
        ..Arguments::from_args()
    };
    let conclusion = libtest_mimic::run(&arguments, trials);
    // Leaving the process would leave the display behind.
    drop(screen);
    conclusion.exit();
}
