//! The JSON schema of scenario and season files, for editors.
//!
//! It is made from the Rust types, as the checks and the documentation are. A file names it in its first line,
//! `#:schema scenario.schema.json`, and an editor with a language server for TOML then completes and explains every key, and marks
//! what is out of its range. What only holds for a file with everything that it extends, an editor cannot know: whether something is
//! missing, and the rules between keys. `scenario check` knows.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::scenario::{FORMAT_VERSION, Scenario, Season};

/// Beginning of the title of every schema that this program writes.
pub const SCHEMA_TITLE: &str = "perennial: ";

/// Kind of a file: what it describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A garden and its year.
    Scenario,
    /// A season.
    Season,
}

impl FileKind {
    /// Returns the name of the schema file for such files.
    pub fn schema_file(self) -> &'static str {
        match self {
            Self::Scenario => "scenario.schema.json",
            Self::Season => "season.schema.json",
        }
    }

    /// Returns the schema, as JSON.
    pub fn schema(self) -> Value {
        match self {
            Self::Scenario => {
                let mut schema = of::<Scenario>("a garden and its year");
                if let Some(item) = schema.pointer_mut("/properties/seasons/items") {
                    let mut season = item.take();
                    complete(&mut season);
                    let path = json!({ "type": "string", "description": "Path of a season file, from this file's folder" });
                    *item = json!({ "anyOf": [path, season] });
                }
                schema
            }
            Self::Season => of::<Season>("a season"),
        }
    }

    /// Returns the schema file's text.
    pub fn schema_text(self) -> String {
        format!("{:#}\n", self.schema())
    }
}

/// Returns the schema of a type as the root of a file. Draft 7 is the newest that the language servers for TOML read.
fn of<T: JsonSchema>(title: &str) -> Value {
    let generator = SchemaSettings::draft07()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    complete(&mut schema);
    schema["title"] = format!("{SCHEMA_TITLE}{title}").into();
    schema
}

/// Adds the keys that any file can have, and takes away that keys are required: a file that extends another one may leave out any.
fn complete(schema: &mut Value) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for field in Scenario::file_keys() {
            let mut property = Map::new();
            property.insert("description".to_owned(), field.description.clone().into());
            if field.key == "version" {
                property.extend([
                    ("type".to_owned(), "integer".into()),
                    ("minimum".to_owned(), 1.into()),
                    ("maximum".to_owned(), FORMAT_VERSION.into()),
                ]);
            } else {
                property.insert("type".to_owned(), "string".into());
            }
            properties.insert(field.key, Value::Object(property));
        }
    }
    relax(schema);
}

/// Takes away `required` everywhere but in the items of lists, which are always written whole.
fn relax(schema: &mut Value) {
    let Some(table) = schema.as_object_mut() else { return };
    table.remove("required");
    for key in ["properties", "anyOf"] {
        match table.get_mut(key) {
            Some(Value::Object(properties)) => properties.values_mut().for_each(relax),
            Some(Value::Array(schemas)) => schemas.iter_mut().for_each(relax),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_is_a_path_or_a_table_that_may_extend_another() {
        let schema = FileKind::Scenario.schema();
        let season = schema.pointer("/properties/seasons/items/anyOf").unwrap();
        assert_eq!(season[0]["type"], "string");
        assert_eq!(season[1]["properties"]["extends"]["type"], "string");
        assert!(season[1].get("required").is_none() && schema.get("required").is_none());
        assert_eq!(
            season[1].pointer("/properties/dynamics/properties/traction/maximum").unwrap(),
            1.5
        );
        let props = FileKind::Season.schema();
        let required = props.pointer("/properties/props/items/required").unwrap();
        assert_eq!(required.as_array().unwrap().len(), 3);
        assert_eq!(props["properties"]["version"]["maximum"], FORMAT_VERSION);
    }
}
