//! Pictures: what is to be seen is there, with a display and without one.

use libtest_mimic::Failed;

use super::screen::{Screen, program, wait, without_display};
use super::seeing::{MIDDLE, colours, distance, expect, mean_colour, picture};

pub(crate) fn without_a_display() -> Result<(), Failed> {
    let mut command = program();
    without_display(command.args(["watch", "--no-story"]));
    let output = wait(command)?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    expect(output.status.code() == Some(2), format!("{}: {told}", output.status))?;
    expect(told.contains("perennial train"), told.clone())?;
    expect(!told.contains("panicked"), told)
}

pub(crate) fn seasons_differ(screen: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let seasons = ["spring", "summer", "autumn", "winter"];
    let mut tour = String::from("[[moment]]\npace = \"4x\"\npanels = []\n");
    for season in seasons {
        tour += &format!(
            "[[moment]]\nseason = \"{season}\"\npause = false\n[[moment]]\nafter_ticks = 20\npause = true\nscreenshot = \"{season}.png\"\n"
        );
    }
    tour += "[[moment]]\nquit = true\n";
    screen.tour(folder.path(), &["--no-learning", "--policy", "year"], &tour)?;
    let mut looks = Vec::new();
    for season in seasons {
        let picture = picture(folder.path().join(format!("{season}.png")))?;
        expect(picture.dimensions() == (640, 360), "the picture has the size of the window")?;
        expect(
            colours(&picture) > 100,
            format!("{season} is blank: {} colours", colours(&picture)),
        )?;
        looks.push(mean_colour(&picture, MIDDLE));
    }
    for (number, look) in looks.iter().enumerate() {
        for (other, other_look) in looks.iter().enumerate().skip(number + 1) {
            let apart = distance(*look, *other_look);
            expect(
                apart > 15.0,
                format!("{} and {} look alike: {apart:.1}", seasons[number], seasons[other]),
            )?;
        }
    }
    Ok(())
}

pub(crate) fn panels_are_there(screen: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let tour = "[[moment]]\nafter_frames = 10\npause = true\norbit = [40.0, 32.0, 1.7]\npanels = [\"all\"]\nscreenshot = \"with.png\"\n\
                [[moment]]\npanels = []\nscreenshot = \"without.png\"\n\
                [[moment]]\nhelp = true\npanels = [\"all\"]\nscreenshot = \"help.png\"\n[[moment]]\nquit = true\n";
    screen.tour(folder.path(), &[], tour)?;
    let [with, without, help] = ["with.png", "without.png", "help.png"].map(|name| picture(folder.path().join(name)));
    let (with, without, help) = (with?, without?, help?);
    let changed = |part| distance(mean_colour(&with, part), mean_colour(&without, part));
    for (name, part) in [
        ("left", (1, 10, 18, 60)),
        ("right", (82, 10, 99, 60)),
        ("bottom", (5, 93, 95, 99)),
    ] {
        expect(changed(part) > 10.0, format!("no panel at the {name}: {:.1}", changed(part)))?;
    }
    expect(
        changed(MIDDLE) < 10.0,
        format!("the garden in the middle is covered: {:.1}", changed(MIDDLE)),
    )?;
    let helped = distance(mean_colour(&with, MIDDLE), mean_colour(&help, MIDDLE));
    expect(helped > 10.0, format!("no help: {helped:.1}"))
}

pub(crate) fn split_view_shows_the_garden_twice(screen: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    // Two gardeners do the same.
    let tour = "[[moment]]\npace = \"4x\"\npanels = []\norbit = [40.0, 40.0, 1.5]\ndriver = \"gardener\"\nbeside = \"gardener\"\n\
                [[moment]]\nafter_ticks = 40\npause = true\nscreenshot = \"same.png\"\n\
                [[moment]]\nbeside = \"nothing\"\nscreenshot = \"one.png\"\nquit = true\n";
    screen.tour(folder.path(), &["--no-learning"], tour)?;
    let [same, one] = ["same.png", "one.png"].map(|name| picture(folder.path().join(name)));
    let (same, one) = (same?, one?);
    expect(colours(&same) > 100, format!("nothing is drawn: {} colours", colours(&same)))?;
    // Parts of the left half, below the labels, and the same parts of the right one.
    let mut differences = Vec::new();
    for top in [30, 50, 70] {
        for left in [5, 15, 25, 35] {
            let part = |left: u32| (left, top, left + 10, top + 20);
            let [here, there] = [left, left + 50].map(|left| mean_colour(&same, part(left)));
            differences.push(distance(here, there));
        }
    }
    let worst = differences.iter().copied().fold(0.0, f64::max);
    expect(worst < 8.0, format!("the halves differ: {differences:.1?}"))?;
    let changed = [(5, 30, 45, 90), (55, 30, 95, 90)].map(|half| distance(mean_colour(&same, half), mean_colour(&one, half)));
    expect(
        changed.iter().any(|changed| *changed > 2.0),
        format!("the view is not split: {changed:.1?}"),
    )
}

pub(crate) fn pictures_need_no_display(_: &Screen) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let mut looks = Vec::new();
    for season in ["spring", "winter"] {
        let path = folder.path().join(format!("{season}.png"));
        let mut command = program();
        command.args([
            "screenshot",
            "--season",
            season,
            "--size",
            "320x200",
            "--quality",
            "low",
            "--out",
        ]);
        // Where this variable is missing, it is the graphics libraries that miss it, and not the person who asks for a picture.
        without_display(command.arg(&path)).env_remove("XDG_RUNTIME_DIR");
        let output = wait(command)?;
        let told = String::from_utf8_lossy(&output.stderr);
        expect(output.status.success(), told.clone())?;
        expect(!told.contains("XDG_RUNTIME_DIR"), told)?;
        let picture = picture(path)?;
        expect(picture.dimensions() == (320, 200), "it has the size that was asked for")?;
        expect(colours(&picture) > 100, format!("{season} is blank"))?;
        looks.push(mean_colour(&picture, MIDDLE));
    }
    expect(distance(looks[0], looks[1]) > 15.0, "spring and winter look alike")
}
