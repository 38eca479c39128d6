//! Hostile scenarios: each ends in an error or a valid scenario, within a second and 100 MB, and reads no file that is not its own.
//!
//! `cargo test --test memory -- --ignored hostile` reads a million of them; `PERENNIAL_TORTURE` says another number.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use cpu_time::ThreadTime;
use perennial::authoring::editor::FileKind;
use perennial::authoring::format::format;
use perennial::authoring::random::{Degree, random_year, year_file};
use perennial::authoring::template::new_file;
use perennial::scenario::{Described, Scenario, ScenarioDocument, ScenarioError};

use crate::ALLOCATOR;
use crate::mutation::mutated;
use crate::torture_texts::asked;

pub(crate) const TESTS: &[(&str, fn())] = &[("hostile_scenarios_end_in_an_error_or_a_scenario", || {
    torture(asked().unwrap_or(100_000));
})];

pub(crate) const IGNORED_TESTS: &[(&str, fn())] = &[("a_million_hostile_scenarios_end_in_an_error_or_a_scenario", || {
    torture(asked().unwrap_or(1_000_000));
})];

/// Maximum time for reading one.
const MOST_TIME: Duration = Duration::from_secs(1);
/// Maximum number of bytes allocated for reading one.
const MOST_BYTES: usize = 100_000_000;
/// Length below which a text is short, in bytes. Long ones take most of the time and are read less often.
const SHORT: usize = 4_000;
/// One in so many is made from a text of any length. It shares no factor with their number.
const LONG_EVERY: u64 = 61;
/// Contents of a file that no scenario may read: a colour, and a word.
const SECRET: &str = "name = \"secret\"\n[look]\nground = \"#abcdef\"\n";

/// Everything that a file can say, and what nobody should.
fn texts() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let file = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let season = file("seasons/spring.toml");
    let inline = |text: &str| format!("[[seasons]]\n{}", text.replace("\n[", "\n[seasons."));
    let scenario = |seasons: &str| format!("name = \"hostile\"\nseasons = [{seasons}]\n");
    let mut texts = vec![
        file("four_seasons.toml"),
        file("water_tank.toml"),
        season.clone(),
        new_file(FileKind::Scenario, "new", None),
        new_file(FileKind::Season, "new", None),
        random_year(1, 4, Degree::Medium)
            .map(|year| year_file(&year))
            .unwrap_or_default(),
        season.replace("\nfine", "\nplant_fine").replace("version = 2", "version = 1"),
        season.replace('\n', "\r\n"),
        format!("\u{feff}{season}"),
        format!(
            "name = \"all\"\n{}\n{}",
            inline(&season),
            "[seasons.look.species.tulip]\nfine = \"crimson\"\n[seasons.rewards]\nbump = -1\n[seasons.faults]\nnoise_deviation = 0.1\n\
             [[seasons.events]]\nname = \"night\"\nfrom_fraction = 0.4\nuntil_fraction = 0.6\nlook.sky = \"oklch(0.2 0.05 270)\"\n\
             [seasons.drift]\nyears = 10\ndynamics.evaporation_per_decision = 0.012\n"
        ),
    ];
    // Paths: circles, ways out, devices, folders, links, pipes, and what is not there.
    for path in [
        "a.toml",
        "b.toml",
        "hostile.toml",
        "../secret.toml",
        "sub/../../secret.toml",
        "/etc/passwd",
        "/dev/zero",
        "/proc/self/mem",
        "out.toml",
        "circle.toml",
        "sub",
        "pipe",
        "large.toml",
        "gone.toml",
        "",
        ".",
        "\\u0000",
        "C:\\\\secret.toml",
    ] {
        texts.push(scenario(&format!("\"{path}\", {{ extends = \"{path}\", name = \"x\" }}")));
        texts.push(format!("extends = \"{path}\"\nname = \"x\"\n"));
    }
    texts.push(scenario(&"\"seasons/spring.toml\", ".repeat(70)));
    texts.push(scenario(&"{ extends = \"a.toml\" }, ".repeat(64)));
    // Numbers.
    for number in [
        "nan",
        "-inf",
        "1e999",
        "9223372036854775808",
        "-0.0",
        "1e-400",
        "0x7fffffffffffffff",
    ] {
        texts.push(season.replace("0.8", number));
        texts.push(format!(
            "name = \"x\"\nplants.count = {number}\nseasons = [\"seasons/spring.toml\"]\n"
        ));
    }
    // Depth and length.
    texts.push("[".repeat(20_000));
    texts.push("{a=".repeat(20_000));
    texts.push(format!("{}b = 1", "a.".repeat(20_000)));
    texts.push(format!("seasons = {}", "[".repeat(20_000)));
    texts.push(format!("look{} = 1", ".species".repeat(5_000)));
    texts.push(
        (0..6_000)
            .map(|number| format!("key_{number} = {{ a = {number} }}\n"))
            .collect(),
    );
    texts.push(format!("name = \"{}\"", "\u{1f33b}".repeat(30_000)));
    texts.push("[[seasons]]\n".repeat(10_000));
    let mut texts: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    // Other encodings.
    texts.push(season.encode_utf16().flat_map(u16::to_le_bytes).collect());
    texts.push(season.chars().map(|letter| letter as u8 | 0x80).collect());
    texts
}

