//! Panel with the probe album: views of plants of every season, and whether the policy still treats them rightly.

use std::ops::Range;

use bevy::input::keyboard::KeyCode;
use bevy_egui::egui::{Align2, Color32, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use super::panel::{PanelPlace, PanelSpec};
use super::theme::{self, ACCENT, ALARM, FAINT, HOLLOW, MUTED, SMALL, TEXT};
use super::{PanelContext, UiCommands};
use super::{time_bar, words};
use crate::live::InsideStatus;
use crate::rollout::AlbumView;

/// Most seasons that have a row.
const MOST_ROWS: usize = 4;
/// Columns of the eye that a small picture shows, around the plant.
const COLUMNS: usize = 9;
/// Maximum number of points of a curve.
const MOST_POINTS: usize = 120;
/// Bytes of a column: red, green, blue, nearness.
const PIXEL: usize = 4;

/// Description of the panel.
pub(in crate::rendering) const PANEL: PanelSpec = PanelSpec {
    name: "album",
    title: "what it still knows",
    explanation: words::ALBUM,
    key: Some(KeyCode::F11),
    place: PanelPlace::Below(156.0),
    has_content: |scene| scene.shown.status.inside.is_some(),
    draw,
};

/// Height of the time bar.
const TIME_BAR: f32 = 24.0;

fn draw(ui: &mut Ui, rect: Rect, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let (bar, rect) = rect.split_top_bottom_at_y(rect.top() + TIME_BAR);
    time_bar::draw(ui, bar, scene, ui_commands);
    draw_album(ui, rect, scene);
}

fn draw_album(ui: &mut Ui, rect: Rect, scene: &PanelContext) {
    let Some(inside) = &scene.shown.status.inside else { return };
    draw_units(ui, rect, inside, scene);
    let rows = shown_seasons(scene.shown.scenario.seasons.len(), scene.shown.before.moment.season);
    let height = rect.height() / rows.len().max(1) as f32;
    for (number, season) in rows.enumerate() {
        let top = rect.top() + number as f32 * height;
        let row = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), height)).shrink2(vec2(0.0, 1.0));
        draw_season(ui, row, season, inside, scene);
    }
}

/// The seasons that have a row: all, or of many the one under way and those before it.
fn shown_seasons(seasons: usize, under_way: usize) -> Range<usize> {
    let end = (under_way + 1).max(MOST_ROWS).min(seasons);
    end.saturating_sub(MOST_ROWS)..end
}

/// Draws, in the line of the title, what the network is like, and what rings in the garden mean.
fn draw_units(ui: &mut Ui, rect: Rect, inside: &InsideStatus, scene: &PanelContext) {
    let size = SMALL;
    let place = Rect::from_min_max(
        pos2(rect.right() - 130.0, rect.top() - TIME_BAR - 22.0),
        pos2(rect.right() - 20.0, rect.top() - TIME_BAR - 4.0),
    );
    if let Some(dormant) = inside.looks.last().and_then(|look| look.dormant_fraction()) {
        let text = format!("{:.0} % dormant", 100.0 * dormant);
        theme::text(ui.painter(), place.right_center(), Align2::RIGHT_CENTER, text, size, MUTED);
        theme::tip(ui, place, &words::DORMANT);
    }
    let count = scene.shown.after.misjudged.len();
    if count > 0 {
        let rings = place.translate(vec2(-place.width() - 8.0, 0.0));
        let text = format!("{count} misjudged here");
        theme::text(ui.painter(), rings.right_center(), Align2::RIGHT_CENTER, text, size, ALARM);
        theme::tip(ui, rings, &words::MISJUDGED);
    }
}

