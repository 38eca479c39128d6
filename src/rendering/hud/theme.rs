//! Style of the panels: colours, text sizes and common elements.

use bevy_egui::egui::text::{LayoutJob, TextFormat};
use bevy_egui::egui::{
    Align2, Color32, Context, CornerRadius, FontFamily, FontId, Id, Margin, Painter, Pos2, Rect, Response, RichText, Sense,
    Shadow, Stroke, StrokeKind, TextStyle, Ui, UiBuilder, Visuals, epaint, pos2, vec2,
};

use super::words::Term;
use crate::scenario::{Colour, Scenario};

/// Background of panels: a dark green that lets the garden shine through. Colours are mixed in linear light, so it looks less
/// opaque than its alpha value suggests.
pub(super) const INK: Color32 = Color32::from_rgba_premultiplied(9, 18, 15, 240);
/// Background of inputs and buttons inside a panel.
pub(super) const HOLLOW: Color32 = Color32::from_rgba_premultiplied(12, 14, 13, 14);
/// The same under the pointer.
pub(super) const HOLLOW_WARM: Color32 = Color32::from_rgba_premultiplied(34, 40, 37, 40);
/// Border of a panel.
pub(super) const RIM: Color32 = Color32::from_rgba_premultiplied(26, 32, 28, 34);
/// Primary text.
pub(super) const TEXT: Color32 = Color32::from_rgb(0xec, 0xf3, 0xea);
/// Secondary text.
pub(super) const MUTED: Color32 = Color32::from_rgb(0xb6, 0xc8, 0xba);
/// Least prominent text.
pub(super) const FAINT: Color32 = Color32::from_rgb(0x8b, 0xa0, 0x93);
/// Accent colour.
pub(super) const ACCENT: Color32 = Color32::from_rgb(0x6f, 0xe3, 0xcb);
/// A calm red for problems.
pub(super) const ALARM: Color32 = Color32::from_rgb(0xf0, 0x8e, 0x7c);
/// Text on the accent colour.
pub(super) const ON_ACCENT: Color32 = Color32::from_rgb(0x08, 0x22, 0x1c);

/// Size of normal text, in points.
pub(super) const BODY: f32 = 13.0;
/// Size of small text, in points.
pub(super) const SMALL: f32 = 11.5;
/// Size of labels in capitals, in points.
pub(super) const LABEL: f32 = 10.0;

/// Applies the style to egui.
pub(super) fn apply(context: &Context) {
    context.all_styles_mut(|style| {
        let proportional = |size| FontId::new(size, FontFamily::Proportional);
        style.text_styles = [
            (TextStyle::Small, proportional(SMALL)),
            (TextStyle::Body, proportional(BODY)),
            (TextStyle::Button, proportional(BODY)),
            (TextStyle::Heading, proportional(17.0)),
            (TextStyle::Monospace, FontId::new(12.0, FontFamily::Monospace)),
        ]
        .into();
        style.spacing.item_spacing = vec2(6.0, 4.0);
        style.spacing.button_padding = vec2(7.0, 3.0);
        style.spacing.interact_size = vec2(24.0, 24.0);
        style.spacing.tooltip_width = 280.0;
        style.spacing.menu_margin = Margin::same(8);
        style.spacing.combo_height = 420.0;
        style.interaction.selectable_labels = false;
        style.interaction.tooltip_delay = 0.25;
        style.animation_time = 0.1;
        let mut visuals = Visuals::dark();
        visuals.override_text_color = Some(TEXT);
        visuals.weak_text_color = Some(MUTED);
        visuals.window_fill = Color32::from_rgb(0x12, 0x1d, 0x18);
        visuals.window_stroke = Stroke::new(1.0, RIM);
        visuals.menu_corner_radius = CornerRadius::same(8);
        visuals.popup_shadow = Shadow {
            offset: [0, 4],
            blur: 14,
            spread: 0,
            color: Color32::from_black_alpha(110),
        };
        visuals.extreme_bg_color = Color32::TRANSPARENT;
        visuals.selection.bg_fill = ACCENT;
        visuals.selection.stroke = Stroke::new(1.0, ON_ACCENT);
        for (widget, fill) in [
            (&mut visuals.widgets.noninteractive, HOLLOW),
            (&mut visuals.widgets.inactive, HOLLOW),
            (&mut visuals.widgets.hovered, HOLLOW_WARM),
            (&mut visuals.widgets.active, HOLLOW_WARM),
            (&mut visuals.widgets.open, HOLLOW_WARM),
        ] {
            widget.bg_fill = fill;
            widget.weak_bg_fill = fill;
            widget.bg_stroke = Stroke::NONE;
            widget.fg_stroke = Stroke::new(1.0, TEXT);
            widget.corner_radius = CornerRadius::same(6);
            widget.expansion = 0.0;
        }
        visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, RIM);
        style.visuals = visuals;
    });
}

