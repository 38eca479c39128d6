//! Schema of a text: its keys, their types and ranges, and their descriptions.
//!
//! It is derived from the Rust types through their JSON schema, so that types, ranges and documentation are stated once.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// The key in a [complete](Schema::complete) table that stands for any name.
pub(crate) const ANY_NAME: &str = "*";

/// Set of values that are accepted.
#[derive(Clone, Debug, PartialEq)]
pub enum Schema {
    /// A table with these keys and no others.
    Table(Vec<Field>),
    /// A table whose keys are names that the author chooses, with values of the same schema.
    Map(Box<Schema>),
    /// A list of items with the same schema.
    List {
        /// Schema of the items.
        item: Box<Schema>,
        /// Minimum number of items.
        least: usize,
        /// Maximum number of items.
        most: usize,
    },
    /// A number.
    Number {
        /// Minimum value.
        least: f64,
        /// Maximum value.
        most: f64,
        /// `true` for integers.
        whole: bool,
    },
    /// `true` or `false`.
    Switch,
    /// Text of a minimum length.
    Text {
        /// Minimum number of characters.
        least: usize,
    },
    /// One of these words.
    Choice(Vec<String>),
    /// A colour, such as `"#599940"`.
    Colour,
    /// Any value: the type does not restrict it.
    Anything,
}

/// One key of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Name of the key.
    pub key: String,
    /// Schema of its value.
    pub schema: Schema,
    /// `true` if the table is incomplete without the key.
    pub required: bool,
    /// Description of the key.
    pub description: String,
    /// Default value; `None` if there is none, or if an absent key means "none of it".
    pub default: Option<Value>,
}

/// One key with its full path, as listed in documentation.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<'a> {
    /// Path, for instance `seasons.*.dynamics.traction`; a star stands for each item of a list.
    pub path: String,
    /// The key.
    pub field: &'a Field,
}

impl Schema {
    /// Returns the schema of a type.
    pub fn of<T: JsonSchema>() -> Self {
        let generator = SchemaSettings::draft2020_12()
            .with(|settings| settings.inline_subschemas = true)
            .into_generator();
        Self::from_json_schema(generator.into_root_schema_for::<T>().as_value())
    }

    fn from_json_schema(json: &Value) -> Self {
        if json.get("format").and_then(Value::as_str) == Some("colour") {
            return Self::Colour;
        }
        // An optional table is "this or null". TOML has no null, so the schema is the rest.
        if let Some(schemas) = json.get("anyOf").and_then(Value::as_array) {
            return schemas
                .iter()
                .find(|schema| !is_type(schema, "null"))
                .map_or(Self::Anything, Self::from_json_schema);
        }
        if let Some(words) = words(json) {
            return Self::Choice(words);
        }
        let count = |key: &str, otherwise: usize| {
            json.get(key)
                .and_then(Value::as_u64)
                .map_or(otherwise, |count| count as usize)
        };
        let bound = |key: &str, otherwise: f64| json.get(key).and_then(Value::as_f64).unwrap_or(otherwise);
        if let Some(properties) = json.get("properties").and_then(Value::as_object) {
            Self::Table(fields(json, properties))
        } else if let Some(item) = json.get("additionalProperties").filter(|item| item.is_object()) {
            Self::Map(Box::new(Self::from_json_schema(item)))
        } else if is_type(json, "array") {
            let item = Box::new(json.get("items").map_or(Self::Anything, Self::from_json_schema));
            Self::List {
                item,
                least: count("minItems", 0),
                most: count("maxItems", usize::MAX),
            }
        } else if is_type(json, "integer") || is_type(json, "number") {
            let whole = is_type(json, "integer");
            Self::Number {
                least: bound("minimum", f64::NEG_INFINITY),
                most: bound("maximum", f64::INFINITY),
                whole,
            }
        } else if is_type(json, "boolean") {
            Self::Switch
        } else if is_type(json, "string") {
            Self::Text {
                least: count("minLength", 0),
            }
        } else {
            Self::Anything
        }
    }

    /// Returns the keys, if it is a table.
    pub fn fields(&self) -> &[Field] {
        match self {
            Self::Table(fields) => fields,
            _ => &[],
        }
    }