fn draw_season(ui: &mut Ui, row: Rect, season: usize, inside: &InsideStatus, scene: &PanelContext) {
    let scenario = &scene.shown.scenario;
    let size = SMALL;
    let [names, curves, counts, agreements] = [62.0, 92.0, 42.0, 42.0];
    let painter = ui.painter().clone();
    let colour = theme::season_colour(scenario, season);
    let mark = Rect::from_min_size(row.min + vec2(0.0, 1.0), vec2(3.0, row.height() - 2.0));
    painter.rect_filled(mark, CornerRadius::same(1), colour);
    let is_under_way = scene.shown.before.moment.season == season;
    theme::cut_text(
        &painter,
        row.left_center() + vec2(8.0, 0.0),
        Align2::LEFT_CENTER,
        theme::season_name(scenario, season),
        names - 10.0,
        size,
        if is_under_way { TEXT } else { MUTED },
    );
    let curve = Rect::from_min_size(row.min + vec2(names, 0.0), vec2(curves, row.height()));
    draw_curve(ui, curve, season, inside, colour);
    let wall = Rect::from_min_max(
        pos2(curve.right() + 8.0, row.top()),
        pos2(row.right() - counts - agreements, row.bottom()),
    );
    draw_wall(ui, wall, season, inside, scene);
    let last = inside.looks.len() - 1;
    let (right, views) = (inside.right(last, season), inside.album.of_season(season).len());
    let count = Rect::from_min_size(pos2(wall.right(), row.top()), vec2(counts, row.height()));
    let text = format!("{right}/{views}");
    let alarming = 4 * right < 3 * views;
    theme::text(
        &painter,
        count.right_center(),
        Align2::RIGHT_CENTER,
        text,
        size,
        if alarming { ALARM } else { TEXT },
    );
    theme::tip(ui, count, &words::ALBUM_COUNT);
    let name = theme::season_name(scenario, season);
    if let Some(agreement) = inside.looks[last].agreement.get(name) {
        let place = Rect::from_min_size(pos2(count.right(), row.top()), vec2(agreements, row.height()));
        let colour = if agreement.cosine < -0.1 { ALARM } else { MUTED };
        let text = format!("{:+.2}", agreement.cosine);
        theme::text(&painter, place.right_center(), Align2::RIGHT_CENTER, text, size, colour);
        theme::tip(ui, place, &words::AGREEMENT);
    }
}

/// Draws how many views were answered rightly, over time.
fn draw_curve(ui: &mut Ui, rect: Rect, season: usize, inside: &InsideStatus, colour: Color32) {
    let painter = ui.painter().clone();
    painter.rect_filled(rect, CornerRadius::same(2), HOLLOW);
    let views = inside.album.of_season(season).len().max(1) as f32;
    let (first, last) = (inside.looks[0].decisions, inside.looks[inside.looks.len() - 1].decisions);
    let span = (last - first).max(1) as f32;
    let inner = rect.shrink2(vec2(2.0, 3.0));
    let half = inner.center().y;
    painter.line_segment(
        [pos2(inner.left(), half), pos2(inner.right(), half)],
        Stroke::new(1.0, FAINT.gamma_multiply(0.4)),
    );
    let every = inside.looks.len().div_ceil(MOST_POINTS);
    let looks = (0..inside.looks.len()).filter(|look| look % every == 0 || look + 1 == inside.looks.len());
    let points = looks.map(|look| {
        let x = inner.left() + inner.width() * (inside.looks[look].decisions - first) as f32 / span;
        pos2(x, inner.bottom() - inner.height() * inside.right(look, season) as f32 / views)
    });
    painter.line(points.collect(), Stroke::new(1.4, colour));
    theme::tip(ui, rect, &words::ALBUM_CURVE);
}

