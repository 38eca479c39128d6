//! Names of colours, for sentences.

use palette::{FromColor, Oklch, Srgb};

/// Chroma below which a colour is a grey.
const GREY: f32 = 0.03;

/// Hues in OKLCH by their upper end in degrees. Yellow and orange that are dark are called brown.
const HUES: [(f32, &str); 9] = [
    (20.0, "pink"),
    (45.0, "red"),
    (75.0, "orange"),
    (120.0, "yellow"),
    (160.0, "green"),
    (215.0, "turquoise"),
    (280.0, "blue"),
    (325.0, "purple"),
    (360.0, "pink"),
];

/// Returns a name such as `pale yellow` for red, green and blue.
pub(super) fn colour_name(colour: [u8; 3]) -> String {
    let [red, green, blue] = colour;
    let seen = Oklch::from_color(Srgb::new(red, green, blue).into_format::<f32>());
    if seen.chroma < GREY {
        return match seen.l {
            ..0.25 => "black",
            ..0.9 => "grey",
            _ => "white",
        }
        .to_owned();
    }
    let degrees = seen.hue.into_positive_degrees();
    let hue = HUES.iter().find(|(end, _)| degrees <= *end).map_or("pink", |(_, name)| *name);
    if ["orange", "yellow"].contains(&hue) && seen.l < 0.6 {
        return if seen.l < 0.4 { "dark brown" } else { "brown" }.to_owned();
    }
    match seen.l {
        ..0.4 => format!("dark {hue}"),
        ..0.78 => hue.to_owned(),
        _ => format!("pale {hue}"),
    }
}

/// Returns the name without its lightness: `yellow` for `pale yellow`.
pub(super) fn hue_name(colour: [u8; 3]) -> String {
    let name = colour_name(colour);
    name.rsplit(' ').next().unwrap_or(&name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_have_the_names_that_people_give_them() {
        for (colour, name) in [
            ([255, 0, 0], "red"),
            ([0, 160, 0], "green"),
            ([0, 60, 0], "dark green"),
            ([240, 230, 140], "pale yellow"),
            ([110, 70, 30], "brown"),
            ([30, 60, 200], "blue"),
            ([128, 128, 128], "grey"),
            ([255, 255, 255], "white"),
        ] {
            assert_eq!(colour_name(colour), name, "{colour:?}");
        }
        assert_eq!(
            (hue_name([240, 230, 140]), hue_name([255, 0, 0])),
            ("yellow".to_owned(), "red".to_owned())
        );
    }
}
