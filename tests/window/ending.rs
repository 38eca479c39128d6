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

pub(crate) fn signals_close(screen: &Screen) -> Result<(), Failed> {
    for (signal, code) in [("TERM", 143), ("INT", 130), ("HUP", 129)] {
        let folder = tempfile::tempdir()?;
        let child = opened(folder.path(), screen.command(&WATCH))?;
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &child.id().to_string()])
            .status()?;
        expect(sent.success(), format!("{signal} cannot be sent"))?;
        let told = expect_code(signal, &child.wait_with_output()?, code)?;
        expect(!told.contains("drawing stopped"), format!("{signal}: {told}"))?;
    }
    Ok(())
}

pub(crate) fn a_lost_display_is_a_failure(_: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let server = Xvfb::start()?;
    let child = opened(folder.path(), server.command(&WATCH))?;
    drop(server);
    let told = expect_code("a lost display", &child.wait_with_output()?, 2)?;
    expect(told.contains("drawing stopped"), told)
}