    /// Returns the key of this name, if it is a table that has it.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields().iter().find(|field| field.key == key)
    }

    /// Returns all keys, including those of nested tables and lists, ordered by path.
    pub fn entries(&self) -> Vec<Entry<'_>> {
        let mut entries = Vec::new();
        self.collect_entries("", &mut entries);
        entries
    }

    fn collect_entries<'a>(&'a self, prefix: &str, entries: &mut Vec<Entry<'a>>) {
        match self {
            Self::Table(fields) => {
                for field in fields {
                    let path = super::join(prefix, &field.key);
                    entries.push(Entry {
                        path: path.clone(),
                        field,
                    });
                    field.schema.collect_entries(&path, entries);
                }
            }
            Self::List { item, .. } | Self::Map(item) => item.collect_entries(&super::join(prefix, "*"), entries),
            _ => {}
        }
    }

    /// Returns a table with every possible key, including optional ones; each list has one item.
    pub fn complete(&self) -> toml::Table {
        let value = |field: &Field| match &field.schema {
            Self::Table(_) => Some(toml::Value::Table(field.schema.complete())),
            Self::List { item, .. } if !item.fields().is_empty() => Some(vec![toml::Value::Table(item.complete())].into()),
            Self::Map(item) => {
                let any = toml::Value::Table(item.complete());
                Some(toml::Value::Table([(ANY_NAME.to_owned(), any)].into_iter().collect()))
            }
            _ => field.specimen(),
        };
        self.fields()
            .iter()
            .filter_map(|field| Some((field.key.clone(), value(field)?)))
            .collect()
    }

    /// Returns a value that matches the schema; `None` if the schema allows anything.
    pub(super) fn specimen(&self) -> Option<toml::Value> {
        Some(match self {
            Self::Table(fields) => {
                let filled = fields.iter().filter_map(|field| Some((field.key.clone(), field.specimen()?)));
                toml::Value::Table(filled.collect())
            }
            Self::List { item, least, .. } => toml::Value::Array(item.specimen().into_iter().cycle().take(*least).collect()),
            Self::Map(_) => toml::Value::Table(toml::Table::new()),
            Self::Number { least, most, whole } => {
                let number = 0.0_f64.clamp(*least, *most);
                if *whole {
                    toml::Value::Integer(number as i64)
                } else {
                    toml::Value::Float(number)
                }
            }
            Self::Switch => toml::Value::Boolean(false),
            Self::Text { least } => toml::Value::String("-".repeat((*least).min(64))),
            Self::Choice(words) => toml::Value::String(words.first()?.clone()),
            Self::Colour => toml::Value::String("#000000".to_owned()),
            Self::Anything => return None,
        })
    }
}

impl Field {
    /// Returns a value that this key accepts: its default, if it has one.
    pub(super) fn specimen(&self) -> Option<toml::Value> {
        let default = self.default.as_ref().and_then(|default| toml::Value::try_from(default).ok());
        default.or_else(|| self.schema.specimen())
    }
}

fn fields(json: &Value, properties: &Map<String, Value>) -> Vec<Field> {
    let required = |key: &str| {
        let keys = json.get("required").and_then(Value::as_array);
        keys.is_some_and(|keys| keys.iter().any(|required| required == key))
    };
    // The default of a table provides those of its keys, even if the key's own type has none.
    let defaults = json.get("default").and_then(Value::as_object);
    let field = |(key, property): (&String, &Value)| Field {
        key: key.clone(),
        schema: Schema::from_json_schema(property),
        required: required(key),
        description: property
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .replace('\n', " "),
        default: property
            .get("default")
            .or_else(|| defaults?.get(key))
            .filter(|default| !default.is_null())
            .cloned(),
    };
    properties.iter().map(field).collect()
}

/// Returns the words of an enumeration, with or without documented variants.
fn words(json: &Value) -> Option<Vec<String>> {
    let listed = |variants: &Vec<Value>| {
        variants
            .iter()
            .map(|word| word.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
    };
    if let Some(variants) = json.get("enum").and_then(Value::as_array) {
        return listed(variants);
    }
    let variants = json.get("oneOf")?.as_array()?;
    let each = |variant: &Value| match (variant.get("const"), variant.get("enum").and_then(Value::as_array)) {
        (Some(word), _) => Some(vec![word.as_str()?.to_owned()]),
        (None, Some(words)) => listed(words),
        (None, None) => None,
    };
    Some(variants.iter().map(each).collect::<Option<Vec<_>>>()?.concat())
}

fn is_type(json: &Value, name: &str) -> bool {
    match json.get("type") {
        Some(Value::String(one)) => one == name,
        Some(Value::Array(several)) => several.iter().any(|one| one == name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn types_ranges_and_words_come_from_the_rust_types() {
        let schema = Schema::of::<Scenario>();
        let entries = schema.entries();
        let at = |path: &str| {
            &entries
                .iter()
                .find(|entry| entry.path == path)
                .unwrap_or_else(|| panic!("no {path}"))
                .field
        };
        assert_eq!(
            at("seasons.*.dynamics.traction").schema,
            Schema::Number {
                least: 0.02,
                most: 1.5,
                whole: false
            }
        );
        assert_eq!(
            at("robot.tank.capacity_sprays").schema,
            Schema::Number {
                least: 1.0,
                most: 10_000.0,
                whole: true
            }
        );
        assert_eq!(
            at("episode.terminates_when_dead_fraction").schema,
            Schema::Number {
                least: 0.01,
                most: 1.0,
                whole: false
            }
        );
        assert_eq!(
            at("schedule.transition").schema,
            Schema::Choice(vec!["abrupt".into(), "gradual".into()])
        );
        assert_eq!(at("seasons.*.look.sky").schema, Schema::Colour);
        assert!(at("seasons.*.look.sky").required && !at("plants.count").required);
        assert_eq!(at("plants.count").default, Some(10.into()));
        assert!(
            at("plants.spacing_m")
                .description
                .starts_with("Least distance between two plants")
        );
        for entry in &entries {
            assert!(
                !entry.field.description.is_empty() && entry.field.schema != Schema::Anything,
                "{}",
                entry.path
            );
        }
    }
}
