//! Colours as written in scenario files, and their interpolation.

use std::borrow::Cow;
use std::str::FromStr;

use palette::{FromColor, Mix, Oklab, Srgb};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::suggestion::nearest;

/// An sRGB colour with components in 0..1. It is written `"#599940"`, as a name of CSS (`"gold"`), or as `"oklch(0.7 0.12 130)"`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Colour {
    /// Red, in 0..1.
    pub red: f32,
    /// Green, in 0..1.
    pub green: f32,
    /// Blue, in 0..1.
    pub blue: f32,
}

impl Colour {
    /// Creates a colour from components in 0..1.
    pub const fn new(red: f32, green: f32, blue: f32) -> Self {
        Self { red, green, blue }
    }

    /// Creates a colour from components in 0..=255: exactly the one written with them in hexadecimal.
    pub const fn from_bytes(red: u8, green: u8, blue: u8) -> Self {
        Self {
            red: red as f32 / 255.0,
            green: green as f32 / 255.0,
            blue: blue as f32 / 255.0,
        }
    }

    /// Returns red, green and blue, each in 0..1.
    pub fn to_array(self) -> [f32; 3] {
        [self.red, self.green, self.blue]
    }

    /// Interpolates towards `other` by `fraction` (0..1) in OKLab, so that the middle of two seasons looks like the middle
    /// (Ottosson 2020, "A perceptual color space for image processing").
    pub fn mix(self, other: Self, fraction: f32) -> Self {
        // The round trip through OKLab is not exact, and a season that does not turn must not change at all.
        if fraction <= 0.0 || self == other {
            return self;
        }
        if fraction >= 1.0 {
            return other;
        }
        let [from, to] = [self, other].map(|colour| Oklab::from_color(Srgb::new(colour.red, colour.green, colour.blue)));
        let mixed = Srgb::from_color(from.mix(to, fraction));
        Self::new(
            mixed.red.clamp(0.0, 1.0),
            mixed.green.clamp(0.0, 1.0),
            mixed.blue.clamp(0.0, 1.0),
        )
    }
}

impl From<Srgb<u8>> for Colour {
    fn from(colour: Srgb<u8>) -> Self {
        Self::from_bytes(colour.red, colour.green, colour.blue)
    }
}

impl Serialize for Colour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let colour: Srgb<u8> = Srgb::new(self.red, self.green, self.blue).into_format();
        serializer.serialize_str(&format!("#{colour:x}"))
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Error: the text is not a colour.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a colour: {help}")]
pub struct NotAColour {
    /// The text.
    pub text: String,
    /// Advice on how to write it instead.
    pub help: String,
}

/// The ways to write a colour.
pub(super) const COLOUR_HELP: &str = "red, green and blue as \"#599940\", a name of CSS as \"gold\", or \"oklch(0.7 0.12 130)\"";

/// Farthest that a component of an OKLCH colour may lie outside of 0..1: rounding in the third digit of lightness or chroma.
const GAMUT_SLACK: f32 = 0.004;

impl FromStr for Colour {
    type Err = NotAColour;

    /// Reads a colour, and rounds it to the nearest of eight bits a component: it is written back as `"#599940"`, and must then be the
    /// same. Functions of CSS other than `oklch()`, and transparent colours, are refused.
    fn from_str(text: &str) -> Result<Self, NotAColour> {
        let refused = |help: String| NotAColour {
            text: text.to_owned(),
            help,
        };
        let is_name = text.bytes().all(|byte| byte.is_ascii_alphabetic());
        // Six digits only: editors show a swatch for them.
        let is_hex = text
            .strip_prefix('#')
            .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let is_oklch = text.starts_with("oklch(") && !text.contains("from");
        let parsed = csscolorparser::parse(text).ok().filter(|colour| colour.a == 1.0);
        let Some(colour) = parsed.filter(|_| is_name || is_hex || is_oklch) else {
            let meant = nearest(&text.to_ascii_lowercase(), css_names());
            return Err(refused(meant.map_or_else(
                || COLOUR_HELP.to_owned(),
                |meant| format!("did you mean \"{meant}\"?"),
            )));
        };
        let components = [colour.r, colour.g, colour.b];
        if components
            .iter()
            .any(|part| !(-GAMUT_SLACK..=1.0 + GAMUT_SLACK).contains(part))
        {
            let help = if is_oklch && !has_lightness_of_a_screen(text) {
                "lightness (the first number) goes from 0, which is black, to 1, which is white"
            } else {
                "no screen shows it: less chroma (the second number) keeps it in sRGB"
            };
            return Err(refused(help.to_owned()));
        }
        let [red, green, blue, _] = colour.to_rgba8();
        Ok(Self::from_bytes(red, green, blue))
    }
}

