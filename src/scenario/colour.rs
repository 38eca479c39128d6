//! Colours as written in scenario files, and their interpolation.

use std::borrow::Cow;
use std::str::FromStr;

use palette::{FromColor, Mix, Oklab, Srgb};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An sRGB colour, written `"#599940"`, with components in 0..1.
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
#[error("`{text}` is not a colour: write red, green and blue as \"#599940\"")]
pub struct NotAColour {
    /// The text.
    pub text: String,
}

impl FromStr for Colour {
    type Err = NotAColour;

    fn from_str(text: &str) -> Result<Self, NotAColour> {
        // Six digits only: editors show a swatch for them, and colours are written back in this form.
        let digits = text
            .strip_prefix('#')
            .filter(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match digits.map(str::parse::<Srgb<u8>>) {
            Some(Ok(colour)) => Ok(colour.into()),
            _ => Err(NotAColour { text: text.to_owned() }),
        }
    }
}

impl JsonSchema for Colour {
    fn schema_name() -> Cow<'static, str> {
        "Colour".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "colour", "pattern": "^#[0-9a-fA-F]{6}$" })
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
            "green",
            "#-12345",
        ] {
            assert!(text.parse::<Colour>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_ends_of_a_mix_are_exact() {
        let [from, to] = [Colour::new(0.1, 0.2, 0.3), Colour::new(0.9, 0.8, 0.7)];
        assert_eq!((from.mix(to, 0.0), from.mix(to, 1.0)), (from, to));
    }
}
