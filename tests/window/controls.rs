//! Commands to the window take effect.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use perennial::scenario::Scenario;

use super::screen::{LONGEST, Screen, program, wait};
use super::seeing::{colours, expect, facts, picture};

pub(crate) fn every_control_acts(screen: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let fact = "facts = \"facts.jsonl\"\n";
    // What is asked, when to look, and what the facts then say.
    let asked: &[(&str, &str, &str, serde_json::Value)] = &[
        ("pause = true", "", "paused", true.into()),
        ("pace = \"16x\"", "after_ticks = 5", "pace", "16x".into()),
        ("pace = \"free\"", "after_ticks = 50", "pace", "as fast as possible".into()),
        (
            "pace = \"4x\"\nseason = \"autumn\"",
            "after_ticks = 5",
            "season",
            "autumn".into(),
        ),
        (
            "turn_into = \"winter\"\nover_ticks = 4",
            "after_ticks = 12",
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
        ("camera = \"eye\"", "", "camera", "eye".into()),
        ("select = \"3\"", "", "selected", "Some(Plant(3))".into()),
        ("select = \"robot\"", "", "selected", "Some(Robot)".into()),
        ("panels = []", "", "panels", false.into()),
        ("garden = 1", "after_ticks = 2", "garden", 1.into()),
        // Time for a few pictures on a fast machine, and frames for them on a slow one.
        ("film = true", "after_s = 1\nafter_frames = 40", "filming", true.into()),
        ("film = false", "", "filming", false.into()),
        ("reset = true", "after_ticks = 2", "learns", true.into()),
    ];
    let mut tour = String::new();
    for (what, when, _, _) in asked {
        // A frame must pass between asking and looking.
        let when = if when.is_empty() { "after_frames = 2" } else { when };
        tour += &format!("[[moment]]\n{what}\n[[moment]]\nafter_frames = 2\n[[moment]]\n{when}\n{fact}");
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

pub(crate) fn recordings_play(screen: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let recording = folder.path().join("gardener.rec");
    let mut record = program();
    record
        .args(["rollout", "--driver", "gardener", "--season", "autumn", "--record"])
        .arg(&recording);
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

/// An edit changes the garden, a mistake is told with its place, and time goes on meanwhile.
pub(crate) fn edits_are_read(screen: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    fs::write(
        folder.path().join("mine.toml"),
        Scenario::load("four_seasons")?.scenario.to_toml()?,
    )?;
    edits_are_followed(screen, folder.path(), "--scenario")
}

/// The same of a file that is edited in the window, which makes it.
pub(crate) fn edits_beside_the_panel_are_read(screen: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    edits_are_followed(screen, folder.path(), "--edit")
}

fn edits_are_followed(screen: &Screen, folder: &Path, flag: &str) -> Result<(), Failed> {
    let file = folder.join("mine.toml");
    // As editors do: a file that is half written is an edit too.
    let save = |text: String| -> Result<(), Failed> {
        let beside = folder.join("mine.tmp");
        fs::write(&beside, text)?;
        Ok(fs::rename(beside, &file)?)
    };
    let fact = "facts = \"facts.jsonl\"\n";
    let tour = format!(
        "[[moment]]\nafter_ticks = 2\n{fact}[[moment]]\nafter_edits = 1\n[[moment]]\nafter_ticks = 2\n{fact}\
         [[moment]]\nafter_edits = 1\n{fact}[[moment]]\nquit = true\n"
    );
    fs::write(folder.join("tour.toml"), tour)?;
    let arguments = [
        "watch",
        "--quality",
        "low",
        "--size",
        "640x360",
        "--no-learning",
        flag,
        "mine.toml",
        "--tour",
        "tour.toml",
    ];
    let mut command = screen.command(&arguments);
    let mut child = command.current_dir(folder).spawn()?;
    let lines = |wanted: usize| -> Result<(), Failed> {
        let began = Instant::now();
        while facts(folder).map_or(0, |facts| facts.len()) < wanted {
            expect(began.elapsed() < LONGEST, "the window hangs")?;
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    };
    let edited = (|| {
        lines(1)?;
        let text = fs::read_to_string(&file)?;
        save(text.replacen("name = ", "nmae = ", 1))?;
        lines(2)?;
        let spring = "extends = \"seasons/spring.toml\"";
        let named = text.replace(spring, &format!("{spring}\nname = \"first\""));
        save(named.replace("name = \"spring\"", "name = \"first\""))?;
        lines(3)
    })();
    if edited.is_err() {
        child.kill()?;
    }
    let status = child.wait()?;
    edited?;
    expect(status.success(), status.to_string())?;
    let facts = facts(folder)?;
    expect(
        facts[0]["mistakes"].is_null() && facts[0]["season"] == "spring",
        facts[0].to_string(),
    )?;
    let told = facts[1]["mistakes"].as_str().unwrap_or_default();
    expect(
        told.contains("nmae") && told.contains("did you mean `name`"),
        format!("the mistake is not told: {}", facts[1]),
    )?;
    expect(facts[1]["tick"].as_u64() > facts[0]["tick"].as_u64(), "the garden goes on")?;
    expect(
        facts[2]["mistakes"].is_null() && facts[2]["season"] == "first",
        facts[2].to_string(),
    )
}
