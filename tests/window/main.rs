//! The window, as a person has it before them: real windows, on a screen that nobody sees.
//!
//! Where there is no display, these tests open one with Xvfb; where there is no Xvfb, or nothing that could draw, they are skipped and
//! say why.

#![allow(clippy::print_stdout, reason = "why a test is skipped is told to who runs them")]
#![allow(clippy::disallowed_methods, reason = "a window that hangs must not hang the tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use image::RgbImage;
use libtest_mimic::{Arguments, Failed, Trial};
use perennial::live::{Programme, Session, SessionSettings, Simulation};
use perennial::scenario::Scenario;
use perennial::training::RunConfig;

/// A window that does nothing for so long hangs.
const LONGEST: Duration = Duration::from_secs(280);

type Check = fn(&Screen) -> Result<(), Failed>;

const CHECKS: &[(&str, Check)] = &[
    ("each_season_is_seen_and_looks_like_no_other", seasons_differ),
    ("panels_are_there_and_can_be_hidden", panels_are_there),
    ("every_control_acts", every_control_acts),
    (
        "what_is_watched_goes_through_the_states_of_a_headless_run",
        states_are_those_of_a_headless_run,
    ),
    ("ten_rounds_of_seasons_leave_nothing_behind", seasons_leave_nothing_behind),
    ("a_recording_is_played_to_its_end_and_sought", recordings_play),
    ("an_edited_scenario_is_read_again_and_a_mistake_is_told", edits_are_read),
    ("a_picture_needs_no_display", pictures_need_no_display),
];

fn main() {
    let arguments = Arguments::from_args();
    let screen = Screen::find();
    let mut trials = vec![Trial::test("without_a_display_it_says_what_to_do", without_a_display)];
    for &(name, check) in CHECKS {
        let screen = screen.clone();
        let trial = Trial::test(name, move || match screen {
            Ok(screen) => check(&screen),
            Err(reason) => {
                println!("{name} is skipped: {reason}");
                Ok(())
            }
        });
        trials.push(trial);
    }
    // Several windows at once would only wait for each other.
    let arguments = Arguments {
        test_threads: Some(1),
        ..arguments
    };
    libtest_mimic::run(&arguments, trials).exit();
}

/// Where windows can be opened.
#[derive(Clone)]
struct Screen {
    /// What is put before the command.
    prefix: Vec<&'static str>,
}

