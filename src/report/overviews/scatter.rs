//! Measured against expected values, on one scale, with the line on which they are equal.

use crate::report::ReportError;
use crate::report::figures::canvas::{Canvas, Ink, Scale, Side, picture, tick_text};

const SIZE: (f64, f64) = (560.0, 380.0);
const PLOT: (f64, f64, f64, f64) = (44.0, 548.0, 20.0, 330.0);

/// Draws the grid for all `values` and 0, the names of the axes (to the right, upwards), the line, and then the dots by the two scales.
///
/// # Errors
/// The figure cannot be drawn.
pub(super) fn scatter(
    title: &str,
    axes: (&str, &str),
    values: &[f64],
    dots: impl Fn(&mut Canvas<'_>, &Scale, &Scale),
) -> Result<String, ReportError> {
    let values = || values.iter().copied().chain([0.0]);
    let horizontal = Scale::around(values(), (PLOT.0, PLOT.1));
    let vertical = Scale::around(values(), (PLOT.3, PLOT.2));
    let (low, high) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    picture(SIZE.0, SIZE.1, title, |canvas| {
        for tick in vertical.ticks(6) {
            let at = vertical.at(tick);
            canvas.line(&[(PLOT.0, at), (PLOT.1, at)], Ink::Grid, if tick == 0.0 { 1.5 } else { 0.5 });
            canvas.text(&tick_text(tick), (PLOT.0 - 6.0, at), Side::Right, 11.0, Ink::Muted, false);
        }
        for tick in horizontal.ticks(6) {
            let at = horizontal.at(tick);
            canvas.line(&[(at, PLOT.2), (at, PLOT.3)], Ink::Grid, if tick == 0.0 { 1.5 } else { 0.5 });
            canvas.text(&tick_text(tick), (at, PLOT.3 + 13.0), Side::Middle, 11.0, Ink::Muted, false);
        }
        canvas.text(axes.1, (2.0, 9.0), Side::Left, 11.0, Ink::Muted, false);
        canvas.text(axes.0, (PLOT.1, SIZE.1 - 14.0), Side::Right, 11.0, Ink::Muted, false);
        let corner = |value: f64| (horizontal.at(value), vertical.at(value));
        canvas.line(&[corner(low), corner(high)], Ink::Other, 1.0);
        dots(canvas, &horizontal, &vertical);
    })
}
