//! A TOML document in which every key and value knows its file and location.

use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Mistake, Mistakes, syntax};

/// Number of mistakes that are reported: a text with more is something else than it was taken for.
const MOST_MISTAKES: usize = 100;

/// The files that were read, and the mistakes found so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    files: Vec<File>,
    mistakes: Vec<(usize, Mistake)>,
    /// Number of mistakes beyond those that are reported.
    unlisted: usize,
}

#[derive(Clone, Debug)]
struct File {
    name: String,
    text: Arc<str>,
    readable: bool,
}

/// A value with its location.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Number of its file.
    pub(crate) file: usize,
    /// Byte range in the file; for a table with a header, that of the header.
    pub(crate) span: Range<usize>,
    /// The value.
    pub(crate) content: Content,
}

/// Kinds of value.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Table(Vec<NodeKey>),
    List(Vec<Node>),
    /// Text, number, boolean or date, or the error if it is not one.
    Leaf(Result<toml::Value, String>),
    /// The value is in another file that could not be read; it causes no further mistakes.
    Unread,
}

/// A key of a table and its value.
#[derive(Clone, Debug)]
pub(crate) struct NodeKey {
    pub(crate) name: String,
    pub(crate) span: Range<usize>,
    pub(crate) value: Node,
}

impl Files {
    /// Parses the contents of a file, which may not even be text.
    pub(crate) fn parse_bytes(&mut self, name: &str, bytes: &[u8]) -> Node {
        // Letters of UTF-16 without a mark at the beginning are letters and zeros in UTF-8, which no TOML file holds.
        let zero = bytes.iter().position(|&byte| byte == 0);
        let (place, message) = match std::str::from_utf8(bytes) {
            Ok(text) => match zero {
                None => return self.parse(name, text),
                Some(place) => (place, "this is not text in UTF-8: it has bytes that are zero, as UTF-16 does"),
            },
            Err(error) => (error.valid_up_to(), "this is not text in UTF-8"),
        };
        let text: Arc<str> = String::from_utf8_lossy(bytes).into();
        let (file, message) = (self.files.len(), message.to_owned());
        let help = Some("save the file with the encoding UTF-8".to_owned());
        self.mistakes
            .push((file, Mistake::new(name, &text, "", place..place, message, help)));
        self.files.push(File {
            name: name.to_owned(),
            text,
            readable: false,
        });
        Node {
            file,
            span: 0..0,
            content: Content::Unread,
        }
    }

    /// Parses a text, and notes its syntax errors.
    ///
    /// The tree of a broken text contains the readable part. Further mistakes in that file may only follow from the first syntax
    /// error, so [`add`](Self::add) ignores them.
    pub(crate) fn parse(&mut self, name: &str, text: &str) -> Node {
        let file = self.files.len();
        let text: Arc<str> = text.into();
        let (table, _) = DeTable::parse_recoverable(&text);
        let slips = syntax::slips(&text);
        let readable = slips.is_empty();
        for syntax::Slip { span, message } in slips {
            let message = format!("this is not TOML: {message}");
            self.mistakes.push((file, Mistake::new(name, &text, "", span, message, None)));
        }
        let node = Node::from_table(file, table);
        self.files.push(File {
            name: name.to_owned(),
            text,
            readable,
        });
        node
    }

    /// Notes a mistake, unless the file has syntax errors.
    pub(crate) fn add(&mut self, file: usize, path: &str, span: Range<usize>, message: String, help: Option<String>) {
        let Some(File {
            name,
            text,
            readable: true,
        }) = self.files.get(file)
        else {
            return;
        };
        if self.is_full() {
            self.unlisted += 1;
            return;
        }
        self.mistakes
            .push((file, Mistake::new(name, text, path, span, message, help)));
    }

    /// Returns `true` if no further mistake will be listed.
    pub(crate) fn is_full(&self) -> bool {
        self.mistakes.len() >= MOST_MISTAKES
    }

    /// Returns `true` if a file has no syntax errors.
    pub(crate) fn is_readable(&self, file: usize) -> bool {
        self.files.get(file).is_some_and(|file| file.readable)
    }

    /// Returns the name and the text of a file.
    pub(crate) fn source(&self, file: usize) -> Option<(&str, &str)> {
        self.files.get(file).map(|file| (&*file.name, &*file.text))
    }

    /// Returns all mistakes in `file` and the files that it names, in the order of reading.
    pub(crate) fn into_mistakes(mut self, file: &str) -> Mistakes {
        self.mistakes.sort_by_key(|(file, mistake)| (*file, mistake.span.start));
        Mistakes {
            file: file.to_owned(),
            list: self.mistakes.into_iter().map(|(_, mistake)| mistake).collect(),
            unlisted: self.unlisted,
        }
    }

    /// Returns `true` if there are no mistakes so far.
    pub(crate) fn are_right(&self) -> bool {
        self.mistakes.is_empty()
    }

    /// Returns the paths of the mistakes so far.
    pub(crate) fn wrong_paths(&self) -> Vec<String> {
        self.mistakes.iter().map(|(_, mistake)| mistake.path.clone()).collect()
    }
}

impl Node {
    fn from_table(file: usize, table: Spanned<DeTable<'_>>) -> Self {
        let span = table.span();
        let mut keys: Vec<NodeKey> = table
            .into_inner()
            .into_iter()
            .map(|(key, value)| NodeKey {
                name: key.get_ref().to_string(),
                span: key.span(),
                value: Self::from_value(file, value),
            })
            .collect();
        keys.sort_by_key(|key| key.span.start);
        Self {
            file,
            span,
            content: Content::Table(keys),
        }
    }

    fn from_value(file: usize, value: Spanned<DeValue<'_>>) -> Self {
        let span = value.span();
        let content = match value.into_inner() {
            DeValue::Table(table) => return Self::from_table(file, Spanned::new(span, table)),
            DeValue::Array(items) => Content::List(items.into_iter().map(|item| Self::from_value(file, item)).collect()),
            leaf => {
                let leaf = Spanned::new(span.clone(), leaf);
                Content::Leaf(toml::Value::deserialize(leaf.into_deserializer()).map_err(|error| error.message().to_owned()))
            }
        };
        Self { file, span, content }
    }

    /// Returns the value of a key, if this is a table that has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        match &self.content {
            Content::Table(keys) => keys.iter().find(|key| key.name == name).map(|key| &key.value),
            Content::List(items) => items.get(name.parse::<usize>().ok()?),
            Content::Leaf(_) | Content::Unread => None,
        }
    }

    /// Returns the value of a key for modification.
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        match &mut self.content {
            Content::Table(keys) => keys.iter_mut().find(|key| key.name == name).map(|key| &mut key.value),
            _ => None,
        }
    }

    /// Returns the value at a path, or its deepest existing ancestor.
    pub(crate) fn towards(&self, path: &str) -> &Node {
        let mut node = self;
        for key in path.split('.') {
            match node.get(key) {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }

    /// Returns the type of the value, in words.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.content {
            Content::Table(_) => "a table",
            Content::List(_) => "a list",
            Content::Leaf(Ok(value)) => kind(value),
            Content::Leaf(Err(_)) => "a number",
            Content::Unread => "unread",
        }
    }
}

/// Returns the type of a value, in words.
pub(crate) fn kind(value: &toml::Value) -> &'static str {
    match value {
        toml::Value::String(_) => "text",
        toml::Value::Integer(_) | toml::Value::Float(_) => "a number",
        toml::Value::Boolean(_) => "true or false",
        toml::Value::Datetime(_) => "a date",
        toml::Value::Array(_) => "a list",
        toml::Value::Table(_) => "a table",
    }
}
