//! The layout of scenario files, and their migration to the current format. Comments and the order of keys stay.

use toml_edit::{DocumentMut, Item, TableLike};

use crate::scenario::{FORMAT_VERSION, RENAMED_KEYS};

/// Error: the text is not TOML.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not TOML: {0}")]
pub struct NotToml(String);

/// Returns a scenario or season file in the current format and in one layout: spaces around `=`, aligned comments, one blank line at most
/// between tables. What is in it already stays as it is.
///
/// # Errors
/// Returns an error if the text is not TOML.
pub fn format(text: &str) -> Result<String, NotToml> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    let migrated = migrate(&text)?;
    let options = taplo::formatter::Options {
        align_comments: true,
        align_single_comments: false,
        array_auto_collapse: false,
        column_width: 120,
        allowed_blank_lines: 1,
        ..Default::default()
    };
    Ok(taplo::formatter::format(&migrated, options))
}

/// Writes the version of the format into the file, and renames what older versions called otherwise.
fn migrate(text: &str) -> Result<String, NotToml> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| NotToml(error.message().to_owned()))?;
    let version = document.get("version").and_then(Item::as_integer);
    if version.is_some_and(|version| version >= FORMAT_VERSION) {
        return Ok(document.to_string());
    }
    let root = document.as_table_mut();
    rename_in_look(root);
    match root.get_mut("seasons") {
        Some(Item::ArrayOfTables(seasons)) => seasons.iter_mut().for_each(|season| rename_in_look(season)),
        Some(Item::Value(toml_edit::Value::Array(seasons))) => {
            let tables = seasons.iter_mut().filter_map(toml_edit::Value::as_inline_table_mut);
            tables.for_each(|season| rename_in_look(season));
        }
        _ => {}
    }
    match root.get_mut("version") {
        // What stands around it stays, the comment behind it too.
        Some(Item::Value(written)) if version.is_some() => {
            let decor = written.decor().clone();
            *written = FORMAT_VERSION.into();
            *written.decor_mut() = decor;
            return Ok(document.to_string());
        }
        // What it is meant to be, nobody knows: `check` tells.
        Some(_) => return Ok(document.to_string()),
        None => {}
    }
    Ok(with_version(&document))
}

/// Adds the version as the first key, below the comment that heads the file.
fn with_version(document: &DocumentMut) -> String {
    let text = document.to_string();
    let mut head = 0;
    for line in text.split_inclusive('\n') {
        let is_head = line.starts_with('#') || line.trim().is_empty();
        if !is_head {
            break;
        }
        head += line.len();
    }
    // A comment without a blank line below it belongs to the first key, unless it is all that there is above it.
    let (above, below) = text.split_at(head);
    let end = if above.is_empty() || above.ends_with('\n') { "" } else { "\n" };
    format!("{above}{end}version = {FORMAT_VERSION}\n{below}")
}

/// Renames keys of a season's look.
fn rename_in_look(season: &mut dyn TableLike) {
    let Some(look) = season.get_mut("look").and_then(Item::as_table_like_mut) else {
        return;
    };
    for (before, since) in RENAMED_KEYS {
        rename(look, before, since);
    }
}

/// Renames a key in its place.
fn rename(table: &mut dyn TableLike, before: &str, since: &str) {
    if !table.contains_key(before) || table.contains_key(since) {
        return;
    }
    let entries: Vec<(toml_edit::Key, Item)> = {
        let keys: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
        let take = |key: String| {
            let (name, item) = (table.key(&key).cloned()?, table.remove(&key)?);
            Some((name, item))
        };
        keys.into_iter().filter_map(take).collect()
    };
    for (key, item) in entries {
        let renamed = if key.get() == before {
            toml_edit::Key::new(since)
                .with_leaf_decor(key.leaf_decor().clone())
                .with_dotted_decor(key.dotted_decor().clone())
        } else {
            key
        };
        table.entry_format(&renamed).or_insert(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_written_once_and_takes_nothing_away() {
        for (text, formatted) in [
            ("# only", "# only\nversion = 2\n"),
            ("# one\n\n# two", "# one\n\n# two\nversion = 2\n"),
            ("", "version = 2\n"),
            (
                "version = 1 # keep me\nname = \"a\"\n",
                "version = 2 # keep me\nname = \"a\"\n",
            ),
            ("version = \"abc\"\n", "version = \"abc\"\n"),
            ("[version]\nx = 1\n", "[version]\nx = 1\n"),
        ] {
            let once = format(text).unwrap();
            assert_eq!(once, formatted, "{text:?}");
            assert_eq!(format(&once).unwrap(), once, "{text:?}");
        }
    }
    use crate::scenario::Scenario;

    const OLD: &str = "# My garden.\n\nname=\"mine\"   # a name\n[[seasons]]\nname = \"one\"\n[seasons.look]\nground = \"#000000\"\n# fresh\n\
                       plant_fine=\"#00ff00\" # green\nplant_thirsty = \"#ffff00\"\nsky=\"#0000ff\"\nwall=\"#888888\"\n\
                       [seasons.dynamics]\nevaporation_per_decision=0.01\ntraction=0.9\n";

    #[test]
    fn an_old_file_is_migrated_and_keeps_its_comments_and_order() {
        let new = format(OLD).unwrap();
        insta::assert_snapshot!(new, @r##"
        # My garden.

        version = 2
        name = "mine" # a name
        [[seasons]]
        name = "one"
        [seasons.look]
        ground = "#000000"
        # fresh
        fine = "#00ff00" # green
        thirsty = "#ffff00"
        sky = "#0000ff"
        wall = "#888888"
        [seasons.dynamics]
        evaporation_per_decision = 0.01
        traction = 0.9
        "##);
        assert_eq!(
            Scenario::parse("new.toml", &new).unwrap(),
            Scenario::parse("old.toml", OLD).unwrap()
        );
        assert_eq!(format(&new).unwrap(), new, "what is formatted stays as it is");
    }

    #[test]
    fn windows_line_ends_and_byte_order_marks_go() {
        let new = format(&format!("\u{feff}{}", OLD.replace('\n', "\r\n"))).unwrap();
        assert_eq!(new, format(OLD).unwrap());
    }

    #[test]
    fn what_is_not_toml_stays() {
        assert!(format("name = ").is_err());
    }
}
