//! Reading what can be read, and saying why the rest cannot.

use std::fs;

use super::*;

#[test]
fn what_cannot_be_read_says_the_true_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("bytes"), b"\xff\xfe").unwrap();
    let reason = |name: &str| read_text(&path.join(name)).unwrap_err().reason();
    assert_eq!(reason("missing"), "there is no such file");
    assert_eq!(reason(""), "it is a folder");
    assert_eq!(reason("bytes"), "it is not UTF-8 text");
    assert_eq!(reason("bytes/below"), "a part of its path is not a folder");
    assert!(read(&path.join("missing")).unwrap_err().is_absent());
    let message = read(&path.join("a\nb")).unwrap_err().to_string();
    assert_eq!(
        message,
        format!("could not read {}/a\\nb: there is no such file", path.display())
    );
}

#[test]
#[cfg(unix)]
fn links_that_lead_nowhere_are_told_as_links() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    symlink("gone", folder.path().join("dangling")).unwrap();
    symlink("loop", folder.path().join("loop")).unwrap();
    let failed = |name: &str| read(&folder.path().join(name)).unwrap_err();
    assert_eq!(failed("dangling").reason(), "it is a link to gone, which does not exist");
    assert_eq!(failed("loop").reason(), "too many levels of symbolic links");
    assert!(!failed("dangling").is_absent() && !failed("loop").is_absent());
}

#[test]
#[cfg(unix)]
fn a_pipe_is_read_once_and_what_it_gave_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let writer = path.clone();
    let thread = std::thread::spawn(move || fs::write(writer, "once").unwrap());
    assert_eq!(read_kept(&path).unwrap(), b"once");
    thread.join().unwrap();
    // Nobody writes any more: opening it again would wait for ever.
    assert_eq!(read_kept(&path).unwrap(), b"once");
}

#[test]
#[cfg(target_os = "linux")]
fn a_device_without_end_is_refused() {
    let error = read_kept(Path::new("/dev/zero")).unwrap_err();
    assert_eq!(error.to_string(), "could not read /dev/zero: it holds more than 64 MiB");
}
