//! Panel with the robot's observation and the policy's output.

use std::sync::Arc;

use bevy::input::keyboard::KeyCode;
use bevy::prelude::Resource;
use bevy_egui::egui::{Align2, Color32, CornerRadius, Painter, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::panel::{Height, PanelPlace, PanelSpec, can_learn};
use super::theme::{self, ACCENT, FAINT, HOLLOW_WARM, LABEL, MUTED, SMALL, TEXT};
use super::{PanelContext, words};
use crate::live::{OutputMeaning, Thought};
use crate::mdp::{Action, Channel};
use crate::scenario::Scenario;
use crate::sensors::observation_spec;

/// Bytes per pixel of the eye: red, green, blue, nearness.
const PIXEL: usize = 4;

/// Layout of an observation.
#[derive(Resource, Clone, Debug, Default)]
pub(super) struct Sight {
    scenario: Option<Arc<Scenario>>,
    channels: Vec<Channel>,
    /// Rows and columns of the eye.
    eye: [usize; 2],
    /// Indices of the first channel of the mean colours of ground and sky.
    ambient: [Option<usize>; 2],
    /// Indices of the gauges.
    gauges: Vec<usize>,
}

impl Sight {
    /// Reads the layout of the observations of this scenario, if it has changed.
    pub(super) fn see(&mut self, scenario: &Arc<Scenario>) {
        if self.scenario.as_ref().is_some_and(|seen| Arc::ptr_eq(seen, scenario)) {
            return;
        }
        let channels = observation_spec(scenario).channels;
        let place = |name: &str| channels.iter().position(|channel| channel.name == name);
        *self = Self {
            eye: [scenario.eye.rows, scenario.eye.columns],
            ambient: [place("ground.red"), place("sky.red")],
            gauges: (0..channels.len()).filter(|&at| !channels[at].name.contains('.')).collect(),
            channels,
            scenario: Some(scenario.clone()),
        };
    }
}

/// Returns the label and the explanation of a gauge.
fn gauge(channel: &str) -> (&'static str, &'static words::Term) {
    match channel {
        "tank_fraction" => ("tank", &words::TANK),
        "speed_m_per_s" => ("speed", &words::SPEED),
        "yaw_rate_rad_per_s" => ("turn", &words::TURN),
        "bumped" => ("bump", &words::BUMP),
        "pump_on" => ("pump", &words::PUMP),
        _ => ("?", &words::OTHER_GAUGE),
    }
}

/// Description of the panel.
pub(super) const PANEL: PanelSpec = PanelSpec {
    name: "eye",
    title: "robot's eye",
    explanation: words::EYE,
    key: Some(KeyCode::F3),
    place: PanelPlace::Left(Height {
        large: 304.0,
        small: 186.0,
    }),
    has_content: |scene| can_learn(scene) || scene.shown.before.thought.is_some(),
    draw: |ui, rect, scene, _| draw(ui, rect, scene),
};

fn draw(ui: &mut Ui, rect: Rect, scene: &PanelContext) {
    let thought = scene
        .shown
        .before
        .thought
        .as_ref()
        .filter(|thought| thought.observation.len() == scene.sight.channels.len());
    let Some(thought) = thought else {
        theme::text(
            ui.painter(),
            rect.center(),
            Align2::CENTER_CENTER,
            "no policy decides",
            SMALL,
            FAINT,
        );
        theme::tip(ui, rect, &words::NO_THOUGHT);
        return;
    };
    let mut y = rect.top();
    let mut next = |height: f32, gap: f32| {
        let row = Rect::from_min_max(pos2(rect.left(), y), pos2(rect.right(), y + height));
        y += height + gap;
        row
    };
    let eye = next(scene.pick(54.0, 30.0), 2.0);
    draw_pixels(ui.painter(), eye, scene.sight, &thought.observation);
    theme::tip(ui, eye, &words::EYE);
    let nearness = next(scene.pick(18.0, 10.0), scene.pick(7.0, 5.0));
    draw_nearness(ui.painter(), nearness, scene.sight, &thought.observation);
    theme::tip(ui, nearness, &words::NEARNESS);
    draw_gauges(
        ui,
        next(scene.pick(36.0, 24.0), scene.pick(8.0, 4.0)),
        scene,
        &thought.observation,
    );
    draw_actions(ui, Rect::from_min_max(pos2(rect.left(), y), rect.max), scene, thought);
}

fn draw_pixels(painter: &Painter, rect: Rect, sight: &Sight, observation: &[u8]) {
    let [rows, columns] = sight.eye;
    let cell = vec2(rect.width() / columns as f32, rect.height() / rows as f32);
    for (number, pixel) in observation.chunks_exact(PIXEL).take(rows * columns).enumerate() {
        let at = rect.min + vec2((number % columns) as f32 * cell.x, (number / columns) as f32 * cell.y);
        let colour = Color32::from_rgb(pixel[0], pixel[1], pixel[2]);
        // Slightly wider than the cell, to avoid seams between neighbours.
        painter.rect_filled(
            Rect::from_min_size(at, cell + vec2(0.5, 0.5)).intersect(rect),
            CornerRadius::ZERO,
            colour,
        );
    }
    painter.rect_stroke(rect, CornerRadius::same(3), Stroke::new(1.0, theme::RIM), StrokeKind::Outside);
}

fn draw_nearness(painter: &Painter, rect: Rect, sight: &Sight, observation: &[u8]) {
    let [rows, columns] = sight.eye;
    let width = rect.width() / columns as f32;
    painter.rect_filled(rect, CornerRadius::same(2), theme::HOLLOW);
    for column in 0..columns {
        // With several rows, the nearest object in the column is shown.
        let nearest = (0..rows)
            .filter_map(|row| observation.get((row * columns + column) * PIXEL + 3))
            .max()
            .copied()
            .unwrap_or(0);
        // Most objects have small values of nearness; the square root makes them easier to see.
        let height = rect.height() * (f32::from(nearest) / 255.0).sqrt();
        let x = rect.left() + column as f32 * width;
        let bar = Rect::from_min_max(pos2(x + 0.5, rect.bottom() - height), pos2(x + width - 0.5, rect.bottom()));
        painter.rect_filled(bar, CornerRadius::ZERO, MUTED.gamma_multiply(0.75));
    }
}

fn draw_gauges(ui: &mut Ui, rect: Rect, scene: &PanelContext, observation: &[u8]) {
    let sight = scene.sight;
    let swatches = 2;
    let gap = scene.pick(6.0, 3.0);
    let gauges = sight
        .gauges
        .iter()
        .filter_map(|&at| Some(gauge(&sight.channels.get(at)?.name).0));
    // The labels determine the width.
    let swatch_names = if scene.compact { ["", ""] } else { ["ground", "sky"] };
    let needs: Vec<f32> = swatch_names
        .into_iter()
        .chain(gauges)
        .map(|name| (name.len() as f32).max(3.0) + 1.5)
        .collect();
    let unit = (rect.width() - gap * needs.len().saturating_sub(1) as f32) / needs.iter().sum::<f32>();
    let place = |number: usize| {
        let x = rect.left() + needs[..number].iter().map(|need| need * unit + gap).sum::<f32>();
        Rect::from_min_max(pos2(x, rect.top()), pos2(x + needs[number] * unit, rect.bottom()))
    };
    let label = scene.pick(LABEL, 8.5);
    let name = |ui: &Ui, rect: Rect, name: &str| {
        theme::text(ui.painter(), rect.center_bottom(), Align2::CENTER_BOTTOM, name, label, MUTED);
    };
    let meter = |rect: Rect| Rect::from_min_max(rect.min, pos2(rect.right(), rect.bottom() - label - 4.0));
    for (number, title) in swatch_names.into_iter().enumerate() {
        let rect = place(number);
        let colour = sight.ambient[number]
            .and_then(|at| observation.get(at..at + 3))
            .unwrap_or(&[0, 0, 0]);
        ui.painter().rect_filled(
            meter(rect),
            CornerRadius::same(3),
            Color32::from_rgb(colour[0], colour[1], colour[2]),
        );
        name(ui, rect, title);
        theme::tip(ui, rect, &words::AMBIENT);
    }
    for (number, &at) in sight.gauges.iter().enumerate() {
        let (Some(channel), Some(&byte)) = (sight.channels.get(at), observation.get(at)) else {
            continue;
        };
        let (title, term) = gauge(&channel.name);
        let rect = place(number + swatches);
        let bar = meter(rect);
        let fraction = f32::from(byte) / 255.0;
        if channel.low < 0.0 {
            let middle = Rect::from_center_size(bar.center(), vec2(bar.width(), bar.height().min(9.0)));
            // Turning is positive to the left, and shown to the left.
            let (zero, to) = if title == "turn" {
                (0.5, 1.0 - fraction)
            } else {
                (0.5, fraction)
            };
            theme::signed_bar(ui.painter(), middle, zero, to, ACCENT);
        } else if title == "tank" {
            theme::bar(
                ui.painter(),
                Rect::from_center_size(bar.center(), vec2(bar.width(), bar.height().min(9.0))),
                fraction,
                ACCENT,
            );
        } else {
            let on = byte > 127;
            let (fill, radius) = if on { (ACCENT, 5.0) } else { (HOLLOW_WARM, 4.0) };
            ui.painter().circle_filled(bar.center(), radius, fill);
        }
        name(ui, rect, title);
        theme::tip(ui, rect, term);
    }
}

fn draw_actions(ui: &mut Ui, rect: Rect, scene: &PanelContext, thought: &Thought) {
    let header = scene.pick(16.0, 13.0);
    let size = scene.pick(SMALL, 10.0);
    let name_width = scene.pick(66.0, 54.0);
    let half = (rect.width() - name_width) / 2.0;
    let (chance_x, value_x) = (rect.left() + name_width, rect.left() + name_width + half + 4.0);
    let (value_title, value_term) = match thought.meaning {
        OutputMeaning::Values => ("value", &words::VALUES),
        OutputMeaning::Logits => ("preference", &words::LOGITS),
    };
    let painter = ui.painter().clone();
    for (x, title, term) in [
        (rect.left(), "action", &words::ACTIONS),
        (chance_x, "chance", &words::CHANCE),
        (value_x, value_title, value_term),
    ] {
        let at = theme::text(
            &painter,
            pos2(x, rect.top()),
            Align2::LEFT_TOP,
            title,
            scene.pick(LABEL, 9.0),
            FAINT,
        );
        theme::tip(ui, at.expand(3.0), term);
    }
    let row = (rect.height() - header) / Action::ALL.len() as f32;
    let (low, high) = range(&thought.outputs);
    for action in Action::ALL {
        let number = action.index();
        let y = rect.top() + header + (number as f32 + 0.5) * row;
        let taken = scene.shown.before.action == action;
        let colour = if taken { ACCENT } else { MUTED };
        if taken {
            let back = Rect::from_min_max(
                pos2(rect.left() - 5.0, y - 0.5 * row + 0.5),
                pos2(rect.right() + 5.0, y + 0.5 * row - 0.5),
            );
            painter.rect_filled(back, CornerRadius::same(4), HOLLOW_WARM);
        }
        theme::text(
            &painter,
            pos2(rect.left(), y),
            Align2::LEFT_CENTER,
            action.name(),
            size,
            if taken { ACCENT } else { TEXT },
        );
        let height = (0.34 * row).clamp(3.0, 6.0);
        let probability = thought.probabilities.get(number).copied().unwrap_or(0.0);
        let number_width = scene.pick(29.0, 25.0);
        let bar = |x: f32| Rect::from_min_size(pos2(x, y - 0.5 * height), vec2(half - number_width - 9.0, height));
        theme::bar(&painter, bar(chance_x), probability, colour);
        let percent = format!("{:.0}%", 100.0 * probability);
        theme::text(
            &painter,
            pos2(chance_x + half - 7.0, y),
            Align2::RIGHT_CENTER,
            percent,
            size,
            colour,
        );
        let Some(&value) = thought.outputs.get(number) else { continue };
        let fraction = |value: f32| (value - low) / (high - low);
        theme::signed_bar(&painter, bar(value_x), fraction(0.0), fraction(value), colour);
        theme::text(
            &painter,
            pos2(rect.right(), y),
            Align2::RIGHT_CENTER,
            theme::score(f64::from(value)),
            size,
            colour,
        );
    }
}

/// Returns the range of a row of signed bars, which includes 0.
fn range(numbers: &[f32]) -> (f32, f32) {
    let low = numbers.iter().copied().fold(0.0, f32::min);
    let high = numbers.iter().copied().fold(0.0, f32::max);
    (low, high.max(low + 1e-3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_an_observation_has_its_place() {
        let scenario = Arc::new(Scenario::load("four_seasons").unwrap().scenario);
        let mut sight = Sight::default();
        sight.see(&scenario);
        let [rows, columns] = sight.eye;
        let shown = rows * columns * PIXEL + 2 * 3 + sight.gauges.len();
        assert_eq!(shown, sight.channels.len());
        assert_eq!(
            sight.ambient,
            [Some(rows * columns * PIXEL), Some(rows * columns * PIXEL + 3)]
        );
        for &at in &sight.gauges {
            assert_ne!(gauge(&sight.channels[at].name).0, "?", "{}", sight.channels[at].name);
        }
    }

    #[test]
    fn bars_of_values_hold_zero() {
        assert_eq!(range(&[1.0, 3.0]), (0.0, 3.0));
        assert_eq!(range(&[-2.0, -1.0]), (-2.0, 0.0));
        assert!(range(&[]).1 > 0.0);
    }
}