impl Screen {
    fn find() -> Result<Self, String> {
        let has_display = std::env::var_os("DISPLAY").is_some_and(|display| !display.is_empty());
        let prefix = if has_display {
            Vec::new()
        } else {
            let found = Command::new("xvfb-run").arg("--help").output();
            found.map_err(|_| "there is neither a display nor xvfb-run".to_owned())?;
            vec!["xvfb-run", "-a", "-s", "-screen 0 1280x720x24"]
        };
        let screen = Self { prefix };
        // The cheapest question to ask whether anything can draw.
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let picture = folder.path().join("probe.png");
        let arguments = ["screenshot", "--size", "64x64", "--decisions", "2", "--out"];
        let output = program()
            .args(arguments)
            .arg(&picture)
            .output()
            .map_err(|error| error.to_string())?;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        if told.contains("no graphics adapter") {
            return Err("nothing here can draw (no graphics adapter)".to_owned());
        }
        Ok(screen)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_perennial");
        let mut command = match self.prefix.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Opens a window, goes through the tour and returns what was said.
    fn tour(&self, folder: &Path, arguments: &[&str], tour: &str) -> Result<Output, Failed> {
        let path = folder.join("tour.toml");
        fs::write(&path, tour)?;
        let path = path.to_string_lossy().into_owned();
        let mut all = vec!["watch", "--quality", "low", "--size", "640x360", "--tour", &path];
        all.extend(arguments);
        let mut command = self.command(&all);
        command.current_dir(folder);
        let output = wait(command)?;
        if !output.status.success() {
            return Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(output)
    }
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_perennial"))
}

/// Runs a command to its end, but not for ever.
fn wait(mut command: Command) -> Result<Output, Failed> {
    let mut child = command.spawn()?;
    let began = Instant::now();
    while child.try_wait()?.is_none() {
        if began.elapsed() > LONGEST {
            child.kill()?;
            return Err("the window hangs".into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(child.wait_with_output()?)
}

fn picture(path: PathBuf) -> Result<RgbImage, Failed> {
    Ok(image::open(path)?.to_rgb8())
}

fn facts(folder: &Path) -> Result<Vec<serde_json::Value>, Failed> {
    let text = fs::read_to_string(folder.join("facts.jsonl"))?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

fn expect(holds: bool, told: impl Into<String>) -> Result<(), Failed> {
    if holds { Ok(()) } else { Err(told.into().into()) }
}

/// Mean colour of a part of a picture, given in hundredths of its width and height.
fn mean_colour(picture: &RgbImage, (left, top, right, bottom): (u32, u32, u32, u32)) -> [f64; 3] {
    let (width, height) = picture.dimensions();
    let mut sums = [0.0; 3];
    let mut pixels = 0.0;
    for y in top * height / 100..bottom * height / 100 {
        for x in left * width / 100..right * width / 100 {
            for (sum, value) in sums.iter_mut().zip(picture.get_pixel(x, y).0) {
                *sum += f64::from(value);
            }
            pixels += 1.0;
        }
    }
    sums.map(|sum| sum / pixels)
}

fn distance(one: [f64; 3], other: [f64; 3]) -> f64 {
    one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

/// How many colours a picture has, to five bits a channel: a blank one has one, a garden hundreds.
fn colours(picture: &RgbImage) -> usize {
    let coarse = picture.pixels().map(|pixel| pixel.0.map(|value| value >> 3));
    coarse.collect::<std::collections::BTreeSet<_>>().len()
}

const MIDDLE: (u32, u32, u32, u32) = (30, 40, 70, 80);

fn without_a_display() -> Result<(), Failed> {
    let mut command = program();
    command
        .args(["watch", "--no-story"])
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = wait(command)?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    expect(output.status.code() == Some(2), format!("{}: {told}", output.status))?;
    expect(told.contains("perennial train"), told.clone())?;
    expect(!told.contains("panicked"), told)
}

fn seasons_differ(screen: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let seasons = ["spring", "summer", "autumn", "winter"];
    let mut tour = String::from("[[moment]]\npace = \"4x\"\npanels = []\n");
    for season in seasons {
        tour += &format!(
            "[[moment]]\nseason = \"{season}\"\npause = false\n[[moment]]\nafter_ticks = 20\npause = true\nscreenshot = \"{season}.png\"\n"
        );
    }
    tour += "[[moment]]\nquit = true\n";
    screen.tour(folder.path(), &["--no-learning", "--policy", "year"], &tour)?;
    let mut looks = Vec::new();
    for season in seasons {
        let picture = picture(folder.path().join(format!("{season}.png")))?;
        expect(picture.dimensions() == (640, 360), "the picture has the size of the window")?;
        expect(
            colours(&picture) > 100,
            format!("{season} is blank: {} colours", colours(&picture)),
        )?;
        looks.push(mean_colour(&picture, MIDDLE));
    }
    for (number, look) in looks.iter().enumerate() {
        for (other, other_look) in looks.iter().enumerate().skip(number + 1) {
            let apart = distance(*look, *other_look);
            expect(
                apart > 15.0,
                format!("{} and {} look alike: {apart:.1}", seasons[number], seasons[other]),
            )?;
        }
    }
    Ok(())
}

fn panels_are_there(screen: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let tour = "[[moment]]\nafter_s = 1\npause = true\norbit = [40.0, 32.0, 1.7]\npanels = [\"all\"]\nscreenshot = \"with.png\"\n\
                [[moment]]\npanels = []\nscreenshot = \"without.png\"\n\
                [[moment]]\nhelp = true\npanels = [\"all\"]\nscreenshot = \"help.png\"\n[[moment]]\nquit = true\n";
    screen.tour(folder.path(), &[], tour)?;
    let [with, without, help] = ["with.png", "without.png", "help.png"].map(|name| picture(folder.path().join(name)));
    let (with, without, help) = (with?, without?, help?);
    let changed = |part| distance(mean_colour(&with, part), mean_colour(&without, part));
    for (name, part) in [
        ("left", (1, 10, 18, 60)),
        ("right", (82, 10, 99, 60)),
        ("bottom", (5, 93, 95, 99)),
    ] {
        expect(changed(part) > 10.0, format!("no panel at the {name}: {:.1}", changed(part)))?;
    }
    expect(
        changed(MIDDLE) < 10.0,
        format!("the garden in the middle is covered: {:.1}", changed(MIDDLE)),
    )?;
    let helped = distance(mean_colour(&with, MIDDLE), mean_colour(&help, MIDDLE));
    expect(helped > 10.0, format!("no help: {helped:.1}"))
}

fn every_control_acts(screen: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let fact = "facts = \"facts.jsonl\"\n";
    // What is asked, when to look, and what the facts then say.
    let asked: &[(&str, &str, &str, serde_json::Value)] = &[
        ("pause = true", "", "paused", true.into()),
        ("pace = \"16x\"", "after_ticks = 5", "pace", "16x".into()),
        ("pace = \"free\"", "after_ticks = 50", "pace", "as fast as possible".into()),
        (
            "pace = \"4x\"\nseason = \"autumn\"",
            "after_ticks = 3",
            "season",
            "autumn".into(),
        ),
        (
            "turn_into = \"winter\"\nover_ticks = 4",
            "after_ticks = 8",
            "season",
            "winter".into(),
        ),
        ("year_turns = false", "after_ticks = 2", "year_turns", false.into()),
        ("driver = \"gardener\"", "after_ticks = 2", "driver", "gardener".into()),
        ("driver = \"random\"", "after_ticks = 2", "driver", "random".into()),
        ("driver = \"manual\"", "after_ticks = 2", "driver", "manual".into()),
        ("driver = \"policy\"", "after_ticks = 2", "driver", "policy".into()),
        ("learn = false", "after_ticks = 2", "learns", false.into()),
        ("method = \"finetune\"", "after_ticks = 2", "method", "finetune".into()),
        ("camera = \"follow\"", "", "camera", "follow".into()),
        ("camera = \"above\"", "", "camera", "above".into()),
        ("camera = \"eye\"", "", "camera", "robot's eye".into()),
        ("select = \"3\"", "", "selected", "Some(Plant(3))".into()),
        ("select = \"robot\"", "", "selected", "Some(Robot)".into()),
        ("panels = []", "", "panels", false.into()),
        ("garden = 1", "after_ticks = 2", "garden", 1.into()),
        ("film = true", "after_s = 1", "filming", true.into()),
        ("film = false", "", "filming", false.into()),
        ("reset = true", "after_ticks = 2", "learns", true.into()),
    ];
    let mut tour = String::new();
    for (what, when, _, _) in asked {
        // A frame must pass between asking and looking; a fifth of a second has at least one.
        let when = if when.is_empty() { "after_s = 0.2" } else { when };
        tour += &format!("[[moment]]\n{what}\n[[moment]]\nafter_s = 0.4\n[[moment]]\n{when}\n{fact}");
    }
    tour += "[[moment]]\nquit = true\n";
    // A moment that waits for ticks after a pause would wait for ever: the second moment of `pause` goes on.
    let tour = tour.replacen("pace = \"16x\"", "pause = false\npace = \"16x\"", 1);
    screen.tour(folder.path(), &["--gardens", "2"], &tour)?;
    let facts = facts(folder.path())?;
    expect(
        facts.len() == asked.len(),
        format!("{} of {} moments", facts.len(), asked.len()),
    )?;
    for ((what, _, key, value), facts) in asked.iter().zip(&facts) {
        expect(&facts[key] == value, format!("`{what}`: {key} is {}", facts[key]))?;
    }
    let (paused, running) = (&facts[0], &facts[1]);
    expect(
        running["tick"].as_u64() > paused["tick"].as_u64(),
        "time passes after a pause",
    )?;
    let films = fs::read_dir(folder.path().join("film-0001"))?.count();
    expect(films > 1, format!("{films} pictures of a film"))?;
    let (before, anew) = (&facts[facts.len() - 2], &facts[facts.len() - 1]);
    expect(anew["tick"].as_u64() < before["tick"].as_u64(), "a reset begins anew")
}

fn states_are_those_of_a_headless_run(screen: &Screen) -> Result<(), Failed> {
    const TICKS: u64 = 1_200;
    let folder = tempfile::tempdir()?;
    let tour = format!(
        "[[moment]]\nafter_ticks = 8\npace = \"64x\"\n[[moment]]\nafter_ticks = 300\npace = \"free\"\ncamera = \"follow\"\n\
         [[moment]]\nafter_ticks = 300\npace = \"16x\"\n[[moment]]\nafter_ticks = 40\npace = \"free\"\n\
         [[moment]]\nat_tick = {TICKS}\nhashes = \"hashes\"\nquit = true\n"
    );
    let arguments = [
        "--method",
        "replay",
        "--seed",
        "3",
        "--gardens",
        "4",
        "--decisions-per-season",
        "1600",
        "--pace",
        "4x",
    ];
    screen.tour(folder.path(), &arguments, &tour)?;
    let watched = fs::read_to_string(folder.path().join("hashes"))?;
    let watched: Vec<&str> = watched.lines().take(TICKS as usize).collect();
    expect(
        watched.len() == TICKS as usize,
        format!("{} ticks were watched", watched.len()),
    )?;

    let mut config = RunConfig {
        method: "replay".to_owned(),
        seed: 3,
        gardens: 4,
        decisions_per_season: 1600,
        years: 1000,
        ..RunConfig::new(Scenario::load("four_seasons")?.scenario)
    };
    config.evaluation.episodes = 16;
    let mut headless = Session::new(SessionSettings {
        config,
        policy: None,
        learn: true,
        year_turns: true,
        season: 0,
        programme: Programme::Live,
        overlapped: true,
        evaluate: false,
        curve: Vec::new(),
        evaluations: Vec::new(),
    })?;
    for watched in watched {
        headless.tick();
        let gardens = headless.gardens();
        let simulated = format!("{} {:016x}", gardens.clock(), gardens.state_hash());
        expect(watched == simulated, format!("watched {watched}, headless {simulated}"))?;
    }
    Ok(())
}

fn seasons_leave_nothing_behind(screen: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let mut tour = String::from("[[moment]]\npace = \"64x\"\n");
    for round in 0..12 {
        for season in ["spring", "summer", "autumn", "winter"] {
            tour += &format!("[[moment]]\nseason = \"{season}\"\n[[moment]]\nafter_ticks = 20\n");
        }
        tour += &format!(
            "[[moment]]\nafter_s = 0.3\n{}",
            if round >= 1 { "facts = \"facts.jsonl\"\n" } else { "" }
        );
    }
    tour += "[[moment]]\nquit = true\n";
    screen.tour(folder.path(), &["--gardens", "1", "--no-learning"], &tour)?;
    let facts = facts(folder.path())?;
    let (first, last) = (&facts[0], &facts[facts.len() - 1]);
    for key in ["entities", "meshes", "materials", "images"] {
        let (before, after) = (first[key].as_f64().unwrap_or(0.0), last[key].as_f64().unwrap_or(0.0));
        // Drops and sparks come and go: a round more or less of them is no leak, ten rounds of anything else are.
        expect(
            after <= 1.1 * before + 24.0,
            format!("{key}: {before} before, {after} after ten rounds"),
        )?;
    }
    if let (Some(before), Some(after)) = (first["resident_bytes"].as_f64(), last["resident_bytes"].as_f64()) {
        let grown_mb = (after - before) / 1e6;
        expect(grown_mb < 40.0, format!("memory grew by {grown_mb:.0} MB in ten rounds"))?;
    }
    Ok(())
}

fn recordings_play(screen: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let recording = folder.path().join("gardener.rec");
    let mut record = program();
    record
        .args(["rollout", "--driver", "gardener", "--season", "autumn", "--record"])
        .arg(&recording)
        .stdout(Stdio::piped());
    expect(wait(record)?.status.success(), "a recording can be made")?;
    let tour = "[[moment]]\npace = \"64x\"\n[[moment]]\nat_tick = 300\nfacts = \"facts.jsonl\"\nscreenshot = \"end.png\"\n\
                [[moment]]\nquit = true\n";
    let path = recording.to_string_lossy().into_owned();
    screen.tour(folder.path(), &["--recording", &path], tour)?;
    let facts = facts(folder.path())?;
    expect(
        facts[0]["season"] == "autumn" && facts[0]["driver"] == "recorded",
        facts[0].to_string(),
    )?;
    expect(colours(&picture(folder.path().join("end.png"))?) > 100, "the garden is seen")
}

fn edits_are_read(screen: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("mine.toml");
    let text = Scenario::load("four_seasons")?.scenario.to_toml()?;
    fs::write(&file, &text)?;
    let tour = "[[moment]]\nafter_s = 1\nfacts = \"facts.jsonl\"\n[[moment]]\nafter_s = 6\nfacts = \"facts.jsonl\"\n\
                [[moment]]\nafter_s = 4\nfacts = \"facts.jsonl\"\nscreenshot = \"mended.png\"\n[[moment]]\nquit = true\n";
    let tour_file = folder.path().join("tour.toml");
    fs::write(&tour_file, tour)?;
    let (file_name, tour_name) = (file.to_string_lossy().into_owned(), tour_file.to_string_lossy().into_owned());
    let arguments = [
        "watch",
        "--quality",
        "low",
        "--size",
        "640x360",
        "--no-learning",
        "--scenario",
        &file_name,
        "--tour",
        &tour_name,
    ];
    let mut command = screen.command(&arguments);
    command.current_dir(folder.path());
    let mut child = command.spawn()?;
    let lines = |wanted: usize| -> Result<(), Failed> {
        let began = Instant::now();
        while facts(folder.path()).map_or(0, |facts| facts.len()) < wanted {
            expect(began.elapsed() < LONGEST, "the window hangs")?;
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    };
    let edited = (|| {
        lines(1)?;
        fs::write(&file, text.replace("side_m = ", "sidem = "))?;
        lines(2)?;
        fs::write(&file, text.replace("name = \"spring\"", "name = \"first\""))?;
        lines(3)
    })();
    if edited.is_err() {
        child.kill()?;
    }
    let status = child.wait()?;
    edited?;
    expect(status.success(), status.to_string())?;
    let facts = facts(folder.path())?;
    expect(
        facts[0]["mistakes"].is_null() && facts[0]["season"] == "spring",
        facts[0].to_string(),
    )?;
    let told = facts[1]["mistakes"].as_str().unwrap_or_default();
    expect(
        told.contains("sidem") && told.contains("side_m"),
        format!("the mistake is not told: {}", facts[1]),
    )?;
    expect(facts[1]["tick"].as_u64() > facts[0]["tick"].as_u64(), "the garden goes on")?;
    expect(
        facts[2]["mistakes"].is_null() && facts[2]["season"] == "first",
        facts[2].to_string(),
    )
}

fn pictures_need_no_display(_: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let mut looks = Vec::new();
    for season in ["spring", "winter"] {
        let path = folder.path().join(format!("{season}.png"));
        let mut command = program();
        command
            .args([
                "screenshot",
                "--season",
                season,
                "--size",
                "320x200",
                "--quality",
                "low",
                "--out",
            ])
            .arg(&path)
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let output = wait(command)?;
        expect(output.status.success(), String::from_utf8_lossy(&output.stderr))?;
        let picture = picture(path)?;
        expect(picture.dimensions() == (320, 200), "it has the size that was asked for")?;
        expect(colours(&picture) > 100, format!("{season} is blank"))?;
        looks.push(mean_colour(&picture, MIDDLE));
    }
    expect(distance(looks[0], looks[1]) > 15.0, "spring and winter look alike")
}
