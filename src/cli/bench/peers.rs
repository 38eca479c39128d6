//! Speeds of well-known libraries in Python, measured in the same run.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use miette::{IntoDiagnostic, WrapErr};
use serde::{Deserialize, Serialize};

/// The program that measures: see there.
const PROGRAM: &str = include_str!("peers.py");

/// One library and what it was measured at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Peer {
    /// Name of the distribution.
    pub(crate) library: String,
    /// Its version, if it is installed.
    #[serde(default)]
    pub(crate) version: Option<String>,
    /// Algorithm or environment.
    pub(crate) what: String,
    /// Unit of the speed.
    pub(crate) unit: String,
    /// Speed, if it could be measured.
    #[serde(default)]
    pub(crate) per_second: Option<f64>,
    /// Reason why it could not.
    #[serde(default)]
    pub(crate) missing: Option<String>,
}

/// Measures what is installed for this Python, at least `time` for each of three measurements.
///
/// # Errors
/// Fails if it cannot be started, ends with an error, or does not answer as it should.
pub(crate) fn measure(python: &Path, time: Duration) -> miette::Result<Vec<Peer>> {
    let shown = python.display();
    let output = Command::new(python)
        .args(["-c", PROGRAM, &time.as_secs_f64().to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .into_diagnostic()
        .wrap_err_with(|| format!("--peers: cannot start {shown}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.trim().lines().last().unwrap_or_default().to_owned();
        return Err(miette::miette!("--peers: {shown} ended with {}: {last}", output.status));
    }
    serde_json::from_slice(&output.stdout)
        .into_diagnostic()
        .wrap_err_with(|| format!("--peers: {shown} did not answer as Python would"))
}
