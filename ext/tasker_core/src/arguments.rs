//! Arguments of operations out of plain Ruby values: the one deserializer of all operations.
//!
//! A struct comes from a Hash of its fields by name, or from an Array of its fields in order, of which the last ones may be missing. So do
//! the arguments of an operation.

use crate::boundary::error;
use magnus::value::ReprValue;
use magnus::{Error, Float, Integer, IntoValue, RArray, RHash, RString, Ruby, Symbol, Value};
use serde::Deserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Unexpected, Visitor};
use std::cell::Cell;
use std::fmt;
use tasker_core::hosted::{Arguments, StartError, parse_argument};

/// What is wrong with an argument; it chooses the class of the exception.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fault {
    /// Its number, or the names of a Hash.
    #[default]
    Shape,
    /// Its class.
    Type,
    /// Its size.
    Range,
    /// A word of the core's that it is none of.
    Word,
}

/// Where the arguments of a call are.
#[derive(Clone, Copy)]
pub(crate) enum Given<'r> {
    /// In order, as Ruby passes them to a method.
    InOrder(&'r [Value]),
    /// In order, in an Array.
    Array(RArray),
    /// By name, as Symbols or Strings.
    Hash(RHash),
    Other(Value),
}

impl From<Value> for Given<'_> {
    fn from(value: Value) -> Self {
        match (RArray::from_value(value), RHash::from_value(value)) {
            (Some(array), _) => Given::Array(array),
            (None, Some(hash)) => Given::Hash(hash),
            (None, None) => Given::Other(value),
        }
    }
}

/// The arguments of one call.
pub(crate) struct RubyArguments<'r> {
    ruby: &'r Ruby,
    given: Given<'r>,
    operation: &'static str,
    names: &'static [&'static str],
    fault: Cell<Fault>,
}

impl<'r> RubyArguments<'r> {
    /// Reads arguments with `read`, and raises what it refuses.
    pub(crate) fn read<T>(
        ruby: &'r Ruby,
        given: Given<'r>,
        read: impl FnOnce(&mut Self) -> Result<T, StartError>,
    ) -> Result<T, Error> {
        let mut arguments = RubyArguments { ruby, given, operation: "", names: &[], fault: Cell::default() };
        read(&mut arguments).map_err(|refused| {
            let message = refused.to_string();
            match arguments.fault.get() {
                Fault::Shape => Error::new(ruby.exception_arg_error(), message),
                Fault::Type => Error::new(ruby.exception_type_error(), message),
                Fault::Range => Error::new(ruby.exception_range_error(), message),
                Fault::Word => error(ruby, "ConversationError", message),
            }
        })
    }

    /// nil where it is missing.
    fn value(&self, name: &str) -> Result<Value, Error> {
        let nil = self.ruby.qnil().into_value_with(self.ruby);
        let place = || self.names.iter().position(|known| *known == name);
        match self.given {
            Given::InOrder(values) => Ok(place().and_then(|place| values.get(place)).copied().unwrap_or(nil)),
            Given::Array(array) => place().map_or(Ok(nil), |place| array.entry(place as isize)),
            Given::Hash(hash) => {
                hash.lookup2(self.ruby.to_symbol(name), hash.lookup2::<_, _, Value>(name, nil)?)
            }
            Given::Other(_) => Ok(nil),
        }
    }

    fn refuse_more(&self, got: usize) -> Result<(), StartError> {
        let most = self.names.len();
        let problem = || format!("expected at most {most} arguments ({}), got {got}", self.names.join(", "));
        if got > most { Err(self.wrong(problem())) } else { Ok(()) }
    }

    fn wrong(&self, problem: String) -> StartError {
        StartError::Argument { operation: self.operation, argument: None, problem }
    }

    fn refuse_unknown(&self, hash: RHash) -> Result<(), StartError> {
        let keys = hash.funcall::<_, _, RArray>("keys", ()).map_err(|error| self.wrong(error.to_string()))?;
        let mut keys = keys.into_iter().map(|key| key.to_string());
        let unknown = keys.find(|name| !self.names.contains(&name.as_str()));
        unknown.map_or(Ok(()), |name| Err(StartError::unknown_argument(self.operation, &name, self.names)))
    }
}

impl Arguments for RubyArguments<'_> {
    fn open(&mut self, operation: &'static str, names: &'static [&'static str]) -> Result<(), StartError> {
        (self.operation, self.names) = (operation, names);
        match self.given {
            Given::InOrder(values) => self.refuse_more(values.len()),
            Given::Array(array) => self.refuse_more(array.len()),
            Given::Hash(hash) => self.refuse_unknown(hash),
            Given::Other(value) => {
                self.fault.set(Fault::Type);
                Err(self.wrong(format!("expected arguments as an Array or a Hash, got {}", value.class())))
            }
        }
    }

    fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, StartError> {
        let value = self.value(name).map_err(|error| self.wrong(error.to_string()))?;
        let given = Argument { ruby: self.ruby, value, fault: &self.fault, has_paths: false };
        // To follow the path of each value takes time, so it is done only where one does not fit.
        T::deserialize(given).or_else(|_| {
            self.fault.set(Fault::default());
            let given = Argument { has_paths: true, ..given };
            // nil is an argument that is left out: what says so names the argument, not its type.
            parse_argument(self.operation, name, (!value.is_nil()).then_some(given))
        })
    }
}

