//! Plain files are replaced whole and keep what they are; everything else is written to.

use std::fs;

use miette::Diagnostic;

use super::*;

fn text(path: &Path, words: &str) -> Result<(), WriteError> {
    write(path, |file| file.write_all(words.as_bytes()))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_made_and_replaced_and_a_failure_leaves_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page");
    text(&path, "one").unwrap();
    text(&path, "two").unwrap();
    let failed = write(&path, |file| {
        file.write_all(&[b'x'; 100_000])?;
        Err(ErrorKind::StorageFull.into())
    });
    assert!(failed.unwrap_err().to_string().contains("page: "));
    assert_eq!(fs::read_to_string(&path).unwrap(), "two");
    assert_eq!(names(folder.path()), ["page"]);
}

#[test]
fn a_folder_that_is_missing_is_named_and_no_temporary_file() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none");
    for failed in [
        text(&missing.join("page"), "one").unwrap_err(),
        check_writable(&missing.join("page")).unwrap_err(),
    ] {
        assert_eq!(
            failed.to_string(),
            format!(
                "could not write {}: the folder {} does not exist",
                missing.join("page").display(),
                missing.display()
            )
        );
        assert!(!failed.help().unwrap().to_string().contains("disk"));
    }
    let reason = |path: &Path| check_writable(path).unwrap_err().why.to_string();
    assert_eq!(reason(folder.path()), "it is a folder");
    fs::write(&missing, "").unwrap();
    assert_eq!(reason(&missing.join("page")), "a part of its path is not a folder");
    assert_eq!(create_folder(&missing).unwrap_err().why.to_string(), "it is not a folder");
    assert_eq!(fs::read_to_string(&missing).unwrap(), "");
}

#[cfg(unix)]
mod unix {
    use std::io::Read;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn permissions_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("private");
        for mode in [0o600, 0o640, 0o666] {
            fs::write(&path, "one").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            text(&path, "two").unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
            assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        }
    }

    #[test]
    fn links_are_followed_to_files_that_are_there_and_to_new_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("below")).unwrap();
        fs::write(path("below/file"), "one").unwrap();
        symlink("below/file", path("link")).unwrap();
        symlink("link", path("second")).unwrap();
        symlink("below/new", path("dangling")).unwrap();
        symlink("loop", path("loop")).unwrap();
        text(&path("second"), "two").unwrap();
        text(&path("dangling"), "three").unwrap();
        assert_eq!(fs::read_to_string(path("below/file")).unwrap(), "two");
        assert_eq!(fs::read_to_string(path("below/new")).unwrap(), "three");
        for link in ["link", "second", "dangling"] {
            assert!(fs::symlink_metadata(path(link)).unwrap().is_symlink(), "{link}");
        }
        assert_eq!(names(&path("below")), ["file", "new"]);
        let failed = text(&path("loop"), "four").unwrap_err();
        assert_eq!(failed.why.to_string(), "too many levels of symbolic links");
    }

    #[test]
    fn a_pipe_and_a_device_are_written_to_and_stay() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = pipe.clone();
        let thread = std::thread::spawn(move || fs::read_to_string(reader).unwrap());
        text(&pipe, "through").unwrap();
        assert_eq!(thread.join().unwrap(), "through");
        let null = folder.path().join("null");
        symlink("/dev/null", &null).unwrap();
        text(&null, "nowhere").unwrap();
        assert_eq!(names(folder.path()), ["null", "pipe"]);
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_told_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let full = folder.path().join("full.png");
        symlink("/dev/full", &full).unwrap();
        let failed = text(&full, "words").unwrap_err();
        assert_eq!(failed.why.to_string(), "no space left on device");
        assert!(failed.help().unwrap().to_string().contains("make room"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_that_was_handed_over_open_is_written_to() {
        use std::os::fd::AsRawFd;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, "before ").unwrap();
        let mut file = fs::File::open(&path).unwrap();
        text(Path::new(&format!("/proc/self/fd/{}", file.as_raw_fd())), "after").unwrap();
        let mut seen = String::new();
        file.read_to_string(&mut seen).unwrap();
        assert_eq!(seen, "before after");
    }
}

#[test]
#[cfg(unix)]
fn all_paths_to_a_file_have_one_place() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("below")).unwrap();
    fs::write(at("file"), "").unwrap();
    for (link, target) in [("link", "file"), ("new_link", "below/new")] {
        std::os::unix::fs::symlink(target, at(link)).unwrap();
    }
    for (one, other, is_same) in [
        ("file", "below/../file", true),
        ("file", "link", true),
        ("below/new", "new_link", true),
        ("below/new", "below/./new", true),
        ("new", "below/new", false),
        ("nowhere/x", "x", false),
    ] {
        assert_eq!(place(&at(one)) == place(&at(other)), is_same, "{one}, {other}");
    }
}
