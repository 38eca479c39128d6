//! Drawing of figures as SVG. Plotters draws with placeholder colours, which are replaced by CSS variables for light and dark
//! mode.
//!
//! Figures are drawn on a grid twice as fine as a CSS pixel, since the plotters backend only has integer coordinates.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{BackendCoord, DrawingBackend};

use super::super::{ReportError, Spread};
use crate::escape;
use crate::evaluation::statistics::Estimate;

/// Grid points per CSS pixel.
const FINENESS: f64 = 2.0;
/// Factor by which the plotters backend divides font sizes.
const LETTER_SIZE: f64 = 1.24;
/// Mean width of a letter, as a fraction of the font size.
const LETTER_WIDTH: f64 = 0.56;

/// Colour of a drawn element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::report) enum Ink {
    /// Text and data labels.
    Text,
    /// Secondary text.
    Muted,
    /// Grid lines.
    Grid,
    /// Main data.
    Main,
    /// Data for comparison.
    Other,
    /// Background.
    Paper,
    /// A fixed colour, the same in light and in dark mode.
    Fixed(u8, u8, u8),
}

/// Inks with the placeholder colour used for drawing and its replacement.
const NAMES: [(Ink, (u8, u8, u8), &str); 6] = [
    (Ink::Text, (1, 2, 3), "currentColor"),
    (Ink::Muted, (1, 2, 4), "var(--muted)"),
    (Ink::Grid, (1, 2, 5), "var(--grid)"),
    (Ink::Main, (1, 2, 6), "var(--main)"),
    (Ink::Other, (1, 2, 7), "var(--other)"),
    (Ink::Paper, (1, 2, 8), "var(--paper)"),
];

impl Ink {
    fn colour(self) -> RGBColor {
        let (red, green, blue) = match self {
            Self::Fixed(red, green, blue) => (red, green, blue),
            named => NAMES
                .iter()
                .find(|(ink, ..)| *ink == named)
                .map_or((0, 0, 0), |(_, colour, _)| *colour),
        };
        RGBColor(red, green, blue)
    }
}

/// Alignment of a text relative to its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Side {
    Left,
    Middle,
    Right,
}

/// A position, in CSS pixels from the left and from the top.
pub(in crate::report) type CanvasPoint = (f64, f64);

/// A figure that is being drawn.
pub(in crate::report) struct Canvas<'a> {
    backend: SVGBackend<'a>,
    failed: Option<String>,
}

/// Draws a figure of this size, in CSS pixels; `title` describes it for screen readers.
pub(in crate::report) fn picture(
    width: f64,
    height: f64,
    title: &str,
    draw: impl FnOnce(&mut Canvas<'_>),
) -> Result<String, ReportError> {
    let mut svg = String::new();
    let mut canvas = Canvas {
        backend: SVGBackend::with_string(&mut svg, ((width * FINENESS) as u32, (height * FINENESS) as u32)),
        failed: None,
    };
    draw(&mut canvas);
    let finished = canvas.backend.present().map_err(|error| error.to_string());
    let failed = canvas.failed.take();
    drop(canvas);
    finished.map_err(ReportError::Drawing)?;
    match failed {
        Some(why) => Err(ReportError::Drawing(why)),
        None => Ok(restyled(&svg, width, height, title)),
    }
}

/// Replaces placeholder colours, and makes the figure as wide as the column of the page.
fn restyled(svg: &str, width: f64, height: f64, title: &str) -> String {
    let body = svg.split_once('>').map_or("", |(_, body)| body);
    let mut body = body.replace(" opacity=\"1\"", "").replace(" font-family=\"sans-serif\"", "");
    for (_, (red, green, blue), name) in NAMES {
        body = body.replace(&format!("#{red:02X}{green:02X}{blue:02X}"), name);
    }
    let (wide, high) = (width * FINENESS, height * FINENESS);
    let title = escape::xml(title);
    format!(
        "<svg viewBox=\"0 0 {wide} {high}\" style=\"max-width:{width}px\" role=\"img\" aria-label=\"{title}\">\
         <title>{title}</title>{}",
        body.trim_start()
    )
}

fn fine((x, y): CanvasPoint) -> BackendCoord {
    ((x * FINENESS).round() as i32, (y * FINENESS).round() as i32)
}

impl Canvas<'_> {
    fn note<E: std::fmt::Display>(&mut self, result: Result<(), E>) {
        if let Err(error) = result {
            self.failed.get_or_insert(error.to_string());
        }
    }

    /// Draws a line through these points.
    pub(in crate::report) fn line(&mut self, places: &[CanvasPoint], ink: Ink, width: f64) {
        let style = ink.colour().stroke_width((width * FINENESS).round() as u32);
        let result = self.backend.draw_path(places.iter().copied().map(fine), &style);
        self.note(result);
    }

    /// Fills a polygon with this opacity.
    pub(in crate::report) fn surface(&mut self, places: &[CanvasPoint], ink: Ink, opacity: f64) {
        let style = ink.colour().mix(opacity).filled();
        let result = self.backend.fill_polygon(places.iter().copied().map(fine), &style);
        self.note(result);
    }

    /// Draws a filled rectangle.
    pub(in crate::report) fn block(&mut self, from: CanvasPoint, to: CanvasPoint, ink: Ink) {
        let result = self.backend.draw_rect(fine(from), fine(to), &ink.colour().filled(), true);
        self.note(result);
    }

    /// Draws a filled circle.
    pub(in crate::report) fn dot(&mut self, at: CanvasPoint, radius: f64, ink: Ink) {
        let result = self
            .backend
            .draw_circle(fine(at), (radius * FINENESS) as u32, &ink.colour().filled(), true);
        self.note(result);
    }

    /// Draws an open circle.
    pub(in crate::report) fn ring(&mut self, at: CanvasPoint, radius: f64, ink: Ink) {
        self.dot(at, radius, ink);
        self.dot(at, radius - 1.5, Ink::Paper);
    }

    /// Draws text that is vertically centred at a position.
    pub(in crate::report) fn text(&mut self, text: &str, at: CanvasPoint, side: Side, size: f64, ink: Ink, bold: bool) {
        let h_pos = match side {
            Side::Left => HPos::Left,
            Side::Middle => HPos::Center,
            Side::Right => HPos::Right,
        };
        let colour = ink.colour();
        let weight = if bold { FontStyle::Bold } else { FontStyle::Normal };
        let style = TextStyle::from(("sans-serif", size * FINENESS * LETTER_SIZE, weight))
            .color(&colour)
            .pos(Pos::new(h_pos, VPos::Center));
        // The backend escapes markup, but also writes characters that XML does not allow.
        let text = escape::xml_characters(text);
        let result = self.backend.draw_text(&text, &style, fine(at));
        self.note(result);
    }
}

