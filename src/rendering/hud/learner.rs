//! Panel with the state of learning: speed, losses and entropy.

use bevy::input::keyboard::KeyCode;
use bevy_egui::egui::{Align2, Rect, Ui, pos2, vec2};

use super::panel::{Height, PanelPlace, PanelSpec, can_learn};
use super::theme::{self, ACCENT, MUTED, SMALL, TEXT};
use super::{PanelContext, words};
use crate::mdp::Action;

/// Description of the panel.
pub(super) const PANEL: PanelSpec = PanelSpec {
    name: "learner",
    title: "learner",
    explanation: words::METHOD,
    key: Some(KeyCode::F8),
    place: PanelPlace::Left(Height {
        large: 152.0,
        small: 112.0,
    }),
    has_content: can_learn,
    draw: |ui, rect, scene, _| draw(ui, rect, scene),
};

fn draw(ui: &mut Ui, rect: Rect, scene: &PanelContext) {
    let learning = &scene.shown.status.learning;
    let size = scene.pick(SMALL, 10.0);
    let row = scene.pick(18.0, 13.0);
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), row));
    let method = theme::cut_text(
        ui.painter(),
        head.left_center(),
        Align2::LEFT_CENTER,
        &learning.method,
        rect.width() - 46.0,
        scene.pick(14.0, 11.0),
        if learning.on { ACCENT } else { MUTED },
    );
    theme::tip(ui, method.expand(3.0), &words::METHOD);
    let note = if learning.on {
        learning.algorithm.to_uppercase()
    } else {
        "not learning".to_owned()
    };
    let algorithm = theme::text(ui.painter(), head.right_center(), Align2::RIGHT_CENTER, note, size, MUTED);
    theme::tip(ui, algorithm.expand(3.0), &words::ALGORITHM);

    let (decisions, updates) = scene.rates.a_second();
    let even = libm::logf(Action::ALL.len() as f32);
    let exploration = learning
        .exploration
        .map_or("by its draw".to_owned(), |part| format!("{:.0} %", 100.0 * part));
    let mut cells: Vec<(&str, String, words::Term)> = vec![
        ("decisions/s", theme::short(decisions), words::DECISIONS_S),
        ("updates/s", theme::short(updates), words::UPDATES_S),
        ("explores", exploration, words::EXPLORATION),
        (
            "undecided",
            format!("{:.0} %", 100.0 * learning.entropy_nats / even),
            words::ENTROPY,
        ),
        ("gradient", significant(learning.gradient_norm), words::GRADIENT),
        ("value", significant(learning.mean_value), words::MEAN_VALUE),
    ];
    let rows = ((rect.height() - row) / row).floor().max(1.0) as usize;
    for (name, &loss) in &learning.losses {
        cells.push((loss_name(name), significant(loss), words::loss(name)));
    }
    if cells.len() % 2 == 1 {
        cells.push(("updates", theme::short(learning.ledger.updates as f64), words::UPDATES));
    }
    let gap = scene.pick(14.0, 8.0);
    let width = 0.5 * (rect.width() - gap);
    for (number, (name, value, term)) in cells.into_iter().take(2 * rows).enumerate() {
        let at = rect.min
            + vec2(
                (number % 2) as f32 * (width + gap),
                row * (1.0 + (number / 2) as f32) + scene.pick(4.0, 2.0),
            );
        let place = Rect::from_min_size(at, vec2(width, row));
        let value_at = theme::text(ui.painter(), place.right_center(), Align2::RIGHT_CENTER, value, size, TEXT);
        let room = value_at.left() - place.left() - 4.0;
        theme::cut_text(
            ui.painter(),
            pos2(place.left(), place.center().y),
            Align2::LEFT_CENTER,
            name,
            room,
            size,
            MUTED,
        );
        theme::tip(ui, place, &term);
    }
}

/// Returns a short name of a loss.
fn loss_name(name: &str) -> &str {
    match name {
        "temporal_difference" => "TD loss",
        "self_prediction" => "prediction",
        other => other,
    }
}

/// Formats a number of any size with few digits.
fn significant(number: f64) -> String {
    let size = number.abs();
    match size {
        _ if !number.is_finite() => "-".to_owned(),
        1_000.0.. => theme::short(number),
        100.0.. => format!("{number:.0}"),
        10.0.. => format!("{number:.1}"),
        0.01.. => format!("{number:.2}"),
        _ if size < 5e-6 => "0".to_owned(),
        _ => format!("{number:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_size_are_short() {
        assert_eq!(
            [0.0, 0.00123, 0.0567, 3.2149, 42.42, 123.4, 54_321.0, f64::NAN].map(significant),
            ["0", "0.0012", "0.06", "3.21", "42.4", "123", "54.3k", "-"].map(str::to_owned)
        );
    }
}
