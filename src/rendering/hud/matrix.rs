//! Panel with the score matrix: the score in each season, at each evaluation.

use std::collections::BTreeMap;

use bevy::input::keyboard::KeyCode;
use bevy_egui::egui::{Align2, Color32, CornerRadius, Painter, Rect, Sense, Spinner, Stroke, Ui, pos2, vec2};

use super::panel::{Height, PanelPlace, PanelSpec, can_learn};
use super::theme::{self, ACCENT, FAINT, HOLLOW, LABEL, MUTED, SMALL, TEXT};
use super::{PanelContext, UiCommands, words};
use crate::evaluation::measures::mean;
use crate::live::{EvaluationRow, SimulationCommand};
use crate::rendering::ui_command::UiCommand;

/// Colour scale of scores: minimum, chance, gardener, and above.
const HEAT: [(f64, [f32; 3]); 4] = [
    (-1.0, [122.0, 46.0, 58.0]),
    (0.0, [38.0, 48.0, 52.0]),
    (1.0, [58.0, 178.0, 150.0]),
    (1.4, [178.0, 244.0, 214.0]),
];

/// Description of the panel.
pub(super) const PANEL: PanelSpec = PanelSpec {
    name: "matrix",
    title: "score matrix",
    explanation: words::MATRIX,
    key: Some(KeyCode::F6),
    place: PanelPlace::Right(Height {
        large: 246.0,
        small: 156.0,
    }),
    has_content: |scene| can_learn(scene) || !scene.shown.status.evaluations.is_empty(),
    draw,
};

fn draw(ui: &mut Ui, rect: Rect, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let status = &scene.shown.status;
    let scenario = &scene.shown.scenario;
    let seasons = scenario.seasons.len();
    draw_state(ui, rect, scene, ui_commands);
    let below = scene.pick(34.0, 24.0);
    let header = scene.pick(16.0, 12.0);
    let table = Rect::from_min_max(rect.min, pos2(rect.right(), rect.bottom() - below));
    let labels = scene.pick(68.0, 38.0);
    let cell = (table.width() - labels) / seasons as f32;
    let size = scene.pick(SMALL, 9.5);
    let painter = ui.painter().clone();
    let (head, head_size) = (table.top() + 0.42 * header, scene.pick(LABEL, 8.5));
    theme::text(
        &painter,
        pos2(table.left(), head),
        Align2::LEFT_CENTER,
        "after",
        head_size,
        FAINT,
    );
    for season in 0..seasons {
        let centre = table.left() + labels + (season as f32 + 0.5) * cell;
        let name = theme::season_name(scenario, season);
        let at = pos2(centre, head);
        theme::cut_text(&painter, at, Align2::CENTER_CENTER, name, cell + 3.0, head_size, MUTED);
        let line = Rect::from_min_size(
            pos2(centre - 0.5 * cell + 2.0, table.top() + header - 3.0),
            vec2(cell - 4.0, 2.0),
        );
        painter.rect_filled(line, CornerRadius::same(1), theme::season_colour(scenario, season));
    }
    let most = ((table.height() - header) / scene.pick(19.0, 13.5)).floor().max(1.0) as usize;
    // The newest rows, and also the first one, before any learning, if there is space for two.
    let rows = shown_rows(&status.evaluations, most);
    let slots = rows.len().max((seasons + 1).min(most));
    let height = ((table.height() - header) / slots as f32).min(scene.pick(30.0, 20.0));
    for slot in 0..slots {
        let top = table.top() + header + slot as f32 * height;
        let row = rows.get(slot);
        let at = Rect::from_min_size(pos2(table.left(), top), vec2(labels, height));
        if let Some(row) = row {
            let label = match row.after {
                None => "nothing".to_owned(),
                Some(season) => theme::season_name(scenario, season).to_owned(),
            };
            let colour = row.after.map_or(MUTED, |season| theme::season_colour(scenario, season));
            theme::cut_text(
                &painter,
                at.left_center(),
                Align2::LEFT_CENTER,
                &label,
                labels - 3.0,
                size,
                colour,
            );
        }
        for season in 0..seasons {
            let place =
                Rect::from_min_size(pos2(table.left() + labels + season as f32 * cell, top), vec2(cell, height)).shrink(1.0);
            match row.and_then(|row| row.scores.get(season).copied().flatten()) {
                Some(score) => {
                    let fill = heat(score);
                    painter.rect_filled(place, CornerRadius::same(3), fill);
                    theme::text(
                        &painter,
                        place.center(),
                        Align2::CENTER_CENTER,
                        theme::score(score),
                        size,
                        theme::ink_on(fill),
                    );
                }
                None if row.is_some() => hatch(&painter, place),
                None => {
                    painter.rect_filled(place, CornerRadius::same(3), HOLLOW);
                }
            }
        }
    }
    theme::tip(ui, table, &words::MATRIX);
    draw_measures(
        ui,
        Rect::from_min_max(pos2(rect.left(), rect.bottom() - below), rect.max),
        scene,
    );
}