/// A Ruby value as a deserializer. Array and Hash are read element by element: no reference to a Ruby value is kept outside of the stack.
#[derive(Clone, Copy)]
struct Argument<'r> {
    ruby: &'r Ruby,
    value: Value,
    fault: &'r Cell<Fault>,
    /// Whether an error names the fields that lead to it.
    has_paths: bool,
}

#[derive(Debug)]
struct Wrong {
    fault: Fault,
    message: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Wrong { fault: Fault::Shape, message: message.to_string() }
    }

    fn invalid_type(got: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Wrong { fault: Fault::Type, message: format!("expected {expected}, got {got}") }
    }

    fn invalid_value(got: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Wrong { fault: Fault::Range, message: format!("expected {expected}, got {got}") }
    }

    fn unknown_variant(got: &str, expected: &'static [&'static str]) -> Self {
        let words: Vec<String> = expected.iter().map(|word| format!("{word:?}")).collect();
        Wrong { fault: Fault::Word, message: format!("expected {}, got {got:?}", words.join(" or ")) }
    }
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        de::Error::custom(error)
    }
}

impl<'r> Argument<'r> {
    fn other(self, value: Value) -> Self {
        Argument { value, ..self }
    }

    fn noted<T>(self, result: Result<T, Wrong>) -> Result<T, Wrong> {
        result.inspect_err(|wrong| self.fault.set(wrong.fault))
    }

    fn text(self) -> Option<Result<String, Wrong>> {
        let text = RString::from_value(self.value).map(RString::to_string);
        let text = text.or_else(|| Symbol::from_value(self.value).map(|word| Ok(word.name()?.into_owned())));
        text.map(|text| text.map_err(Wrong::from))
    }

    fn read_any<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let Argument { ruby, value, .. } = self;
        if let Some(number) = Integer::from_value(value) {
            match number.to_i64() {
                Ok(number) => visitor.visit_i64(number),
                Err(_) => Err(de::Error::invalid_value(Unexpected::Other(&value.to_string()), &visitor)),
            }
        } else if let Some(text) = self.text() {
            visitor.visit_string(text?)
        } else if let Some(array) = RArray::from_value(value) {
            visitor.visit_seq(Items { given: self, array, next: 0 })
        } else if let Some(hash) = RHash::from_value(value) {
            visitor.visit_map(Entries { given: self, hash, keys: hash.funcall("keys", ())?, next: 0 })
        } else if value.is_nil() {
            visitor.visit_unit()
        } else if let Some(number) = Float::from_value(value) {
            visitor.visit_f64(number.to_f64())
        } else if value.eql(ruby.qtrue())? {
            visitor.visit_bool(true)
        } else if value.eql(ruby.qfalse())? {
            visitor.visit_bool(false)
        } else {
            Err(de::Error::invalid_type(Unexpected::Other(&value.class().to_string()), &visitor))
        }
    }
}

impl<'de> Deserializer<'de> for Argument<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.noted(self.read_any(visitor))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.value.is_nil() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match self.text() {
            Some(word) => self.noted(word.and_then(|word| visitor.visit_enum(word.into_deserializer()))),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let Some(array) = RArray::from_value(self.value) else { return self.deserialize_any(visitor) };
        if array.len() > fields.len() {
            let (most, got) = (fields.len(), array.len());
            let message = format!("expected at most {most} values ({}), got {got}", fields.join(", "));
            return self.noted(Err(de::Error::custom(message)));
        }
        // As a sequence, no field is looked up by its name. But all of them have to be there.
        if !self.has_paths && array.len() == fields.len() {
            return self.noted(visitor.visit_seq(Items { given: self, array, next: 0 }));
        }
        self.noted(visitor.visit_map(Ordered { given: self, array, fields, next: 0 }))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        identifier ignored_any
    }
}

/// An Array as a sequence.
struct Items<'r> {
    given: Argument<'r>,
    array: RArray,
    next: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        if self.next >= self.array.len() {
            return Ok(None);
        }
        let item = self.array.entry(self.next as isize)?;
        self.next += 1;
        seed.deserialize(self.given.other(item)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.array.len().saturating_sub(self.next))
    }
}

/// An Array as the first fields of a struct.
struct Ordered<'r> {
    given: Argument<'r>,
    array: RArray,
    fields: &'static [&'static str],
    next: usize,
}

impl<'de> de::MapAccess<'de> for Ordered<'_> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        match self.fields.get(self.next).filter(|_| self.next < self.array.len()) {
            Some(field) => seed.deserialize((*field).into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Wrong> {
        let item = self.array.entry(self.next as isize)?;
        self.next += 1;
        seed.deserialize(self.given.other(item))
    }
}

/// A Hash.
struct Entries<'r> {
    given: Argument<'r>,
    hash: RHash,
    keys: RArray,
    next: usize,
}

impl<'de> de::MapAccess<'de> for Entries<'_> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        if self.next >= self.keys.len() {
            return Ok(None);
        }
        let key = self.keys.entry(self.next as isize)?;
        seed.deserialize(self.given.other(key)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Wrong> {
        let key: Value = self.keys.entry(self.next as isize)?;
        self.next += 1;
        seed.deserialize(self.given.other(self.hash.aref(key)?))
    }
}