/// Converts a colour of the scenario.
pub(super) fn colour(colour: Colour) -> Color32 {
    let [red, green, blue] = colour.to_array().map(|part| (part * 255.0 + 0.5) as u8);
    Color32::from_rgb(red, green, blue)
}

/// Returns the colour that marks a season: that of its plants without thirst.
pub(super) fn season_colour(scenario: &Scenario, season: usize) -> Color32 {
    scenario.seasons.get(season).map_or(FAINT, |season| colour(season.look.fine))
}

/// Returns the name of a season.
pub(super) fn season_name(scenario: &Scenario, season: usize) -> &str {
    scenario.seasons.get(season).map_or("?", |season| &season.name)
}

/// Returns black or white, whichever is readable on this background.
pub(super) fn ink_on(fill: Color32) -> Color32 {
    let [red, green, blue, _] = fill.to_array().map(f32::from);
    if 0.299 * red + 0.587 * green + 0.114 * blue > 120.0 {
        Color32::from_rgb(10, 18, 14)
    } else {
        TEXT
    }
}

/// Draws a line of text.
pub(super) fn text(painter: &Painter, at: Pos2, align: Align2, text: impl ToString, size: f32, colour: Color32) -> Rect {
    painter.text(at, align, text, FontId::proportional(size), colour)
}

/// Draws a label in spaced capitals.
pub(super) fn caps(painter: &Painter, at: Pos2, align: Align2, label: &str, colour: Color32) -> Rect {
    let format = TextFormat {
        font_id: FontId::proportional(LABEL),
        extra_letter_spacing: 1.2,
        color: colour,
        ..TextFormat::default()
    };
    let galley = painter.layout_job(LayoutJob::single_section(label.to_uppercase(), format));
    let rect = align.anchor_size(at, galley.size());
    painter.galley(rect.min, galley, colour);
    rect
}

/// Draws a line of text, truncated with an ellipsis if it is wider than `width`.
pub(super) fn cut_text(painter: &Painter, at: Pos2, align: Align2, text: &str, width: f32, size: f32, colour: Color32) -> Rect {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), FontId::proportional(size), colour);
    job.wrap = epaint::text::TextWrapping::truncate_at_width(width);
    let galley = painter.layout_job(job);
    let rect = align.anchor_size(at, galley.size());
    painter.galley(rect.min, galley, colour);
    rect
}

/// Draws a bar that is filled from the left.
pub(super) fn bar(painter: &Painter, rect: Rect, fraction: f32, colour: Color32) {
    let radius = CornerRadius::same((rect.height() / 2.0).min(3.0) as u8);
    painter.rect_filled(rect, radius, HOLLOW_WARM);
    let fraction = if fraction.is_finite() { fraction.clamp(0.0, 1.0) } else { 0.0 };
    if fraction > 0.0 {
        let filled = Rect::from_min_size(rect.min, vec2((rect.width() * fraction).max(1.0), rect.height()));
        painter.rect_filled(filled, radius, colour);
    }
}

