//! Control bar at the bottom: time, season, driver, method and camera.

use bevy::input::keyboard::KeyCode;
use bevy_egui::egui::{Align, Layout as Flow};
use bevy_egui::egui::{Button, Color32, ComboBox, CornerRadius, Rect, RichText, Sense, Slider, Ui, UiBuilder, pos2, vec2};

use super::bar::{BarGroup, LEAST_SCRUBBER, Rows, gap_width, inset, remember_width, width};
use super::panel::{PanelPlace, PanelSpec};
use super::theme::{self, ACCENT, MUTED, ON_ACCENT, TEXT};
use super::words::{self, Term};
use super::{PANELS, PanelContext, UiCommands};
use crate::learner::{Curriculum, METHODS};
use crate::live::{DriverKind, SimulationCommand};
use crate::rendering::camera::CameraKind;
use crate::rendering::ui_command::{TimeScale, UiCommand};

/// Description of the panel.
pub(super) const PANEL: PanelSpec = PanelSpec {
    name: "controls",
    title: "controls",
    explanation: words::PANELS,
    key: Some(KeyCode::F2),
    place: PanelPlace::Bar,
    has_content: |_| true,
    draw,
};

/// Draws the bar: its groups in rows, those that fit beside each other in one.
fn draw(ui: &mut Ui, rect: Rect, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let rows = Rows::of(ui.ctx(), scene);
    let inner = rect.shrink2(vec2(inset(scene.compact), 0.0));
    let height = inner.height() / rows.0.len().max(1) as f32;
    for (number, row) in rows.0.iter().enumerate() {
        let top = inner.top() + number as f32 * height;
        let rect = Rect::from_min_max(pos2(inner.left(), top), pos2(inner.right(), top + height));
        draw_row(ui, rect, row, scene, ui_commands);
    }
}

fn draw_row(ui: &mut Ui, rect: Rect, row: &[BarGroup], scene: &PanelContext, ui_commands: &mut UiCommands) {
    let mut left = rect.left();
    for (number, &group) in row.iter().enumerate() {
        // What steers the window itself stands at the right, where there is something to its left.
        let at_right = group == BarGroup::Window && number > 0;
        if number > 0 && !at_right {
            left = gap(ui, left, rect, scene);
        }
        let place = Rect::from_min_max(pos2(left, rect.top()), rect.max);
        let flow = if at_right {
            Flow::right_to_left(Align::Center)
        } else {
            Flow::left_to_right(Align::Center)
        };
        let builder = UiBuilder::new().max_rect(place).layout(flow).id_salt(group);
        let mut child = ui.new_child(builder);
        child.spacing_mut().item_spacing.x = scene.pick(5.0, 3.0);
        child.spacing_mut().interact_size.y = scene.pick(28.0, 22.0);
        child.spacing_mut().button_padding = vec2(scene.pick(8.0, 5.0), 2.0);
        match group {
            BarGroup::Time => draw_time(&mut child, scene, ui_commands),
            BarGroup::Scrubber => draw_scrubber(&mut child, row, scene, ui_commands),
            BarGroup::Seasons => draw_seasons(&mut child, scene, ui_commands),
            BarGroup::Robot => draw_robot(&mut child, scene, ui_commands),
            BarGroup::Window => draw_window(&mut child, at_right, scene, ui_commands),
        }
        let used = child.min_rect();
        if group != BarGroup::Scrubber {
            remember_width(ui.ctx(), group, used.width());
        }
        left = used.right();
    }
}

/// Draws a line between two groups; returns where the next one begins.
fn gap(ui: &Ui, left: f32, row: Rect, scene: &PanelContext) -> f32 {
    let height = scene.pick(20.0, 14.0);
    let x = left + 0.5 * gap_width(scene.compact);
    let line = Rect::from_center_size(pos2(x, row.center().y), vec2(1.0, height));
    ui.painter()
        .vline(x, line.y_range(), bevy_egui::egui::Stroke::new(1.0, theme::RIM));
    left + gap_width(scene.compact)
}

fn text(scene: &PanelContext, text: impl Into<String>) -> RichText {
    RichText::new(text).size(scene.pick(theme::BODY, 10.5))
}

/// Draws a button. Returns `true` if it was pressed.
fn button(ui: &mut Ui, scene: &PanelContext, label: &str, on: bool, term: &Term) -> bool {
    let label = text(scene, label).color(if on { ON_ACCENT } else { TEXT });
    let fill = if on { ACCENT } else { theme::HOLLOW_WARM };
    let button = Button::new(label)
        .fill(fill)
        .min_size(vec2(scene.pick(30.0, 22.0), scene.pick(28.0, 22.0)));
    theme::explain(ui.add(button), term).clicked()
}

