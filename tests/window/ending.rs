//! Ends of the window that its user did not ask for by a key.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;

use crate::screen::{LONGEST, Screen, Xvfb};
use crate::seeing::expect;

/// Writes a file as soon as a frame has been drawn, and leaves the window open.
const READY: &str = "[[moment]]\nafter_frames = 3\nfacts = \"ready.jsonl\"\n";

/// Opens a window and returns once it has drawn something.
fn opened(folder: &Path, mut command: Command) -> Result<Child, Failed> {
    std::fs::write(folder.join("tour.toml"), READY)?;
    let mut child = command.current_dir(folder).stdout(Stdio::null()).spawn()?;
    let began = Instant::now();
    while !folder.join("ready.jsonl").exists() {
        if child.try_wait()?.is_some() || began.elapsed() > LONGEST {
            // It may have ended by itself.
            let _ = child.kill();
            let output = child.wait_with_output()?;
            return Err(format!("no window: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(child)
}

/// Waits until the window has ended, and returns what it said.
fn ended(mut child: Child) -> Result<Output, Failed> {
    let began = Instant::now();
    while child.try_wait()?.is_none() {
        if began.elapsed() > LONGEST {
            child.kill()?;
            let output = child.wait_with_output()?;
            return Err(format!("the window stays open: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(child.wait_with_output()?)
}

const WATCH: [&str; 8] = [
    "watch",
    "--quality",
    "low",
    "--size",
    "320x240",
    "--no-learning",
    "--tour",
    "tour.toml",
];

fn expect_code(what: &str, output: &Output, code: i32) -> Result<String, Failed> {
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    expect(
        output.status.code() == Some(code),
        format!("{what}: {}: {told}", output.status),
    )?;
    expect(!told.contains("panicked"), format!("{what}: {told}"))?;
    Ok(told)
}

/// Returns `true` if this process ignores the signal, as `nohup` makes it do. A window that is started from here then ignores it too.
fn is_ignored(signal: i32) -> Result<bool, Failed> {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else {
        return Ok(false);
    };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = u64::from_str_radix(mask.ok_or("no mask of ignored signals")?.trim(), 16)?;
    Ok(mask >> (signal - 1) & 1 == 1)
}

pub(crate) fn signals_close(screen: &Screen) -> Result<(), Failed> {
    for (signal, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        if is_ignored(number)? {
            continue;
        }
        let code = 128 + number;
        let folder = tempfile::tempdir()?;
        let child = opened(folder.path(), screen.command(&WATCH))?;
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &child.id().to_string()])
            .status()?;
        expect(sent.success(), format!("{signal} cannot be sent"))?;
        let told = expect_code(signal, &ended(child)?, code)?;
        expect(!told.contains("drawing stopped"), format!("{signal}: {told}"))?;
    }
    Ok(())
}

pub(crate) fn a_lost_display_is_a_failure(_: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let server = Xvfb::start()?;
    let child = opened(folder.path(), server.command(&WATCH))?;
    drop(server);
    let told = expect_code("a lost display", &ended(child)?, 2)?;
    expect(told.contains("drawing stopped"), told)
}
