//! Values of the core as plain Ruby values, whatever their type: the one serializer of all answers.

use crate::boundary::error;
use magnus::value::ReprValue;
use magnus::{Error, IntoValue, RArray, RHash, Ruby, Value};
use serde::ser::{self, Serialize};
use std::fmt;

/// How a struct becomes a Ruby value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// A Hash with the names of its fields, as Symbols.
    Named,
    /// An Array of its fields in order, which is made and read in less time.
    Positional,
}

/// `value` as nil, true, false, Integer, Float, String, Array or Hash. An enum's variant is a Symbol, or a pair of it and its content.
pub(crate) fn into_ruby(ruby: &Ruby, form: Form, value: &(impl Serialize + ?Sized)) -> Result<Value, Error> {
    value.serialize(Values { ruby, form }).map_err(|raised| *raised.0)
}

/// Boxed, so that what each value returns fits into registers.
#[derive(Debug)]
struct Raised(Box<Error>);

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Raised {}

impl From<Error> for Raised {
    fn from(error: Error) -> Self {
        Raised(Box::new(error))
    }
}

impl ser::Error for Raised {
    #[allow(clippy::expect_used, reason = "values are made by methods that Ruby has called")]
    fn custom<T: fmt::Display>(message: T) -> Self {
        let ruby = Ruby::get().expect("a thread of Ruby's");
        Raised(Box::new(error(&ruby, "InternalError", format!("an answer has no form in Ruby: {message}"))))
    }
}

#[derive(Clone, Copy)]
struct Values<'r> {
    ruby: &'r Ruby,
    form: Form,
}

impl<'r> Values<'r> {
    fn list(self, length: usize, variant: Option<&'static str>) -> List<'r> {
        List { values: self, array: self.ruby.ary_new_capa(length), variant }
    }

    fn fields(self, length: usize, variant: Option<&'static str>) -> Fields<'r> {
        match self.form {
            Form::Positional => Fields::Positional(self.list(length, variant)),
            Form::Named => Fields::Named(Pairs {
                values: self,
                hash: self.ruby.hash_new_capa(length),
                key: self.ruby.qnil().into_value_with(self.ruby),
                variant,
            }),
        }
    }

    fn variant(self, variant: Option<&'static str>, content: Value) -> Result<Value, Raised> {
        let Some(variant) = variant else { return Ok(content) };
        let pair = self.ruby.ary_new_capa(2);
        pair.push(self.ruby.to_symbol(variant))?;
        pair.push(content)?;
        Ok(pair.into_value_with(self.ruby))
    }
}

macro_rules! plain {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<Value, Raised> {
            Ok(value.into_value_with(self.ruby))
        })*
    };
}

impl<'r> ser::Serializer for Values<'r> {
    type Ok = Value;
    type Error = Raised;
    type SerializeSeq = List<'r>;
    type SerializeTuple = List<'r>;
    type SerializeTupleStruct = List<'r>;
    type SerializeTupleVariant = List<'r>;
    type SerializeMap = Pairs<'r>;
    type SerializeStruct = Fields<'r>;
    type SerializeStructVariant = Fields<'r>;

    plain!(
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_u8: u8,
        serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_f32: f32, serialize_f64: f64, serialize_char: char,
        serialize_str: &str
    );

    fn serialize_i128(self, value: i128) -> Result<Value, Raised> {
        match i64::try_from(value) {
            Ok(value) => self.serialize_i64(value),
            Err(_) => Ok(self.ruby.str_new(&value.to_string()).funcall("to_i", ())?),
        }
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value, Raised> {
        Ok(self.ruby.str_from_slice(bytes).into_value_with(self.ruby))
    }

    fn serialize_none(self) -> Result<Value, Raised> {
        Ok(self.ruby.qnil().into_value_with(self.ruby))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Raised> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Raised> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, Raised> {
        self.serialize_none()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, Raised> {
        Ok(self.ruby.to_symbol(variant).into_value_with(self.ruby))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, Raised> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Raised> {
        self.variant(Some(variant), value.serialize(self)?)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<List<'r>, Raised> {
        Ok(self.list(length.unwrap_or_default(), None))
    }

    fn serialize_tuple(self, length: usize) -> Result<List<'r>, Raised> {
        Ok(self.list(length, None))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<List<'r>, Raised> {
        Ok(self.list(length, None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<List<'r>, Raised> {
        Ok(self.list(length, Some(variant)))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Pairs<'r>, Raised> {
        let hash = self.ruby.hash_new_capa(length.unwrap_or_default());
        Ok(Pairs { values: self, hash, key: self.serialize_none()?, variant: None })
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Fields<'r>, Raised> {
        Ok(self.fields(length, None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Fields<'r>, Raised> {
        Ok(self.fields(length, Some(variant)))
    }
}

struct List<'r> {
    values: Values<'r>,
    array: RArray,
    /// The variant whose content it is.
    variant: Option<&'static str>,
}

impl List<'_> {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Raised> {
        Ok(self.array.push(value.serialize(self.values)?)?)
    }

    fn end(self) -> Result<Value, Raised> {
        self.values.variant(self.variant, self.array.into_value_with(self.values.ruby))
    }
}

macro_rules! list {
    ($($trait:ident $method:ident),*) => {
        $(impl ser::$trait for List<'_> {
            type Ok = Value;
            type Error = Raised;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Raised> {
                self.push(value)
            }

            fn end(self) -> Result<Value, Raised> {
                List::end(self)
            }
        })*
    };
}

list!(
    SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

struct Pairs<'r> {
    values: Values<'r>,
    hash: RHash,
    /// The key whose value comes next.
    key: Value,
    variant: Option<&'static str>,
}

impl Pairs<'_> {
    fn end(self) -> Result<Value, Raised> {
        self.values.variant(self.variant, self.hash.into_value_with(self.values.ruby))
    }
}

impl ser::SerializeMap for Pairs<'_> {
    type Ok = Value;
    type Error = Raised;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Raised> {
        self.key = key.serialize(self.values)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Raised> {
        Ok(self.hash.aset(self.key, value.serialize(self.values)?)?)
    }

    fn end(self) -> Result<Value, Raised> {
        Pairs::end(self)
    }
}

enum Fields<'r> {
    Named(Pairs<'r>),
    Positional(List<'r>),
}

impl Fields<'_> {
    fn add<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Raised> {
        match self {
            Fields::Positional(list) => list.push(value),
            Fields::Named(Pairs { values, hash, .. }) => {
                Ok(hash.aset(values.ruby.to_symbol(name), value.serialize(*values)?)?)
            }
        }
    }

    fn end(self) -> Result<Value, Raised> {
        match self {
            Fields::Positional(list) => list.end(),
            Fields::Named(pairs) => pairs.end(),
        }
    }
}

macro_rules! fields {
    ($($trait:ident),*) => {
        $(impl ser::$trait for Fields<'_> {
            type Ok = Value;
            type Error = Raised;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Raised> {
                self.add(name, value)
            }

            fn end(self) -> Result<Value, Raised> {
                Fields::end(self)
            }
        })*
    };
}

fields!(SerializeStruct, SerializeStructVariant);
