//! Keeps the known noise of graphics libraries from the standard error stream.
//!
//! If `XDG_RUNTIME_DIR` is not set (in containers, under `sudo`), Mesa's layer for Vulkan still tries to ask a Wayland server which
//! graphics card it uses, and libwayland writes a line each time. The line is harmless and cannot be switched off from inside the
//! program. So the stream goes to a file while adapters are looked for, and everything else in that file is passed on.

#[cfg(unix)]
pub(super) use unix::{end, quietly};

/// Does some work.
#[cfg(not(unix))]
pub(super) fn quietly<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Brings the stream back.
#[cfg(not(unix))]
pub(super) fn end() {}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{Read, Seek, SeekFrom, Write};
    use std::os::fd::{AsFd, OwnedFd};
    use std::sync::{Mutex, PoisonError};

    /// The line of libwayland.
    const NOISE: &str = "error: XDG_RUNTIME_DIR is invalid or not set in the environment.";

    /// The stream under way; a process has only one.
    static REDIRECTED: Mutex<Option<Redirected>> = Mutex::new(None);

    /// Does some work and keeps the noise that it makes to itself.
    pub(in crate::rendering) fn quietly<T>(work: impl FnOnce() -> T) -> T {
        // With the variable there is no such line, and nothing to be done.
        if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
            *REDIRECTED.lock().unwrap_or_else(PoisonError::into_inner) = Redirected::begin();
        }
        let _end = End;
        work()
    }

    /// Brings the stream back, if it is redirected: before the last words of a program that ends in the middle.
    pub(in crate::rendering) fn end() {
        drop(REDIRECTED.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Ends the redirection when it is dropped, also by a panic.
    struct End;

    impl Drop for End {
        fn drop(&mut self) {
            end();
        }
    }

    /// The standard error stream while it goes into a file; it comes back when this is dropped.
    struct Redirected {
        stream: OwnedFd,
        file: File,
    }

    impl Redirected {
        /// Redirects the stream; none if that cannot be done.
        fn begin() -> Option<Self> {
            let file = tempfile::tempfile().ok()?;
            let stream = std::io::stderr().as_fd().try_clone_to_owned().ok()?;
            nix::unistd::dup2_stderr(&file).ok()?;
            Some(Self { stream, file })
        }
    }

    impl Drop for Redirected {
        fn drop(&mut self) {
            // If either fails there is nowhere to say so.
            let _ = nix::unistd::dup2_stderr(&self.stream);
            let mut told = Vec::new();
            let _ = self.file.seek(SeekFrom::Start(0));
            let _ = self.file.read_to_end(&mut told);
            let _ = std::io::stderr().write_all(&without_noise(&told));
        }
    }

    /// Everything but the noise.
    fn without_noise(told: &[u8]) -> Vec<u8> {
        let lines = told.split_inclusive(|&byte| byte == b'\n');
        lines
            .filter(|line| line.trim_ascii_end() != NOISE.as_bytes())
            .flatten()
            .copied()
            .collect()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn everything_but_the_known_line_is_passed_on() {
            let told = format!("one\n{NOISE}\n\u{ff} two\n{NOISE}");
            assert_eq!(without_noise(told.as_bytes()), "one\n\u{ff} two\n".as_bytes());
        }
    }
}
