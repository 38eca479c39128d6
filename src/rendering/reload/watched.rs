//! Paths in the file system whose changes can change a file.
//!
//! An editor writes a file in place, or writes another one beside it and renames that. A link can be pointed elsewhere, and so can a
//! link to a parent folder. So each link on the way to a file and the file itself are watched, each by its folder.

use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Maximum number of links that are followed, as in the Linux kernel: more of them form a cycle.
const MOST_LINKS: usize = 40;

/// Returns the links on the way to a file and the file itself, or the first part of the path that does not exist, all in folders
/// without links.
///
/// # Errors
/// The current folder is gone.
pub(super) fn places(file: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let mut places = BTreeSet::new();
    let mut links = 0;
    // Parts that have not been visited, last part first.
    let mut ahead: Vec<PathBuf> = parts(&std::path::absolute(file)?);
    let mut here = PathBuf::new();
    while let Some(part) = ahead.pop() {
        if part == Path::new("..") {
            here.pop();
            continue;
        }
        let next = here.join(&part);
        match std::fs::read_link(&next) {
            Ok(target) if links < MOST_LINKS => {
                links += 1;
                places.insert(next);
                ahead.extend(parts(&target));
            }
            _ if next.exists() => here = next,
            // Nothing exists here yet. Once this part does, the rest of the path can be followed.
            _ => {
                places.insert(next);
                return Ok(places);
            }
        }
    }
    places.insert(here);
    Ok(places)
}

/// Returns the parts of a path, the last one first, without those that have no effect.
fn parts(path: &Path) -> Vec<PathBuf> {
    let part = |component: Component| PathBuf::from(component.as_os_str());
    let components = path.components().filter(|component| *component != Component::CurDir);
    components.rev().map(part).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_changes_where_it_lies_and_at_every_link_that_leads_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("store/v1")).unwrap();
        fs::create_dir(root.join("home")).unwrap();
        fs::write(root.join("store/v1/spring.toml"), "").unwrap();
        symlink("v1", root.join("store/current")).unwrap();
        symlink("../store/current/spring.toml", root.join("home/spring.toml")).unwrap();
        let found = places(&root.join("home/../home/./spring.toml")).unwrap();
        let expected = ["home/spring.toml", "store/current", "store/v1/spring.toml"];
        assert_eq!(found, expected.map(|place| root.join(place)).into());
    }

    #[test]
    fn what_is_not_there_yet_is_watched_where_it_would_begin() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let found = places(&root.join("lib/seasons/spring.toml")).unwrap();
        assert_eq!(found, [root.join("lib")].into());
        symlink("b", root.join("a")).unwrap();
        symlink("a", root.join("b")).unwrap();
        assert!(places(&root.join("a")).is_ok(), "links in a circle end");
    }
}