fn draw_time(ui: &mut Ui, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let passing = scene.now.passing;
    if button(
        ui,
        scene,
        if passing.paused { "▶" } else { "⏸" },
        passing.paused,
        &words::PAUSE,
    ) {
        ui_commands.push(UiCommand::TogglePause);
    }
    if button(ui, scene, "⏭", false, &words::TICK) {
        ui_commands.push(UiCommand::SingleTick);
    }
    ui.add_space(scene.pick(4.0, 1.0));
    if button(ui, scene, "-", false, &words::PACE) {
        ui_commands.push(UiCommand::TimeScale(passing.pace.slower()));
    }
    let name = match passing.pace {
        TimeScale::Free => "free".to_owned(),
        pace => pace.name(),
    };
    let size = vec2(scene.pick(42.0, 30.0), scene.pick(24.0, 18.0));
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let centre = bevy_egui::egui::Align2::CENTER_CENTER;
    theme::text(
        ui.painter(),
        rect.center(),
        centre,
        name,
        scene.pick(theme::BODY, 10.5),
        if passing.paused { MUTED } else { TEXT },
    );
    theme::explain(response, &words::PACE);
    if button(ui, scene, "+", false, &words::PACE) {
        ui_commands.push(UiCommand::TimeScale(passing.pace.faster()));
    }
}

fn draw_scrubber(ui: &mut Ui, row: &[BarGroup], scene: &PanelContext, ui_commands: &mut UiCommands) {
    let Some((tick, ticks)) = scene.now.recording else { return };
    // What stands to the right of it needs its room.
    let beside = if row.contains(&BarGroup::Window) {
        width(ui.ctx(), BarGroup::Window) + gap_width(scene.compact)
    } else {
        0.0
    };
    ui.spacing_mut().slider_width = (ui.available_width() - beside).max(LEAST_SCRUBBER);
    ui.visuals_mut().widgets.inactive.bg_fill = theme::HOLLOW_WARM;
    ui.visuals_mut().selection.bg_fill = ACCENT.gamma_multiply(0.6);
    let mut at = tick;
    let slider = Slider::new(&mut at, 0..=ticks.max(1)).show_value(false).trailing_fill(true);
    if theme::explain(ui.add(slider), &words::SCRUBBER).changed() && at != tick {
        ui_commands.push(UiCommand::SimulationCommand(SimulationCommand::Seek(at)));
    }
}

fn draw_seasons(ui: &mut Ui, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let scenario = &scene.shown.scenario;
    let seasons = scenario.seasons.len();
    let now = super::year::shown_season(scene.shown.before.moment);
    let width = (scene.pick(168.0, 100.0) / seasons as f32).clamp(8.0, scene.pick(40.0, 25.0));
    let height = scene.pick(24.0, 18.0);
    for season in 0..seasons {
        let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
        let colour = theme::season_colour(scenario, season);
        let fill = if season == now || response.hovered() {
            colour
        } else {
            colour.gamma_multiply(0.45)
        };
        ui.painter().rect_filled(rect, CornerRadius::same(5), fill);
        let digit = (season + 1).to_string();
        let ink = if season == now || response.hovered() {
            theme::ink_on(colour)
        } else {
            TEXT
        };
        let centre = bevy_egui::egui::Align2::CENTER_CENTER;
        theme::text(ui.painter(), rect.center(), centre, digit, scene.pick(12.0, 10.0), ink);
        if season == now {
            let under = Rect::from_min_size(pos2(rect.left() + 3.0, rect.bottom() + 2.0), vec2(width - 6.0, 2.0));
            ui.painter().rect_filled(under, CornerRadius::same(1), TEXT);
        }
        let response = response.on_hover_ui(|ui| {
            ui.label(RichText::new(theme::season_name(scenario, season)).color(colour).size(14.0));
            ui.label(words::SEASON.text);
        });
        if response.clicked() {
            super::year::choose(ui, season, scene, ui_commands);
        }
    }
}

