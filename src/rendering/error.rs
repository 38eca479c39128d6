//! Why a garden cannot be drawn.

use std::path::PathBuf;

/// Why a garden cannot be drawn, and what can be done.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum RenderingError {
    /// There is no display to open a window on.
    #[error("no window can be opened: {reason}")]
    #[diagnostic(help(
        "`perennial train` needs no display, and `perennial screenshot` draws a picture without one; over a network, try `ssh -X`, \
         or `xvfb-run -a perennial watch --tour FILE`"
    ))]
    NoDisplay {
        /// What the window system says.
        reason: String,
    },
    /// There is nothing that could draw.
    #[error("nothing here can draw: no graphics adapter was found")]
    #[diagnostic(help(
        "install a driver for Vulkan or OpenGL; without a graphics card, Mesa's software renderer will do (on Debian and Ubuntu the \
         package mesa-vulkan-drivers). `perennial train` needs neither"
    ))]
    NoAdapter,
    /// The graphics adapter stopped working, or something in drawing went wrong.
    #[error("drawing stopped: {reason}")]
    #[diagnostic(help(
        "what was learned so far is not lost in `perennial train`, which does not draw; see also `--quality low`"
    ))]
    Stopped {
        /// What was said last.
        reason: String,
    },
    /// The simulation cannot be given a thread.
    #[error("the simulation cannot be started")]
    SimulationThread(#[from] std::io::Error),
    /// There is nothing to show.
    #[error("there is no garden to show")]
    NothingToShow,
    /// A picture cannot be written.
    #[error("the picture {} cannot be written: {reason}", path.display())]
    Picture {
        /// Where it was to be.
        path: PathBuf,
        /// Why it is not.
        reason: String,
    },
}