/// Estimates the width of a text of this size.
pub(in crate::report) fn text_width(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * LETTER_WIDTH
}

/// A scale from values to pixels.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Scale {
    values: (f64, f64),
    pixels: (f64, f64),
    is_logarithmic: bool,
}

impl Scale {
    /// Creates a linear scale that contains all values, with a margin.
    pub(in crate::report) fn around(values: impl IntoIterator<Item = f64>, pixels: (f64, f64)) -> Self {
        let (low, high) = values
            .into_iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        let room = ((high - low) * 0.05).max(0.05);
        Self::exactly((low - room, high + room), pixels)
    }

    /// Creates a linear scale from one value to another.
    pub(in crate::report) fn exactly(values: (f64, f64), pixels: (f64, f64)) -> Self {
        Self {
            values,
            pixels,
            is_logarithmic: false,
        }
    }

    /// Creates a logarithmic scale, or a linear one from 0 if a value is not positive.
    pub(in crate::report) fn logarithmic(values: &[f64], pixels: (f64, f64)) -> Self {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(0.0, f64::max);
        if low > 0.0 {
            Self {
                values: (low / 1.4, high * 1.4),
                pixels,
                is_logarithmic: true,
            }
        } else {
            Self::exactly((-0.05 * high.max(1.0), high.max(1.0) * 1.1), pixels)
        }
    }

    /// Returns the position of a value.
    pub(in crate::report) fn at(&self, value: f64) -> f64 {
        let on = |value: f64| if self.is_logarithmic { value.log10() } else { value };
        let part = (on(value) - on(self.values.0)) / (on(self.values.1) - on(self.values.0));
        self.pixels.0 + part * (self.pixels.1 - self.pixels.0)
    }

    /// Returns about this many round values on the scale.
    pub(in crate::report) fn ticks(&self, about: usize) -> Vec<f64> {
        let (low, high) = self.values;
        if self.is_logarithmic {
            let decades = low.log10().floor() as i32..=high.log10().ceil() as i32;
            let all = |steps: &[f64]| -> Vec<f64> {
                let of = |decade: i32| steps.iter().map(move |step| step * 10_f64.powi(decade)).collect::<Vec<_>>();
                decades
                    .clone()
                    .flat_map(of)
                    .filter(|tick| (low..=high).contains(tick))
                    .collect()
            };
            let (coarse, fine): (&[f64], &[f64]) = (&[1.0], &[1.0, 2.0, 5.0]);
            return if all(coarse).len() >= 3 { all(coarse) } else { all(fine) };
        }
        let rough = (high - low) / about.max(1) as f64;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|step| step * power)
            .into_iter()
            .find(|step| *step >= rough);
        let step = step.unwrap_or(power * 10.0);
        let first = (low / step).ceil() as i64;
        let last = (high / step).floor() as i64;
        (first..=last).map(|number| number as f64 * step).collect()
    }
}

/// Formats a tick of an axis without unnecessary decimals.
pub(in crate::report) fn tick_text(tick: f64) -> String {
    let rounded = (tick * 1e6).round() / 1e6 + 0.0;
    format!("{rounded}").replace('-', "−")
}
/// Draws how far runs are apart, upright at `x`: an interval as a line, single runs as small dots.
pub(in crate::report) fn spread(
    canvas: &mut Canvas<'_>,
    spread: &Spread,
    estimate: &Estimate,
    x: f64,
    vertical: &Scale,
    ink: Ink,
) {
    match spread {
        Spread::Nothing => {}
        Spread::Values(values) => values.iter().for_each(|value| canvas.dot((x, vertical.at(*value)), 1.5, ink)),
        Spread::Interval => canvas.line(&[(x, vertical.at(estimate.low)), (x, vertical.at(estimate.high))], ink, 1.0),
    }
}