fn draw_robot(ui: &mut Ui, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let driver = scene.now.driver;
    let wide = |large, small| scene.pick(large, small);
    choice(ui, scene, "driver", driver.name(), wide(104.0, 62.0), &words::DRIVER, |ui| {
        for kind in DriverKind::CHOICES {
            let what = kind.summary();
            if option(ui, kind.name(), what, kind == driver) {
                ui_commands.push(UiCommand::SimulationCommand(SimulationCommand::Drive(kind)));
            }
        }
    });
    if !scene.now.can_learn {
        return;
    }
    let learns = scene.now.learns;
    if button(ui, scene, if learns { "learns" } else { "acts" }, learns, &words::LEARN) {
        ui_commands.push(UiCommand::SimulationCommand(SimulationCommand::Learn(!learns)));
    }
    choice(
        ui,
        scene,
        "method",
        &scene.now.method,
        wide(126.0, 74.0),
        &words::METHOD,
        |ui| {
            ui.set_min_width(380.0);
            for method in METHODS
                .iter()
                .filter(|method| method.curriculum != Curriculum::AllTasksAtOnce)
            {
                if option(ui, method.name, method.summary, method.name == scene.now.method) {
                    ui_commands.push(UiCommand::SimulationCommand(SimulationCommand::LearnWith {
                        method: method.name.to_owned(),
                    }));
                }
            }
        },
    );
}

/// Draws a drop-down list.
fn choice(ui: &mut Ui, scene: &PanelContext, name: &str, now: &str, width: f32, term: &Term, add: impl FnOnce(&mut Ui)) {
    ui.visuals_mut().widgets.inactive.weak_bg_fill = theme::HOLLOW_WARM;
    let response = ComboBox::from_id_salt(name)
        .selected_text(text(scene, now))
        .width(width)
        .truncate()
        .show_ui(ui, add)
        .response;
    theme::explain(response, term);
}

/// Draws an item of a list: a name and a description. Returns `true` if it was chosen.
fn option(ui: &mut Ui, name: &str, what: &str, on: bool) -> bool {
    ui.horizontal(|ui| {
        let label = RichText::new(name).color(if on { ACCENT } else { TEXT });
        let chosen = ui
            .add(Button::new(label).fill(Color32::TRANSPARENT).min_size(vec2(96.0, 20.0)))
            .clicked();
        ui.label(RichText::new(what).color(MUTED).size(theme::SMALL));
        if chosen {
            ui.close();
        }
        chosen
    })
    .inner
}

fn draw_window(ui: &mut Ui, at_right: bool, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let parts: [fn(&mut Ui, &PanelContext, &mut UiCommands); 3] = [draw_help, draw_panels, draw_view];
    // From right to left the same order begins with the last.
    if at_right {
        parts.into_iter().for_each(|part| part(ui, scene, ui_commands));
    } else {
        parts.into_iter().rev().for_each(|part| part(ui, scene, ui_commands));
    }
}

fn draw_help(ui: &mut Ui, scene: &PanelContext, ui_commands: &mut UiCommands) {
    if button(ui, scene, "?", scene.now.help, &words::HELP) {
        ui_commands.push(UiCommand::ToggleHelp);
    }
    if button(ui, scene, "hide", false, &words::HIDE) {
        ui_commands.push(UiCommand::TogglePanels);
    }
}

fn draw_panels(ui: &mut Ui, scene: &PanelContext, ui_commands: &mut UiCommands) {
    let response = ui.menu_button(text(scene, "panels"), |ui| {
        for panel in PANELS {
            let open = !scene.panels.closed.contains(&panel.name);
            if option(ui, panel.title, if open { "open" } else { "closed" }, open) {
                ui_commands.push(UiCommand::TogglePanel(panel.name));
            }
        }
    });
    theme::explain(response.response, &words::PANELS);
}

fn draw_view(ui: &mut Ui, scene: &PanelContext, ui_commands: &mut UiCommands) {
    if button(ui, scene, "⏺", false, &words::FILM) {
        ui_commands.push(UiCommand::ToggleFilm);
    }
    if button(ui, scene, "📷", false, &words::SCREENSHOT) {
        ui_commands.push(UiCommand::Screenshot);
    }
    if scene.now.recording.is_none() && button(ui, scene, "⟲", false, &words::RESET) {
        ui_commands.push(UiCommand::SimulationCommand(SimulationCommand::Reset));
    }
    choice(
        ui,
        scene,
        "camera",
        scene.now.camera.name(),
        scene.pick(74.0, 50.0),
        &words::CAMERA,
        |ui| {
            for camera in CameraKind::ALL {
                if option(ui, camera.name(), "", camera == scene.now.camera) {
                    ui_commands.push(UiCommand::Camera(camera));
                }
            }
        },
    );
}