/// Lays out a folder full of traps.
fn traps(root: &Path) {
    let write = |name: &str, text: &str| std::fs::write(root.join(name), text).unwrap();
    std::fs::create_dir_all(root.join("home/sub")).unwrap();
    write("secret.toml", SECRET);
    write("home/a.toml", "extends = \"b.toml\"\n");
    write("home/b.toml", "extends = \"sub/../a.toml\"\n");
    std::fs::File::create(root.join("home/large.toml"))
        .unwrap()
        .set_len(100 << 20)
        .unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("../secret.toml", root.join("home/out.toml")).unwrap();
        symlink("circle.toml", root.join("home/circle.toml")).unwrap();
        let _ = std::process::Command::new("mkfifo").arg(root.join("home/pipe")).status();
    }
}

fn torture(count: u64) {
    let folder = tempfile::tempdir().unwrap();
    traps(folder.path());
    let texts = texts();
    let short: Vec<&Vec<u8>> = texts.iter().filter(|text| text.len() < SHORT).collect();
    let file = folder.path().join("home/hostile.toml");
    let mut failures = Vec::new();
    for number in 0..count {
        let any = &texts[(number % texts.len() as u64) as usize];
        let bytes = if number < texts.len() as u64 {
            // Each text once as it is.
            any.clone()
        } else {
            let text = if number.is_multiple_of(LONG_EVERY) {
                any
            } else {
                short[number as usize % short.len()]
            };
            mutated(text, &texts, "hostile scenario", number)
        };
        // Writing a file takes longer than reading it.
        let on_disk = number < texts.len() as u64 || number.is_multiple_of(8);
        if on_disk {
            std::fs::write(&file, &bytes).unwrap();
        }
        let before = ALLOCATOR.current_usage();
        ALLOCATOR.reset_peak_usage();
        let began = ThreadTime::now();
        let read = catch_unwind(AssertUnwindSafe(|| read(&bytes, on_disk.then_some(file.as_path()))));
        let (time, peak) = (began.elapsed(), ALLOCATOR.peak_usage().saturating_sub(before));
        let failure = match read {
            Err(_) => Some("panics".to_owned()),
            Ok(Some(told)) => Some(told),
            Ok(None) if time > MOST_TIME => Some(format!("takes {} ms", time.as_millis())),
            Ok(None) if peak > MOST_BYTES => Some(format!("allocates {peak} bytes")),
            Ok(None) => None,
        };
        if let Some(failure) = failure {
            let kept = std::env::temp_dir().join(format!("perennial-hostile-{number}.toml"));
            std::fs::write(&kept, &bytes).unwrap();
            failures.push(format!("number {number} {failure}: {}", kept.display()));
        }
        assert!(failures.len() < 10, "{}", failures.join("\n"));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Reads a text in every way; returns what is wrong.
fn read(bytes: &[u8], file: Option<&Path>) -> Option<String> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return from_file(file?);
    };
    let parsed = Scenario::parse("hostile.toml", text);
    if let Ok(formatted) = format(text)
        && let (Ok(scenario), Ok(again)) = (&parsed, Scenario::parse("formatted.toml", &formatted))
        && *scenario != again
    {
        return Some("means something else once it is formatted".to_owned());
    }
    match parsed {
        Ok(scenario) => {
            if Scenario::parse("again.toml", &scenario.to_toml().ok()?).ok() != Some(scenario) {
                return Some("reads as another once it is written".to_owned());
            }
        }
        Err(mistakes) if mistakes.list.is_empty() || mistakes.render(100, false).is_empty() => {
            return Some("is refused without a reason".to_owned());
        }
        Err(_) => {}
    }
    from_file(file?)
}

fn from_file(file: &Path) -> Option<String> {
    let told = match ScenarioDocument::load(&file.to_string_lossy()) {
        Ok(document) => match document.described {
            Described::Scenario(scenario) => scenario.to_toml().unwrap_or_default(),
            Described::Season(season) => toml::to_string(&season).unwrap_or_default(),
        },
        Err(ScenarioError::Mistakes(mistakes)) => mistakes.render(100, true),
        Err(other) => other.to_string(),
    };
    // The path of the secret may be told, its contents may not.
    told.contains("abcdef").then(|| "reads a file that is not its own".to_owned())
}
