//! Errors of the rendering.

use std::path::PathBuf;

/// Reasons why a garden cannot be drawn.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum RenderingError {
    /// There is no display for a window.
    #[error("no window can be opened: {reason}")]
    #[diagnostic(help(
        "`perennial train` needs no display, and `perennial screenshot` draws a picture without one; over a network, try `ssh -X`, \
         or `xvfb-run -a perennial watch --tour FILE`"
    ))]
    NoDisplay {
        /// Message of the window system.
        reason: String,
    },
    /// There is no graphics adapter.
    #[error("nothing here can draw: no graphics adapter was found")]
    #[diagnostic(help(
        "install a driver for Vulkan or OpenGL; without a graphics card, Mesa's software renderer will do (on Debian and Ubuntu the \
         package mesa-vulkan-drivers). `perennial train` needs neither"
    ))]
    NoAdapter,
    /// The graphics adapter stopped working, or drawing failed.
    #[error("drawing stopped: {reason}")]
    #[diagnostic(help(
        "what was learned so far is not lost in `perennial train`, which does not draw; see also `--quality low`"
    ))]
    Stopped {
        /// Last message.
        reason: String,
    },
    /// The thread of the simulation cannot be started.
    #[error("the simulation cannot be started")]
    SimulationThread(#[from] std::io::Error),
    /// There is no garden to show.
    #[error("there is no garden to show")]
    NothingToShow,
    /// A picture cannot be written.
    #[error("the picture {} cannot be written: {reason}", path.display())]
    Picture {
        /// Path of the picture.
        path: PathBuf,
        /// Reason.
        reason: String,
    },
}