/// Draws the state of the evaluation, or a button that starts one.
fn draw_state(ui: &mut Ui, rect: Rect, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let status = &scene.shown.status;
    let height = scene.pick(16.0, 12.0);
    let place = Rect::from_min_max(
        pos2(rect.right() - 96.0, rect.top() - height - 4.0),
        pos2(rect.right() - 18.0, rect.top() - 4.0),
    );
    let (size, right) = (scene.pick(SMALL, 9.5), place.right_center());
    let unmeasured = status.baselines.is_none() && status.learning.possible;
    if status.evaluating || unmeasured {
        let text = match (unmeasured, scene.compact) {
            (_, true) => "",
            (true, false) => "measuring",
            (false, false) => "evaluating",
        };
        let at = theme::text(
            ui.painter(),
            right - vec2(14.0, 0.0),
            Align2::RIGHT_CENTER,
            text,
            size,
            ACCENT,
        );
        let spinner = Rect::from_center_size(right - vec2(4.0, 0.0), vec2(10.0, 10.0));
        ui.put(spinner, Spinner::new().size(10.0).color(ACCENT));
        theme::tip(ui, at.union(spinner), &words::EVALUATING);
    } else if status.learning.possible {
        let response = ui.interact(place, ui.id().with("evaluate"), Sense::click());
        let colour = if response.hovered() { ACCENT } else { FAINT };
        theme::text(
            ui.painter(),
            right,
            Align2::RIGHT_CENTER,
            if scene.compact { "measure" } else { "measure now" },
            size,
            colour,
        );
        if theme::explain(response, &words::EVALUATE).clicked() {
            ui_commands.push(UiCommand::SimulationCommand(SimulationCommand::Evaluate));
        }
    }
}

fn draw_measures(ui: &mut Ui, rect: Rect, scene: &PanelContext) {
    let rows = &scene.shown.status.evaluations;
    let half = 0.5 * rect.width();
    let measures = [
        (
            if scene.compact { "average" } else { "average now" },
            average(rows),
            &words::AVERAGE,
        ),
        ("forgotten", forgotten(rows), &words::FORGETTING),
    ];
    for (number, (name, value, term)) in measures.into_iter().enumerate() {
        let place = Rect::from_min_size(
            pos2(rect.left() + number as f32 * half, rect.top() + 4.0),
            vec2(half - 4.0, rect.height() - 4.0),
        );
        let painter = ui.painter();
        let value_at = theme::text(
            painter,
            place.left_center() + vec2(2.0, scene.pick(2.0, 1.0)),
            Align2::LEFT_CENTER,
            value.map_or("-".to_owned(), theme::score),
            scene.pick(19.0, 13.0),
            TEXT,
        );
        let name_at = pos2(value_at.right() + 6.0, place.center().y + scene.pick(3.5, 2.0));
        theme::text(painter, name_at, Align2::LEFT_CENTER, name, scene.pick(SMALL, 9.5), MUTED);
        theme::tip(ui, place, term);
    }
}

/// Returns the rows shown if there is space for `most`: the first one and the newest.
fn shown_rows(rows: &[EvaluationRow], most: usize) -> Vec<&EvaluationRow> {
    if rows.len() <= most || most < 2 {
        return rows.iter().rev().take(most).rev().collect();
    }
    rows.iter().take(1).chain(&rows[rows.len() - (most - 1)..]).collect()
}

/// `mean_j P[T][j]`: current average performance; `None` if the score of a season is not known.
fn average(rows: &[EvaluationRow]) -> Option<f64> {
    let scores: Option<Vec<f64>> = rows.last()?.scores.iter().copied().collect();
    mean("average performance", &scores?).ok()
}

