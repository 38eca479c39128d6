//! Panel with the learning curve, in the colours of the seasons.

use bevy::input::keyboard::KeyCode;
use bevy_egui::egui::{Align2, Color32, FontId, Rect, Ui, Vec2b, vec2};
use egui_plot::{AxisHints, GridMark, HLine, HPlacement, Line, LineStyle, Plot, PlotPoints, VLine};

use super::panel::{Height, PanelPlace, PanelSpec, can_learn};
use super::theme::{self, FAINT, LABEL, MUTED, SMALL};
use super::{PanelContext, words};
use crate::live::SeasonCurvePoint;

/// Maximum number of points drawn.
const MOST_POINTS: usize = 220;
/// Lower limit of the scores drawn: the first steps of a learner would compress the rest into a line.
const LOWEST: f64 = -1.5;

/// Description of the panel.
pub(super) const PANEL: PanelSpec = PanelSpec {
    name: "curves",
    title: "learning curve",
    explanation: words::CURVE,
    key: Some(KeyCode::F5),
    place: PanelPlace::Right(Height {
        large: 168.0,
        small: 112.0,
    }),
    has_content: |scene| can_learn(scene) || !scene.shown.status.curve.is_empty(),
    draw: |ui, rect, scene, _| draw(ui, rect, scene),
};

fn draw(ui: &mut Ui, rect: Rect, scene: &PanelContext) {
    let status = &scene.shown.status;
    if status.curve.len() < 2 {
        theme::tip(ui, rect, &words::SCORE);
        let why = if status.learning.possible {
            "scores come with the first episodes"
        } else {
            "nothing is learned here"
        };
        theme::text(ui.painter(), rect.center(), Align2::CENTER_CENTER, why, SMALL, FAINT);
        return;
    }
    let points = thinned(&status.curve, MOST_POINTS);
    let first = points.first().map_or(0.0, |point| point.decisions as f64);
    let last = points.last().map_or(1.0, |point| point.decisions as f64).max(first + 1.0);
    let clamped = |point: &SeasonCurvePoint| [point.decisions as f64, point.score.clamp(LOWEST, 3.0)];
    let low = points.iter().map(|point| clamped(point)[1]).fold(-0.2, f64::min) - 0.1;
    let high = points.iter().map(|point| clamped(point)[1]).fold(1.1, f64::max) + 0.1;
    let size = scene.pick(LABEL, 9.0);
    let font = || FontId::proportional(size);
    let axis_x = AxisHints::new_x()
        .formatter(|mark: GridMark, _| theme::short(mark.value))
        .tick_label_font(font())
        .tick_label_color(FAINT);
    let axis_y = AxisHints::new_y()
        .formatter(|mark: GridMark, _| theme::short_score(mark.value))
        .tick_label_font(font())
        .tick_label_color(FAINT)
        .min_thickness(14.0)
        .placement(HPlacement::Left);
    let mut child = theme::child(ui, rect.expand2(vec2(4.0, 2.0)), "plot");
    child.visuals_mut().extreme_bg_color = Color32::TRANSPARENT;
    let scenario = &scene.shown.scenario;
    Plot::new("curve")
        .width(rect.width() + 8.0)
        .height(rect.height() + 4.0)
        .show_background(false)
        .show_grid(Vec2b::FALSE)
        .show_axes(Vec2b::TRUE)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .allow_axis_zoom_drag(false)
        .show_x(false)
        .show_y(false)
        .cursor_color(Color32::TRANSPARENT)
        .custom_x_axes(vec![axis_x])
        .custom_y_axes(vec![axis_y])
        .y_grid_spacer(|_| [0.0, 1.0].map(|value| GridMark { value, step_size: 1.0 }).to_vec())
        .x_grid_spacer(move |_| {
            [0.25, 0.5, 0.75]
                .map(|part| GridMark {
                    value: first + part * (last - first),
                    step_size: 0.3 * (last - first),
                })
                .to_vec()
        })
        .label_formatter(|_| None)
        .show(&mut child, |plot| {
            plot.set_plot_bounds_x(first..=last);
            plot.set_plot_bounds_y(low..=high);
            let level = |name, y, colour: Color32| HLine::new(name, y).color(colour).width(1.0).style(LineStyle::dashed_dense());
            plot.hline(level("chance", 0.0, FAINT));
            plot.hline(level("gardener", 1.0, MUTED));
            for run in runs(&points) {
                let season = run[run.len() - 1].season;
                if run[0].season != season {
                    plot.vline(VLine::new("", run[0].decisions as f64).color(theme::HOLLOW_WARM).width(1.0));
                }
                let line: PlotPoints<'_> = run.iter().map(clamped).collect();
                plot.line(
                    Line::new("", line)
                        .color(theme::season_colour(scenario, season))
                        .width(scene.pick(1.8, 1.4)),
                );
            }
        });
    theme::tip(ui, rect, &words::SCORE);
}

/// Thins out the curve, always keeping the last point. Of several points of the same moment (episodes of many gardens that end
/// together), only the last is kept.
fn thinned(curve: &[SeasonCurvePoint], most: usize) -> Vec<SeasonCurvePoint> {
    let ends = |at: &usize| curve.get(at + 1).is_none_or(|next| next.decisions != curve[*at].decisions);
    let moments = (0..curve.len()).filter(ends).count();
    let step = moments.div_ceil(most).max(1);
    let last = moments.saturating_sub(1);
    (0..curve.len())
        .filter(ends)
        .enumerate()
        .filter(|(number, _)| number % step == 0 || *number == last)
        .map(|(_, at)| curve[at])
        .collect()
}

/// Splits the curve into stretches of one season. Each starts with the last point of the one before, so that the line is
/// continuous.
fn runs(points: &[SeasonCurvePoint]) -> Vec<&[SeasonCurvePoint]> {
    let mut runs = Vec::new();
    let mut begin = 0;
    for at in 1..=points.len() {
        if at == points.len() || points[at].season != points[at - 1].season {
            let from = if begin > 0 { begin - 1 } else { begin };
            runs.push(&points[from..at]);
            begin = at;
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(seasons: &[usize]) -> Vec<SeasonCurvePoint> {
        let point = |(number, &season)| SeasonCurvePoint {
            decisions: number as u64,
            season,
            score: 0.0,
        };
        seasons.iter().enumerate().map(point).collect()
    }

    #[test]
    fn a_curve_is_cut_where_the_season_changes_and_has_no_holes() {
        let points = curve(&[0, 0, 1, 1, 1, 2]);
        let runs = runs(&points);
        let ends: Vec<_> = runs
            .iter()
            .map(|run| (run[0].decisions, run[run.len() - 1].decisions, run[run.len() - 1].season))
            .collect();
        assert_eq!(ends, [(0, 1, 0), (1, 4, 1), (4, 5, 2)]);
    }

    #[test]
    fn a_thinned_curve_keeps_its_ends() {
        let points = curve(&[0; 1_000]);
        let thinned = thinned(&points, 100);
        assert!(thinned.len() <= 101);
        assert_eq!((thinned[0].decisions, thinned[thinned.len() - 1].decisions), (0, 999));
    }

    #[test]
    fn episodes_that_end_together_are_one_point() {
        let mut points = curve(&[0; 4]);
        points[1].decisions = 0;
        points[1].score = 0.7;
        let scores: Vec<f64> = super::thinned(&points, 100).iter().map(|point| point.score).collect();
        assert_eq!(scores, [0.7, 0.0, 0.0]);
    }
}
