//! A contact sheet of a scenario: each season as the camera and as the robot's eye see it, thirsty beside fine, the weather of a year,
//! and the calendar, as one picture or one page.

use std::fmt::Write;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use resvg::{tiny_skia, usvg};

use super::contrast::{Conflict, HARD_BELOW, contrast};
use crate::agent::drivers::Gardener;
use crate::app::Gardens;
use crate::escape::xml;
use crate::random::stream;
use crate::scenario::{Calendar, Climate, Colour, Moment, Scenario, SeasonTransition, Year};

/// Width of the sheet, in pixels of the SVG.
const WIDTH: f32 = 1200.0;
const MARGIN: f32 = 40.0;
/// Seasons side by side.
const ACROSS: usize = 4;
const GAP: f32 = 20.0;
/// Width of a season's card, and height of its parts.
const CARD: f32 = (WIDTH - 2.0 * MARGIN - (ACROSS as f32 - 1.0) * GAP) / ACROSS as f32;
const PICTURE: f32 = CARD * 9.0 / 16.0;
const STRIP: f32 = 22.0;
/// Decisions of the gardener after which the robot's eye is shown.
const LOOKS: [usize; 3] = [15, 45, 90];
/// Plants in a swatch.
const LEAVES: usize = 60;
/// Ticks of a season in the calendar that is drawn.
const SEASON_TICKS: u64 = 1_000;

const FONT: &str = "Ubuntu";
const INK: &str = "#2e2a25";
const FAINT: &str = "#8a8278";
const PAPER: &str = "#faf7f1";

/// Reason why a sheet cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// The drawing is not valid, which is a fault of this program.
    #[error("the sheet cannot be drawn: {0}")]
    Drawing(String),
}

/// Returns the sheet as SVG. `pictures` are pictures of the seasons as PNG, or none.
pub fn sheet(scenario: &Arc<Scenario>, pictures: &[Vec<u8>]) -> String {
    let seasons = scenario.seasons.len();
    let has_pictures = !pictures.is_empty();
    let picture = if has_pictures { PICTURE + 12.0 } else { 0.0 };
    let card_height = 34.0 + picture + LOOKS.len() as f32 * (STRIP + 4.0) + 106.0;
    let rows = seasons.div_ceil(ACROSS);
    let cards_top = 202.0;
    let lower_top = cards_top + rows as f32 * (card_height + GAP);
    let height = lower_top + 250.0;

    let mut svg = String::new();
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" font-family=\"{FONT}\" fill=\"{INK}\" \
         shape-rendering=\"crispEdges\">\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"{PAPER}\"/>"
    );
    text(&mut svg, MARGIN, 62.0, 34.0, INK, &scenario.name);
    text(&mut svg, MARGIN, 90.0, 15.0, FAINT, &scenario.description);
    time_line(&mut svg, scenario, 124.0);
    for season in 0..seasons {
        let (row, column) = (season / ACROSS, season % ACROSS);
        let x = MARGIN + column as f32 * (CARD + GAP);
        let y = cards_top + row as f32 * (card_height + GAP);
        let picture = pictures.get(season).map(Vec::as_slice);
        card(&mut svg, scenario, season, picture, has_pictures, [x, y]);
    }
    weather(&mut svg, scenario, lower_top + 10.0);
    conflict(&mut svg, scenario, lower_top + 10.0);
    svg.push_str("</svg>\n");
    svg
}

/// Draws a sheet into a picture, as PNG.
///
/// # Errors
/// Returns an error if the sheet is not valid SVG or too large.
pub fn png(svg: &str) -> Result<Vec<u8>, PreviewError> {
    let mut options = usvg::Options::default();
    options
        .fontdb_mut()
        .load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
    options.font_family = FONT.to_owned();
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| PreviewError::Drawing(error.to_string()))?;
    let size = tree.size().to_int_size();
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| PreviewError::Drawing("there are too many seasons".to_owned()))?;
    resvg::render(&tree, tiny_skia::Transform::default(), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| PreviewError::Drawing(error.to_string()))
}

/// Returns the sheet as a page.
pub fn html(scenario: &Scenario, svg: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{}</title>\n<style>body {{ margin: 0; background: \
         {PAPER}; }} svg {{ display: block; margin: auto; max-width: 100%; height: auto; }}</style>\n</head>\n<body>\n{svg}</body>\n</html>\n",
        xml(&scenario.name)
    )
}

fn text(svg: &mut String, x: f32, y: f32, size: f32, colour: &str, words: &str) {
    let _ = write!(
        svg,
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{colour}\">{}</text>",
        xml(words)
    );
}