/// Returns `true` if the first number of `oklch(0.7 0.12 130)` is in 0..1.
fn has_lightness_of_a_screen(text: &str) -> bool {
    let first = text
        .trim_start_matches("oklch(")
        .split([' ', ','])
        .find(|word| !word.is_empty());
    let lightness = first.and_then(|first| match first.strip_suffix('%') {
        Some(percent) => percent.parse::<f32>().ok().map(|percent| percent / 100.0),
        None => first.parse().ok(),
    });
    lightness.is_none_or(|lightness| (0.0..=1.0).contains(&lightness))
}

/// Returns the names of CSS for colours.
fn css_names() -> impl Iterator<Item = &'static str> {
    csscolorparser::NAMED_COLORS.keys().map(|name| name.as_str())
}

impl JsonSchema for Colour {
    fn schema_name() -> Cow<'static, str> {
        "Colour".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut names: Vec<&str> = css_names().collect();
        names.sort_unstable();
        json_schema!({
            "type": "string",
            "format": "colour",
            "anyOf": [
                { "pattern": "^#[0-9a-fA-F]{6}$" },
                { "pattern": "^oklch\\(.*\\)$" },
                { "enum": names },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halfway_from_black_to_white_is_perceptual_grey() {
        // OKLab lightness 0.5 is sRGB 0.3886 (#636363), not 0.5.
        let grey = Colour::new(0.0, 0.0, 0.0).mix(Colour::new(1.0, 1.0, 1.0), 0.5);
        for component in grey.to_array() {
            assert!((component - 0.3886).abs() < 2e-3, "{component}");
        }
    }

    #[test]
    fn every_byte_comes_back_from_its_text() {
        for byte in 0..=255 {
            let colour = Colour::from_bytes(byte, 255 - byte, 7);
            let text = format!("#{byte:02x}{:02x}07", 255 - byte);
            assert_eq!(text.parse(), Ok(colour));
            assert_eq!(serde_json::to_value(colour).unwrap(), serde_json::Value::String(text));
        }
    }

    #[test]
    fn what_is_not_a_colour_is_refused() {
        for text in [
            "",
            "#",
            "599940",
            "#59994",
            "#5999400",
            "#gg9940",
            "#\u{e9}\u{e9}\u{e9}",
            "\u{e9}1",
            "greem",
            "transparent",
            "#-12345",
            "rgb(1, 2, 3)",
            "oklch(from red l c h)",
            "oklch(0.7 0.12 130 / 0.5)",
            "oklch(nan 0.12 130)",
        ] {
            assert!(text.parse::<Colour>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_colour_is_written_as_bytes_a_name_or_oklch() {
        assert_eq!("gold".parse(), Ok(Colour::from_bytes(0xff, 0xd7, 0x00)));
        assert_eq!("Gold".parse::<Colour>(), "gold".parse());
        // By the formulas of Ottosson (2020): 133.47, 173.22, 90.10 of 255.
        assert_eq!("oklch(0.7 0.12 130)".parse(), Ok(Colour::from_bytes(133, 173, 90)));
        assert_eq!("oklch(70% 0.12 130deg)".parse(), Ok(Colour::from_bytes(133, 173, 90)));
    }

    #[test]
    fn what_was_probably_meant_is_said() {
        assert_eq!("golld".parse::<Colour>().unwrap_err().help, "did you mean \"gold\"?");
        assert!(
            "oklch(0.7 0.4 130)"
                .parse::<Colour>()
                .unwrap_err()
                .help
                .contains("less chroma")
        );
        for text in ["oklch(2 0.1 20)", "oklch(200% 0.1 20)", "oklch( 1.4 0 0)"] {
            assert!(text.parse::<Colour>().unwrap_err().help.contains("lightness"), "{text}");
        }
        assert_eq!("#59994".parse::<Colour>().unwrap_err().help, COLOUR_HELP);
    }

    #[test]
    fn the_ends_of_a_mix_are_exact() {
        let [from, to] = [Colour::new(0.1, 0.2, 0.3), Colour::new(0.9, 0.8, 0.7)];
        assert_eq!((from.mix(to, 0.0), from.mix(to, 1.0)), (from, to));
    }
}
