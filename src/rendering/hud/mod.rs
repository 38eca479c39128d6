//! Panels over the garden. This is the only module that uses egui.
//!
//! One system draws all of them in one pass. `layout` computes their positions, each panel has its own file, `theme` defines
//! their style, and `words` explains the terms. Panels read the state and send commands; they change nothing themselves.

mod album;
mod bar;
mod controls;
mod curves;
mod edit;
mod eye;
mod flips;
mod halves;
mod headline;
mod help;
mod inspector;
mod layout;
mod learner;
mod matrix;
mod memory;
mod over;
mod panel;
mod rates;
mod theme;
mod time_bar;
mod words;
mod year;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui::{self, Align2, Area, Id, Order as Layer, Rect, Sense, Ui, pos2, vec2};
use bevy_egui::{EguiContexts, EguiGlobalSettings, EguiPlugin, EguiPrimaryContextPass, EguiTextureHandle};

use super::camera::{CameraKind, PointerOnPanel};
use super::editing::Editing;
use super::frame_view::FrameView;
use super::keys::{self, Now, Typing};
use super::split::SplitView;
use super::ui_command::{Panels, Passing, Selected, UiCommand, Words};
pub(super) use album::PANEL as ALBUM_PANEL;
use bar::Rows;
use eye::Sight;
use flips::Flips;
use layout::Layout;
pub use panel::PanelSpec;
use rates::Rates;

/// All panels, in the order of the menu, and from above in their columns.
pub static PANELS: &[PanelSpec] = &[
    controls::PANEL,
    edit::PANEL,
    eye::PANEL,
    year::PANEL,
    curves::PANEL,
    matrix::PANEL,
    memory::PANEL,
    learner::PANEL,
    album::PANEL,
];

/// Draws the panels, and handles the keys.
pub struct HudPlugin;

impl Plugin for HudPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins((EguiPlugin::default(), keys::plugin))
            .insert_resource(EguiGlobalSettings {
                enable_ime: false,
                ..EguiGlobalSettings::default()
            })
            .init_resource::<Rates>()
            .init_resource::<Sight>()
            .init_resource::<Flips>()
            .add_systems(EguiPrimaryContextPass, draw.run_if(resource_exists::<FrameView>));
    }
}

/// State that the panels read.
#[derive(SystemParam)]
struct Seen<'w> {
    shown: Res<'w, FrameView>,
    panels: Res<'w, Panels>,
    passing: Res<'w, Passing>,
    selected: Res<'w, Selected>,
    words: Res<'w, Words>,
    editing: Option<Res<'w, Editing>>,
    camera: Res<'w, CameraKind>,
    time: Res<'w, Time<Real>>,
}

/// Input of a panel.
struct PanelContext<'a> {
    shown: &'a FrameView,
    panels: &'a Panels,
    words: &'a Words,
    /// The scenario file that is edited, if one is.
    editing: Option<&'a Editing>,
    /// State that the keys depend on as well.
    now: Now,
    rates: &'a Rates,
    flips: &'a Flips,
    sight: &'a Sight,
    /// Real time, in seconds.
    real_s: f64,
    /// `true` if the window is small.
    compact: bool,
}

impl PanelContext<'_> {
    /// Returns `large`, or `small` in a small window.
    fn pick(&self, large: f32, small: f32) -> f32 {
        if self.compact { small } else { large }
    }
}

/// Commands sent by the panels.
type UiCommands = Vec<UiCommand>;

fn draw(
    mut contexts: EguiContexts,
    seen: Seen,
    mut rates: ResMut<Rates>,
    mut sight: ResMut<Sight>,
    mut flips: ResMut<Flips>,
    mut split: ResMut<SplitView>,
    mut typing: ResMut<Typing>,
    mut on_panel: ResMut<PointerOnPanel>,
    mut styled: Local<bool>,
    mut written: MessageWriter<UiCommand>,
) -> Result {
    let twin = split.picture.as_ref().map(|picture| {
        let known = contexts.image_id(picture.id());
        known.unwrap_or_else(|| contexts.add_image(EguiTextureHandle::Weak(picture.id())))
    });
    let context = contexts.ctx_mut()?;
    if !*styled {
        theme::apply(context);
        *styled = true;
    }
    let window = context.content_rect().size() * context.zoom_factor();
    let zoom = layout::zoom(window);
    if (context.zoom_factor() - zoom).abs() > 1e-3 {
        context.set_zoom_factor(zoom);
    }
    let real_s = seen.time.elapsed_secs_f64();
    rates.see(real_s, &seen.shown.status);
    sight.see(&seen.shown.scenario);
    flips.see(real_s, seen.shown.status.inside.as_ref());
    let scene = PanelContext {
        shown: &seen.shown,
        panels: &seen.panels,
        words: &seen.words,
        editing: seen.editing.as_deref(),
        now: Now::of(&seen.shown, *seen.passing, *seen.camera, *seen.selected, &seen.panels),
        rates: &rates,
        flips: &flips,
        sight: &sight,
        real_s,
        compact: layout::is_compact(context.content_rect().size()),
    };
    let mut ui_commands = UiCommands::new();
    if let Some(twin) = twin {
        halves::draw_picture(context, twin, split.used);
    }
    let layout = draw_panels(context, &scene, &mut ui_commands);
    halves::draw_labels(context, &layout, &scene);
    let width = context.content_rect().width().max(1.0);
    split.free = [layout.middle.left() / width, layout.middle.right() / width];
    inspector::draw(context, &layout, &scene, &mut ui_commands);
    over::draw(context, &layout, &scene);
    if seen.panels.help {
        help::draw(context, &scene, &mut ui_commands);
    }
    written.write_batch(ui_commands);
    // There are no text fields, so a pressed button must not keep the keyboard focus.
    if let Some(focused) = context.memory(|memory| memory.focused()) {
        context.memory_mut(|memory| memory.surrender_focus(focused));
    }
    typing.set_if_neq(Typing(egui::Popup::is_any_open(context)));
    on_panel.set_if_neq(PointerOnPanel(
        context.egui_is_using_pointer() || context.is_pointer_over_egui(),
    ));
    Ok(())
}