fn rectangle(svg: &mut String, [x, y]: [f32; 2], [width, height]: [f32; 2], colour: &str) {
    let _ = write!(
        svg,
        "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" fill=\"{colour}\"/>"
    );
}

fn hex(colour: [f32; 3]) -> String {
    let [red, green, blue] = colour.map(|part| (part.clamp(0.0, 1.0) * 255.0 + 0.5) as u8);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn of(colour: Colour) -> String {
    hex(colour.to_array())
}

/// Draws the calendar of a year: each season in the colours of its plants, its turning, and its events.
fn time_line(svg: &mut String, scenario: &Scenario, y: f32) {
    let calendar = Calendar::new(scenario, 2, SEASON_TICKS, 0);
    let year = Year::of(scenario, 2, SEASON_TICKS, 0);
    let whole = WIDTH - 2.0 * MARGIN;
    let total = calendar.ticks_per_year();
    let at = |tick: u64| MARGIN + whole * tick as f32 / total as f32;
    // Fine slices, so that what turns is seen to turn.
    let slices = 300_u64;
    for slice in 0..slices {
        let (from, to) = (slice * total / slices, (slice + 1) * total / slices);
        let climate = scenario.climate(year.moment(0, from));
        let width = at(to) - at(from) + 0.4;
        rectangle(svg, [at(from), y], [width, 16.0], &of(climate.look.fine));
        rectangle(svg, [at(from), y + 16.0], [width, 10.0], &of(climate.look.ground));
    }
    for (number, season) in scenario.seasons.iter().enumerate() {
        let span = calendar.span(number);
        let drifts = season
            .drift
            .as_ref()
            .map(|drift| format!(" (drifts for {} years)", drift.years));
        let name = season.name.clone() + &drifts.unwrap_or_default();
        text(svg, at(span.start), y + 44.0, 13.0, INK, &name);
        for event in &season.events {
            let length = (span.end - span.start) as f32;
            let tick = |fraction: f32| span.start + (fraction * length) as u64;
            let (from, to) = (at(tick(event.from_fraction)), at(tick(event.until_fraction)));
            rectangle(svg, [from, y - 5.0], [to - from, 3.0], INK);
            text(svg, from, y - 8.0, 11.0, FAINT, &event.name);
        }
    }
    let transition = match (scenario.schedule.transition, scenario.schedule.boundaries_are_declared()) {
        (SeasonTransition::Abrupt, true) => "each season ends on a day, and the learner is told",
        (SeasonTransition::Abrupt, false) => "each season ends on a day, and nobody is told",
        (SeasonTransition::Gradual, true) => "the seasons turn into each other, and the learner is told when they have",
        (SeasonTransition::Gradual, false) => "the seasons turn into each other, and nobody is told",
    };
    text(svg, MARGIN, y + 62.0, 12.0, FAINT, transition);
}

/// Draws a season.
fn card(
    svg: &mut String,
    scenario: &Arc<Scenario>,
    season: usize,
    picture: Option<&[u8]>,
    has_pictures: bool,
    [x, mut y]: [f32; 2],
) {
    let climate = scenario.climate(Moment::pure(season));
    text(svg, x, y + 18.0, 19.0, INK, &scenario.seasons[season].name);
    y += 28.0;
    if has_pictures {
        if let Some(picture) = picture {
            let _ = write!(
                svg,
                "<image x=\"{x}\" y=\"{y}\" width=\"{CARD}\" height=\"{PICTURE}\" preserveAspectRatio=\"xMidYMid slice\" \
                 xlink:href=\"data:image/png;base64,{}\"/>",
                BASE64.encode(picture)
            );
        }
        y += PICTURE + 12.0;
    }
    for view in eye_views(scenario, season) {
        let [rows, columns] = [scenario.eye.rows, scenario.eye.columns];
        let [width, height] = [CARD / columns as f32, STRIP / rows as f32];
        for (number, pixel) in view.chunks_exact(4).enumerate().take(rows * columns) {
            let place = [x + (number % columns) as f32 * width, y + (number / columns) as f32 * height];
            let colour = format!("#{:02x}{:02x}{:02x}", pixel[0], pixel[1], pixel[2]);
            rectangle(svg, place, [width + 0.3, height + 0.3], &colour);
        }
        y += STRIP + 4.0;
    }
    swatches(svg, scenario, &climate, season, [x, y + 8.0]);
}

/// Draws plants that are fine beside thirsty ones, as tint and light make them, and says how well they are told apart.
fn swatches(svg: &mut String, scenario: &Scenario, climate: &Climate, season: usize, [x, y]: [f32; 2]) {
    let half = 0.5 * (CARD - 8.0);
    let mut looks: Vec<(&str, crate::scenario::PlantLook)> = Vec::new();
    for (species, plant) in scenario.plants.species.iter().zip(&climate.plants) {
        if species.share > 0.0 && looks.iter().all(|(_, other)| other != plant) {
            looks.push((&species.name, *plant));
        }
    }
    let across = 12;
    let cell = half / across as f32;
    for (side, name) in ["fine", "thirsty"].into_iter().enumerate() {
        let left = x + side as f32 * (half + 8.0);
        let mut random = stream(0, name, season as u64);
        for leaf in 0..LEAVES {
            let (_, plant) = looks[leaf * looks.len() / LEAVES];
            let colour = if side == 0 { plant.fine } else { plant.thirsty };
            let seen = super::contrast::one_look(
                colour,
                scenario.plants.tint_deviation,
                &climate.weather,
                &climate.faults,
                &mut random,
            );
            let place = [left + (leaf % across) as f32 * cell, y + (leaf / across) as f32 * cell];
            rectangle(svg, place, [cell - 0.6, cell - 0.6], &hex(seen));
        }
        text(svg, left, y + 5.0 * cell + 15.0, 12.0, FAINT, name);
    }
    let worst = looks
        .iter()
        .map(|(_, plant)| contrast(*plant, scenario.plants.tint_deviation, &climate.weather, &climate.faults))
        .min_by(|one, other| one.told_apart.total_cmp(&other.told_apart));
    if let Some(found) = worst {
        let colour = if found.told_apart < HARD_BELOW { "#b03a2e" } else { INK };
        let words = format!(
            "{:.0} apart (CIEDE2000), told apart in {:.0} % of looks",
            found.distance,
            100.0 * found.told_apart
        );
        text(svg, x, y + 5.0 * cell + 32.0, 12.0, colour, &words);
    }
}

/// Returns what the robot's eye sees after some decisions of the gardener.
fn eye_views(scenario: &Arc<Scenario>, season: usize) -> Vec<Vec<u8>> {
    let mut gardens = Gardens::shared(scenario.clone(), 1, 0, Year::Pure(season));
    gardens.drive(Box::new(Gardener));
    let pixels = 4 * scenario.eye.columns * scenario.eye.rows;
    let mut views = Vec::new();
    for decision in 1..=LOOKS[LOOKS.len() - 1] {
        gardens.tick();
        if LOOKS.contains(&decision) {
            views.push(gardens.observations()[..pixels].to_vec());
        }
    }
    views
}

/// Draws temperature, showers and light over the year.
fn weather(svg: &mut String, scenario: &Scenario, y: f32) {
    let (x, width) = (MARGIN, 2.0 * CARD + GAP);
    let calendar = Calendar::new(scenario, 2, SEASON_TICKS, 0);
    let across = |tick: u64| x + width * tick as f32 / calendar.ticks_per_year() as f32;
    text(svg, x, y + 16.0, 15.0, INK, "Weather of the year, without events");
    let climates: Vec<Climate> = (0..scenario.seasons.len())
        .map(|season| scenario.climate(Moment::pure(season)))
        .collect();
    let celsius = |value: f32| y + 110.0 - (value + 10.0) / 50.0 * 80.0;
    for (name, value) in [("0 °C", 0.0), ("30 °C", 30.0)] {
        rectangle(svg, [x, celsius(value)], [width, 0.6], "#d9d2c5");
        text(svg, x + width + 6.0, celsius(value) + 4.0, 11.0, FAINT, name);
    }
    let mut line = String::new();
    for (season, climate) in climates.iter().enumerate() {
        let weather = &climate.weather;
        let span = calendar.span(season);
        let left = across(span.start);
        let each = across(span.end) - left;
        let deviation = weather.temperature_deviation_celsius;
        let (top, bottom) = (
            celsius(weather.temperature_mean_celsius + deviation),
            celsius(weather.temperature_mean_celsius - deviation),
        );
        rectangle(svg, [left, top], [each, bottom - top], "#f0c9a5");
        let _ = write!(
            line,
            "{:.1},{:.1} ",
            left + 0.5 * each,
            celsius(weather.temperature_mean_celsius)
        );
        let rain = (weather.showers_per_hour * weather.shower_duration_s).sqrt() * 3.0;
        rectangle(
            svg,
            [left + 0.25 * each, y + 160.0 - rain.min(40.0)],
            [0.5 * each, rain.min(40.0)],
            "#7fa8d0",
        );
        // Light from dark to bright, 1 in the middle.
        let light = |value: f32| left + 0.5 * each + (value - 1.0) * 0.9 * each;
        let [low, high] = [weather.light_low, weather.light_high].map(|value| light(value).clamp(left, left + each));
        rectangle(svg, [low, y + 176.0], [(high - low).max(1.0), 8.0], "#e8c547");
        text(svg, left + 4.0, y + 204.0, 11.0, FAINT, &scenario.seasons[season].name);
    }
    let _ = write!(
        svg,
        "<polyline points=\"{line}\" fill=\"none\" stroke=\"#c0562f\" stroke-width=\"2\"/>"
    );
    text(svg, x + width + 6.0, y + 158.0, 11.0, FAINT, "rain");
    text(svg, x + width + 6.0, y + 184.0, 11.0, FAINT, "light");
}

/// Draws how far the seasons mislead in each other.
fn conflict(svg: &mut String, scenario: &Scenario, y: f32) {
    let x = MARGIN + 2.0 * (CARD + GAP) + 70.0;
    text(
        svg,
        x,
        y + 16.0,
        15.0,
        INK,
        "Conflict: what is known from one season misleads in another",
    );
    let found = Conflict::of(scenario);
    let seasons = scenario.seasons.len();
    let cell = (150.0 / seasons as f32).min(34.0);
    let left = x + 110.0;
    for (row, wrong) in found.wrong.iter().enumerate() {
        let top = y + 40.0 + row as f32 * cell;
        text(
            svg,
            x,
            top + 0.65 * cell,
            11.0_f32.min(0.9 * cell),
            FAINT,
            &scenario.seasons[row].name,
        );
        for (column, &wrong) in wrong.iter().enumerate() {
            // From paper to red: half of the looks wrong is as good as chance.
            let red = wrong.clamp(0.0, 1.0);
            let colour = hex([0.93 - 0.2 * red, 0.91 - 0.65 * red, 0.86 - 0.66 * red]);
            rectangle(svg, [left + column as f32 * cell, top], [cell - 1.5, cell - 1.5], &colour);
            if cell >= 22.0 {
                let words = format!("{:.0}", 100.0 * wrong);
                let ink = if wrong > 0.6 { PAPER } else { INK };
                let at = [left + (column as f32 + 0.25) * cell, top + 0.62 * cell];
                text(svg, at[0], at[1], 11.0, ink, &words);
            }
        }
    }
    let below = y + 40.0 + seasons as f32 * cell + 16.0;
    text(
        svg,
        x,
        below,
        11.0,
        FAINT,
        "wrong looks in per cent: known from the row, asked in the column",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_scenario_has_a_sheet() {
        for name in crate::scenario::shipped_names() {
            let scenario = Arc::new(Scenario::load(name).unwrap().scenario);
            let svg = sheet(&scenario, &[]);
            let picture = png(&svg).unwrap();
            assert!(picture.len() > 20_000, "{name}: {} bytes", picture.len());
            assert!(html(&scenario, &svg).contains(&scenario.seasons[0].name));
        }
    }

    #[test]
    fn names_cannot_act_as_markup_and_any_number_of_seasons_fits() {
        let mut scenario = Scenario::load("four_seasons").unwrap().scenario;
        let first = scenario.seasons[0].clone();
        scenario.name = "<script>".to_owned();
        scenario.seasons = (0..13)
            .map(|number| crate::scenario::Season {
                name: format!("<b>{number}"),
                ..first.clone()
            })
            .collect();
        scenario.eye.rows = 8;
        let svg = sheet(&Arc::new(scenario), &[]);
        assert!(!svg.contains("<script>") && !svg.contains("<b>"));
        png(&svg).unwrap();
    }

    #[test]
    fn pictures_of_the_camera_are_part_of_the_sheet() {
        let scenario = Arc::new(Scenario::load("nothing_changes").unwrap().scenario);
        let magenta = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"64\" height=\"36\"><rect width=\"64\" height=\"36\" fill=\"#ff00ff\"/></svg>";
        let pictures = vec![png(magenta).unwrap(); 4];
        let drawn = |pictures: &[Vec<u8>]| {
            let picture = tiny_skia::Pixmap::decode_png(&png(&sheet(&scenario, pictures)).unwrap()).unwrap();
            let pixels = picture.pixels().iter();
            pixels
                .filter(|pixel| (pixel.red(), pixel.green(), pixel.blue()) == (255, 0, 255))
                .count()
        };
        assert_eq!(drawn(&[]), 0);
        let area = 4.0 * CARD * PICTURE;
        assert!(drawn(&pictures) as f32 > 0.9 * area, "{} of {area} pixels", drawn(&pictures));
    }
}
