//! Answer to a lost X server.
//!
//! Xlib ends a program whose connection breaks with exit code 1, which means "the answer is no" here. A handler ends it with an error
//! instead.

use super::window::LastWords;

/// Reports a lost X server by `last_words` from now on.
#[cfg(not(unix))]
pub(super) fn report_by(_last_words: LastWords) {}

#[cfg(unix)]
pub(super) use unix::report_by;

#[cfg(unix)]
mod unix {
    use std::os::raw::c_int;
    use std::sync::OnceLock;

    use x11_dl::xlib::{Display, Xlib};

    use super::LastWords;
    use crate::rendering::RenderingError;

    /// The library, and what reports the loss. Kept: the handler stays set as long as the program runs.
    static REPORTED: OnceLock<(Xlib, LastWords)> = OnceLock::new();

    /// Reports a lost X server by `last_words` from now on.
    pub(in crate::rendering) fn report_by(last_words: LastWords) {
        // Without the library there is no X server to be lost.
        let Ok(xlib) = Xlib::open() else { return };
        let (xlib, _) = REPORTED.get_or_init(|| (xlib, last_words));
        #[allow(
            unsafe_code,
            reason = "Xlib can be told of a handler in no other way; the handler never returns into it"
        )]
        // SAFETY: the function was loaded from libX11 with this signature, and may be called at any time.
        unsafe {
            (xlib.XSetIOErrorHandler)(Some(lost));
        }
    }

    #[allow(unsafe_code, reason = "the signature that Xlib asks for")]
    unsafe extern "C" fn lost(_display: *mut Display) -> c_int {
        match REPORTED.get() {
            Some((_, last_words)) => last_words(RenderingError::Stopped {
                reason: "the connection to the X server was lost".to_owned(),
            }),
            // Xlib ends the program.
            None => 0,
        }
    }
}
