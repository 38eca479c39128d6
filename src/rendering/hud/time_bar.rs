//! Time bar over the earlier networks: one of them drives the robot, or a twin of the garden beside it, and learning branches off there.

use bevy_egui::egui::{Align2, Color32, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use super::theme::{self, ACCENT, FAINT, HOLLOW, HOLLOW_WARM, MUTED, ON_ACCENT, SMALL, TEXT};
use super::words::{self, Term};
use super::{PanelContext, UiCommands};
use crate::live::{DriverKind, EarlierMark, SimulationCommand};
use crate::rendering::ui_command::UiCommand;

/// Width of the names at the left.
const NAMES: f32 = 62.0;
/// Width of each button at the right.
const BUTTON: f32 = 74.0;

/// Draws the bar: a mark for each network, oldest at the left, and the present at the right end.
pub(super) fn draw(ui: &mut Ui, rect: Rect, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let marks = &scene.shown.status.earlier.marks;
    let name = Rect::from_min_size(rect.min, vec2(NAMES, rect.height()));
    theme::text(ui.painter(), name.left_center(), Align2::LEFT_CENTER, "go back", SMALL, MUTED);
    theme::tip(ui, name, &words::TIME_BAR);
    let track = Rect::from_min_max(
        pos2(name.right(), rect.top() + 1.0),
        pos2(rect.right() - 2.0 * BUTTON - 12.0, rect.bottom() - 3.0),
    );
    ui.painter().rect_filled(track, CornerRadius::same(3), HOLLOW);
    let places = marks.len() + 1;
    let step = track.width() / places as f32;
    for (number, mark) in marks.iter().enumerate() {
        let at = Rect::from_min_size(
            pos2(track.left() + number as f32 * step, track.top()),
            vec2(step, track.height()),
        );
        draw_mark(ui, at, mark, scene, ui_commands);
    }
    let now = Rect::from_min_max(pos2(track.right() - step, track.top()), track.max);
    draw_now(ui, now, scene, ui_commands);
    let buttons = pos2(track.right() + 8.0, rect.top());
    let button = |number: f32| {
        Rect::from_min_size(
            buttons + vec2(number * (BUTTON + 4.0), 0.0),
            vec2(BUTTON, rect.height() - 2.0),
        )
    };
    let split = scene.shown.status.earlier.beside.is_some();
    if press(ui, button(0.0), "split view", split, true, &words::SPLIT_VIEW) {
        ui_commands.push(UiCommand::SimulationCommand(SimulationCommand::Beside(
            scene.now.other_half(),
        )));
    }
    let branches = matches!(scene.now.driver, DriverKind::Earlier(_)) && scene.now.can_learn;
    if press(ui, button(1.0), "learn on", false, branches, &words::BRANCH) && branches {
        ui_commands.push(UiCommand::SimulationCommand(SimulationCommand::LearnWith {
            method: scene.now.method.clone(),
        }));
    }
}

/// Draws a network, in the colour of its season: the end of a season is taller. The one that drives has a frame, the one beside a line
/// below it.
fn draw_mark(ui: &mut Ui, at: Rect, mark: &EarlierMark, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let kind = DriverKind::Earlier(mark.id);
    let response = ui.interact(at, ui.id().with(("network", mark.id)), Sense::click());
    let colour = theme::season_colour(&scene.shown.scenario, mark.season);
    let drives = scene.now.driver == kind;
    let (wide, high) = if mark.ends_season { (5.0, 1.0) } else { (3.0, 0.55) };
    let size = vec2(f32::min(wide, at.width() - 1.0).max(1.0), high * at.height());
    let bar = Rect::from_center_size(at.center(), size);
    let lit = drives || response.hovered();
    let fill = if lit { colour } else { colour.gamma_multiply(0.75) };
    ui.painter().rect_filled(bar, CornerRadius::same(1), fill);
    if drives {
        let frame = Rect::from_center_size(at.center(), vec2(size.x + 5.0, at.height() + 2.0));
        ui.painter()
            .rect_stroke(frame, CornerRadius::same(2), Stroke::new(1.5, TEXT), StrokeKind::Middle);
    }
    if scene.shown.status.earlier.beside == Some(kind) {
        underline(ui, at);
    }
    let response = response.on_hover_ui(|ui| {
        ui.set_max_width(250.0);
        ui.label(words_of(mark, scene));
    });
    if response.secondary_clicked() || (response.clicked() && ui.input(|input| input.modifiers.shift)) {
        ui_commands.push(UiCommand::SimulationCommand(SimulationCommand::Beside(Some(kind))));
    } else if response.clicked() {
        ui_commands.push(UiCommand::SimulationCommand(SimulationCommand::Drive(kind)));
    }
}

/// Draws the present.
fn draw_now(ui: &mut Ui, at: Rect, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let response = theme::explain(ui.interact(at, ui.id().with("now"), Sense::click()), &words::NOW);
    let is_now = !matches!(scene.now.driver, DriverKind::Earlier(_));
    let colour = if is_now || response.hovered() { ACCENT } else { FAINT };
    let size = (0.5 * at.height()).min(at.width() - 1.0).max(2.0);
    ui.painter().circle_filled(at.center(), 0.5 * size, colour);
    if response.clicked() {
        ui_commands.push(UiCommand::SimulationCommand(SimulationCommand::Drive(DriverKind::Policy)));
    }
}

fn underline(ui: &Ui, at: Rect) {
    let line = Rect::from_center_size(
        pos2(at.center().x, at.bottom() + 1.5),
        vec2((at.width() - 1.0).clamp(3.0, 9.0), 2.0),
    );
    ui.painter().rect_filled(line, CornerRadius::same(1), ACCENT);
}

/// Draws a button; returns `true` if it was pressed.
fn press(ui: &mut Ui, rect: Rect, text: &str, on: bool, possible: bool, term: &Term) -> bool {
    let response = theme::explain(ui.interact(rect, ui.id().with(text), Sense::click()), term);
    let (fill, ink) = match (on, possible, response.hovered()) {
        (_, false, _) => (Color32::TRANSPARENT, FAINT),
        (true, ..) => (ACCENT, ON_ACCENT),
        (false, _, true) => (HOLLOW_WARM, ACCENT),
        (false, ..) => (HOLLOW_WARM, TEXT),
    };
    ui.painter().rect_filled(rect, CornerRadius::same(4), fill);
    theme::text(ui.painter(), rect.center(), Align2::CENTER_CENTER, text, SMALL, ink);
    response.clicked()
}

/// Describes a network, and what a click does.
fn words_of(mark: &EarlierMark, scene: &PanelContext) -> String {
    let season = theme::season_name(&scene.shown.scenario, mark.season);
    let when = match (mark.ends_season, mark.of_run) {
        (true, true) => format!("The network of the run at the end of {season}"),
        (false, true) => format!("The network of the run in {season}"),
        (true, false) => format!("The network at the end of {season}"),
        (false, false) => format!("The network in {season}"),
    };
    format!(
        "{when}, after {} decisions. Click: it drives the robot, while the one that learns goes on learning. Shift-click: it tends a twin of this garden, beside it.",
        theme::thousands(mark.decisions)
    )
}