/// Draws a bar from `zero` (a fraction of its width) to `to`, for signed numbers.
pub(super) fn signed_bar(painter: &Painter, rect: Rect, zero: f32, to: f32, colour: Color32) {
    painter.rect_filled(rect, CornerRadius::same(2), HOLLOW_WARM);
    let x = |fraction: f32| rect.left() + rect.width() * fraction.clamp(0.0, 1.0);
    let (from, to) = (x(zero), x(to));
    let filled = Rect::from_min_max(
        pos2(from.min(to), rect.top()),
        pos2(from.max(to).max(from.min(to) + 1.0), rect.bottom()),
    );
    painter.rect_filled(filled, CornerRadius::same(1), colour);
    painter.vline(from, rect.y_range(), Stroke::new(1.0, FAINT));
}

/// Adds a tooltip that explains a term.
pub(super) fn tip(ui: &Ui, rect: Rect, term: &Term) -> Response {
    let id = ui.id().with(term.title).with(rect.min.x as i32).with(rect.min.y as i32);
    explain(ui.interact(rect, id, Sense::hover()), term)
}

/// Adds the explanation of a term to a clickable element.
pub(super) fn explain(response: Response, term: &Term) -> Response {
    response.on_hover_ui(|ui| {
        ui.set_max_width(270.0);
        ui.label(RichText::new(term.title).color(ACCENT).size(BODY));
        ui.label(RichText::new(term.text).color(TEXT).size(BODY));
    })
}

/// Draws the background of a panel.
pub(super) fn ground(painter: &Painter, rect: Rect) {
    painter.rect_filled(rect, CornerRadius::same(10), INK);
    painter.rect_stroke(rect, CornerRadius::same(10), Stroke::new(1.0, RIM), StrokeKind::Inside);
}

/// Creates a child area for widgets inside `rect`.
pub(super) fn child(ui: &mut Ui, rect: Rect, name: &str) -> Ui {
    let builder = UiBuilder::new().max_rect(rect).id_salt(Id::new(name));
    ui.new_child(builder)
}

/// Formats an integer with separators: `1,234,567`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats a number with few digits: `950`, `12.3k`, `4.5M`.
pub(super) fn short(number: f64) -> String {
    let size = number.abs();
    let (scaled, unit) = if size >= 999_500.0 {
        (number / 1e6, "M")
    } else if size >= 1_000.0 {
        (number / 1e3, "k")
    } else {
        return format!("{number:.0}");
    };
    if scaled.abs() >= 99.95 || (scaled - scaled.round()).abs() < 0.05 {
        format!("{scaled:.0}{unit}")
    } else {
        format!("{scaled:.1}{unit}")
    }
}

/// Formats a number of bytes.
pub(super) fn bytes(number: u64) -> String {
    match number {
        0..1_000 => format!("{number} B"),
        1_000..1_000_000 => format!("{:.0} kB", number as f64 / 1e3),
        _ => format!("{:.1} MB", number as f64 / 1e6),
    }
}

/// Formats a score with two decimals, and never as `-0.00`.
pub(super) fn score(score: f64) -> String {
    let text = format!("{score:.2}");
    if text == "-0.00" { "0.00".to_owned() } else { text }
}

/// Formats a score for an axis.
pub(super) fn short_score(score: f64) -> String {
    if (score - score.round()).abs() < 1e-6 {
        format!("{score:.0}")
    } else {
        format!("{score:.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        assert_eq!(
            [0, 999, 1_000, 1_234_567].map(thousands),
            ["0", "999", "1,000", "1,234,567"].map(str::to_owned)
        );
        assert_eq!(
            [950.0, 12_300.0, 120_000.0, 4.5e6].map(short),
            ["950", "12.3k", "120k", "4.5M"].map(str::to_owned)
        );
        assert_eq!(
            [512, 2_048, 5_500_000].map(bytes),
            ["512 B", "2 kB", "5.5 MB"].map(str::to_owned)
        );
        assert_eq!((score(-0.001), score(1.256)), ("0.00".to_owned(), "1.26".to_owned()));
    }

    #[test]
    fn what_is_written_on_a_colour_can_be_read() {
        assert_eq!(ink_on(Color32::BLACK), TEXT);
        assert_ne!(ink_on(Color32::WHITE), TEXT);
    }
}
