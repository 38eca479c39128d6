//! Display on which windows are opened: the existing one, or a virtual one.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;

/// A watchdog: what takes so long hangs, also on a machine that is busy with other things.
pub(crate) const LONGEST: Duration = Duration::from_secs(1_800);

/// A display for windows.
pub(crate) enum Screen {
    /// The display that was there already.
    Given,
    /// One for these tests alone.
    Own(Xvfb),
}

impl Screen {
    /// Finds or opens a display.
    ///
    /// # Errors
    /// There is none, or nothing that could draw.
    pub(crate) fn find() -> Result<Self, String> {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let screen = if is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") {
            Self::Given
        } else {
            Self::Own(Xvfb::start()?)
        };
        // The cheapest question to ask whether anything can draw.
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let arguments = ["screenshot", "--size", "64x64", "--decisions", "2", "--out", "probe.png"];
        let output = program()
            .args(arguments)
            .current_dir(&folder)
            .output()
            .map_err(|error| error.to_string())?;
        if String::from_utf8_lossy(&output.stderr).contains("no graphics adapter") {
            return Err("nothing here can draw (no graphics adapter)".to_owned());
        }
        Ok(screen)
    }

    /// The program, to be run with this display.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        match self {
            Self::Own(xvfb) => xvfb.command(arguments),
            Self::Given => piped(program(), arguments),
        }
    }

    /// Opens a window, goes through the tour and returns what was said.
    pub(crate) fn tour(&self, folder: &Path, arguments: &[&str], tour: &str) -> Result<Output, Failed> {
        fs::write(folder.join("tour.toml"), tour)?;
        let mut all = vec!["watch", "--quality", "low", "--size", "640x360", "--tour", "tour.toml"];
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

/// A display that nobody sees, for as long as this lives.
pub(crate) struct Xvfb {
    server: Child,
    /// Its name, like `:7`.
    display: String,
}

impl Xvfb {
    /// Starts a server, which chooses a number that no other one has and tells it when it can be reached.
    pub(crate) fn start() -> Result<Self, String> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x720x24", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("there is neither a display nor Xvfb ({error})"))?;
        let (sender, told) = channel();
        if let Some(told) = server.stdout.take() {
            std::thread::spawn(move || {
                let mut line = String::new();
                let read = BufReader::new(told).read_line(&mut line);
                // If nobody waits any more, it was too late.
                let _ = sender.send(read.map(|_| line));
            });
        }
        let mut xvfb = Self {
            server,
            display: String::new(),
        };
        match told.recv_timeout(LONGEST) {
            Ok(Ok(line)) if !line.trim().is_empty() => xvfb.display = format!(":{}", line.trim()),
            _ => return Err("Xvfb cannot be started".to_owned()),
        }
        Ok(xvfb)
    }
}

impl Xvfb {
    /// The program, to be run with this display.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        without_display(&mut command).env("DISPLAY", &self.display);
        piped(command, arguments)
    }
}

fn piped(mut command: Command, arguments: &[&str]) -> Command {
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Drop for Xvfb {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The program, without any display.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perennial"));
    command.stdin(Stdio::null());
    command
}

/// Takes every display from a command.
pub(crate) fn without_display(command: &mut Command) -> &mut Command {
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
        command.env_remove(name);
    }
    command
}

/// Runs a command to its end, but not for ever.
pub(crate) fn wait(mut command: Command) -> Result<Output, Failed> {
    // Into files: a child whose pipe is full would wait for a reader.
    let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let mut child = command.stdout(stdout.try_clone()?).stderr(stderr.try_clone()?).spawn()?;
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if began.elapsed() > LONGEST {
            child.kill()?;
            child.wait()?;
            return Err("the program hangs".into());
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    Ok(Output {
        status,
        stdout: written(&mut stdout)?,
        stderr: written(&mut stderr)?,
    })
}

/// All that was written into a file.
fn written(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}