/// `mean_j (P[end of j][j] - P[T][j])` over the seasons that were learned before the one just learned (Wolczyk et al. 2021): a
/// season that was never learned cannot be forgotten. `None` if there is no such season, or if one of the scores is not known.
fn forgotten(rows: &[EvaluationRow]) -> Option<f64> {
    let last = rows.last()?;
    let mut ends: BTreeMap<usize, &EvaluationRow> = rows.iter().filter_map(|row| Some((row.after?, row))).collect();
    ends.remove(&last.after?);
    let score = |row: &EvaluationRow, season: usize| row.scores.get(season).copied().flatten();
    let lost: Option<Vec<f64>> = ends
        .into_iter()
        .map(|(season, end)| Some(score(end, season)? - score(last, season)?))
        .collect();
    mean("forgetting", &lost?).ok()
}

/// Returns the colour of a score.
pub(super) fn heat(score: f64) -> Color32 {
    let mut colour = HEAT[0].1;
    for pair in HEAT.windows(2) {
        let ((from, from_colour), (to, to_colour)) = (pair[0], pair[1]);
        let part = ((score - from) / (to - from)).clamp(0.0, 1.0) as f32;
        if part > 0.0 {
            colour = std::array::from_fn(|channel| from_colour[channel] + (to_colour[channel] - from_colour[channel]) * part);
        }
    }
    let [red, green, blue] = colour.map(|channel| channel as u8);
    Color32::from_rgb(red, green, blue)
}

/// Hatches a cell whose score is not known.
fn hatch(painter: &Painter, rect: Rect) {
    painter.rect_filled(rect, CornerRadius::same(3), HOLLOW);
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    let mut x = rect.left() - rect.height();
    while x < rect.right() {
        painter.line_segment(
            [pos2(x, rect.bottom()), pos2(x + rect.height(), rect.top())],
            Stroke::new(1.0, theme::HOLLOW_WARM),
        );
        x += 6.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(after: Option<usize>, scores: &[f64]) -> EvaluationRow {
        EvaluationRow {
            after,
            decisions: 0,
            scores: scores.iter().map(|&score| Some(score)).collect(),
        }
    }

    #[test]
    fn chance_is_dark_and_the_gardener_is_bright() {
        let brightness = |score| heat(score).to_array()[..3].iter().map(|&part| u32::from(part)).sum::<u32>();
        assert!(brightness(0.0) < brightness(0.5) && brightness(0.5) < brightness(1.0) && brightness(1.0) < brightness(1.4));
        assert_eq!(heat(9.0), heat(1.4), "scores are clamped for colour");
        assert_eq!(heat(-9.0), heat(-1.0));
    }

    #[test]
    fn only_what_was_learned_can_be_forgotten() {
        let rows = [
            row(None, &[0.0, 2.0, 2.0]),
            row(Some(0), &[1.0, 0.0, 0.5]),
            row(Some(1), &[0.4, 0.8, -1.0]),
        ];
        // Spring fell by 0.6 since its end; summer has just been learned; autumn has not been learned yet.
        assert!((forgotten(&rows).unwrap() - 0.6).abs() < 1e-9);
        assert!((average(&rows).unwrap() - 0.2 / 3.0).abs() < 1e-9);
        assert_eq!(forgotten(&rows[..2]), None, "one season cannot have been forgotten");
        // Spring again: its newest end counts, and summer is now included.
        let again = [&rows[..], &[row(Some(0), &[1.0, 0.7, 0.0])]].concat();
        assert!((forgotten(&again).unwrap() - 0.1).abs() < 1e-9);
    }

    #[test]
    fn what_is_not_known_is_no_zero() {
        let mut rows = vec![row(Some(0), &[1.0, 1.0]), row(Some(1), &[1.0, 1.0])];
        rows[1].scores[0] = None;
        assert_eq!((average(&rows), forgotten(&rows)), (None, None));
    }

    #[test]
    fn many_rows_keep_the_first_and_the_newest() {
        let rows: Vec<EvaluationRow> = (0..9).map(|season| row(Some(season), &[0.0])).collect();
        let shown: Vec<_> = shown_rows(&rows, 4).iter().map(|row| row.after.unwrap()).collect();
        assert_eq!(shown, [0, 6, 7, 8]);
    }
}