/// Draws the headline, the columns and the bar below; returns where they are.
fn draw_panels(context: &egui::Context, scene: &PanelContext, ui_commands: &mut UiCommands) -> Layout {
    let rows = Rows::of(context, scene);
    let panels = with_something_to_show(scene);
    let layout = layout::layout(context.content_rect().size(), &panels, rows.0.len());
    if scene.panels.visible {
        area(context, "headline", layout.headline, |ui, rect| {
            headline::draw(ui, rect, scene)
        });
        for placed in &layout.columns {
            area(context, placed.panel.name, placed.rect, |ui, rect| {
                let content = titled(ui, rect, placed.panel, scene, ui_commands);
                if !placed.folded {
                    (placed.panel.draw)(ui, content, scene, ui_commands);
                }
            });
        }
        if scene.panels.shows(controls::PANEL.name) {
            area(context, controls::PANEL.name, layout.controls, |ui, rect| {
                (controls::PANEL.draw)(ui, rect, scene, ui_commands)
            });
        }
    }
    layout
}

/// The panels without those that have nothing to show: in a recording nobody learns.
fn with_something_to_show(scene: &PanelContext) -> Panels {
    let mut panels = scene.panels.clone();
    let empty = PANELS.iter().filter(|panel| !(panel.has_content)(scene));
    panels.closed.extend(empty.map(|panel| panel.name));
    panels
}

/// Draws an area of the window in which clicks do not reach the garden.
fn area(context: &egui::Context, name: &str, rect: Rect, add: impl FnOnce(&mut Ui, Rect)) {
    Area::new(Id::new(name))
        .fixed_pos(rect.min)
        .order(Layer::Middle)
        .constrain(false)
        .fade_in(false)
        .sense(Sense::click())
        .show(context, |ui| {
            ui.allocate_exact_size(rect.size(), Sense::hover());
            theme::ground(ui.painter(), rect);
            ui.set_clip_rect(rect);
            add(ui, rect);
        });
}

/// Draws the title of a panel with a button to close it. Returns the area for the contents.
fn titled(ui: &mut Ui, rect: Rect, panel: &'static PanelSpec, scene: &PanelContext, ui_commands: &mut UiCommands) -> Rect {
    let (inset, above) = (scene.pick(11.0, 8.0), scene.pick(26.0, 20.0));
    let baseline = rect.top() + 0.5 * above + scene.pick(1.5, 1.0);
    let label = theme::caps(
        ui.painter(),
        pos2(rect.left() + inset, baseline),
        Align2::LEFT_CENTER,
        panel.title,
        theme::MUTED,
    );
    theme::tip(ui, label.expand(4.0), &panel.explanation);
    if ui.rect_contains_pointer(rect) {
        let cross = Rect::from_center_size(pos2(rect.right() - inset - 2.0, baseline), vec2(18.0, 18.0));
        let response = ui.interact(cross, ui.id().with("close"), Sense::click());
        let colour = if response.hovered() { theme::TEXT } else { theme::FAINT };
        let [a, b] = [cross.shrink(6.0).left_top(), cross.shrink(6.0).right_bottom()];
        let stroke = egui::Stroke::new(1.3, colour);
        ui.painter().line_segment([a, b], stroke);
        ui.painter().line_segment([pos2(a.x, b.y), pos2(b.x, a.y)], stroke);
        if response.clicked() {
            ui_commands.push(UiCommand::TogglePanel(panel.name));
        }
    }
    Rect::from_min_max(
        pos2(rect.left() + inset, rect.top() + above),
        pos2(rect.right() - inset, rect.bottom() - scene.pick(10.0, 6.0)),
    )
}

#[cfg(test)]
mod tests;