/// Draws the views of a season, those of thirsty plants first, each framed by whether its answer is right.
fn draw_wall(ui: &mut Ui, rect: Rect, season: usize, inside: &InsideStatus, scene: &PanelContext) {
    let views = inside.album.of_season(season);
    let width = rect.width() / views.len().max(1) as f32;
    let last = inside.looks.len() - 1;
    for (number, view) in views.enumerate() {
        let shown = &inside.album.views[view];
        let at = Rect::from_min_size(
            pos2(rect.left() + number as f32 * width, rect.top()),
            vec2(width, rect.height()),
        );
        let tile = at.shrink2(vec2((0.08 * width).min(1.5), 1.0));
        draw_view(ui, tile, shown, scene);
        let is_right = inside.is_right(last, view);
        let flash = scene.flips.flash(view, scene.real_s);
        let calm = if is_right { ACCENT.gamma_multiply(0.55) } else { ALARM };
        let frame = calm.lerp_to_gamma(Color32::WHITE, flash);
        let thick = if is_right { 1.0 } else { 1.6 } + 1.6 * flash;
        ui.painter()
            .rect_stroke(tile, CornerRadius::same(1), Stroke::new(thick, frame), StrokeKind::Middle);
        let response = ui.interact(at, ui.id().with(("view", view)), Sense::hover());
        response.on_hover_ui(|ui| {
            ui.set_max_width(250.0);
            ui.label(words_of(view, shown, inside, scene));
        });
    }
}

/// Draws the part of a view around the plant: each column of the eye in its colour, the taller the nearer, before sky and ground.
fn draw_view(ui: &Ui, tile: Rect, view: &AlbumView, scene: &PanelContext) {
    let painter = ui.painter();
    let eye = &scene.shown.scenario.eye;
    let colour = |bytes: Option<&[u8]>| match bytes {
        Some([red, green, blue, ..]) => Color32::from_rgb(*red, *green, *blue),
        _ => FAINT,
    };
    let pixels = PIXEL * eye.columns * eye.rows;
    let ambient = |start: usize| colour(view.observation.get(pixels + start..pixels + start + 3));
    let (sky, ground) = tile.split_top_bottom_at_fraction(0.5);
    painter.rect_filled(sky, CornerRadius::ZERO, ambient(3));
    painter.rect_filled(ground, CornerRadius::ZERO, ambient(0));
    let columns = COLUMNS.min(eye.columns);
    let start = view.column.saturating_sub(columns / 2).min(eye.columns - columns);
    let width = tile.width() / columns as f32;
    for number in 0..columns {
        let at = PIXEL * (eye.rows / 2 * eye.columns + start + number);
        let Some(pixel) = view.observation.get(at..at + PIXEL) else {
            continue;
        };
        let height = tile.height() * (f32::from(pixel[3]) / 255.0).sqrt();
        let bar = Rect::from_center_size(
            pos2(tile.left() + (number as f32 + 0.5) * width, tile.center().y),
            vec2(width + 0.3, height),
        );
        painter.rect_filled(bar, CornerRadius::ZERO, colour(Some(pixel)));
    }
}

/// Describes a view: its plant, the right answer, and that of the policy with its age.
fn words_of(view: usize, shown: &AlbumView, inside: &InsideStatus, scene: &PanelContext) -> String {
    let scenario = &scene.shown.scenario;
    let last = inside.looks.len() - 1;
    let is_right = inside.is_right(last, view);
    let (state, wanted) = if shown.is_thirsty() {
        ("thirsty", "water it")
    } else {
        ("fine", "leave it")
    };
    let species = scenario
        .plants
        .species
        .get(shown.species)
        .map_or("plant", |species| species.name.as_str());
    let since = (0..=last)
        .rev()
        .take_while(|look| inside.is_right(*look, view) == is_right)
        .last()
        .unwrap_or(last);
    let verdict = match (is_right, since) {
        (true, 0) => "It always did.".to_owned(),
        (false, 0) => "It never did.".to_owned(),
        (true, since) => format!("It does, since decision {}.", theme::thousands(inside.looks[since].decisions)),
        (false, since) => format!(
            "It does not any more, since decision {}.",
            theme::thousands(inside.looks[since].decisions)
        ),
    };
    format!(
        "A {state} {species} in {}: the robot should {wanted}. {verdict}",
        theme::season_name(scenario, shown.season)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_seasons_the_last_ones_have_a_row() {
        assert_eq!(shown_seasons(4, 0), 0..4);
        assert_eq!(shown_seasons(2, 1), 0..2);
        assert_eq!(shown_seasons(100, 0), 0..4);
        assert_eq!(shown_seasons(100, 50), 47..51);
        assert_eq!(shown_seasons(100, 99), 96..100);
    }
}
