//! Values of sea-query as parameters of sqlx.

use crate::error::Error;
use chrono::NaiveDateTime;
use sea_query::{ArrayType, Nullable, Value, ValueType};
use sqlx::postgres::PgArguments;
use sqlx::{Arguments, Encode, Postgres, Type};

/// The parameters of a statement, in their order.
///
/// # Errors
///
/// [`Error::Bind`] for the first value of a type that no column has.
pub(super) fn arguments<'v>(values: impl Iterator<Item = &'v Value>) -> Result<PgArguments, Error> {
    let mut arguments = PgArguments::default();
    for (index, value) in values.enumerate() {
        bind(&mut arguments, value).map_err(|got| Error::Bind {
            position: index + 1,
            expected: "a boolean, an integer, a float, a text, JSON, an instant, or an array of these",
            got,
        })?;
    }
    Ok(arguments)
}

/// The type by which PostgreSQL knows such values.
pub(super) fn type_name(kind: &ArrayType) -> &'static str {
    match kind {
        ArrayType::Bool => "boolean",
        ArrayType::SmallInt => "smallint",
        ArrayType::Int => "integer",
        ArrayType::BigInt | ArrayType::BigUnsigned => "bigint",
        ArrayType::Float => "real",
        ArrayType::Double => "double precision",
        ArrayType::String => "text",
        ArrayType::Json => "jsonb",
        ArrayType::ChronoDateTime => "timestamp",
        _ => "other",
    }
}

type Bound = Result<(), String>;

/// Binds a value as the type that it stands for; `Err` is the value that cannot be bound.
fn bind(arguments: &mut PgArguments, value: &Value) -> Bound {
    match value {
        Value::Bool(value) => add(arguments, *value),
        Value::SmallInt(value) => add(arguments, *value),
        Value::Int(value) => add(arguments, *value),
        Value::BigInt(value) => add(arguments, *value),
        Value::BigUnsigned(value) => match value.map(<i64 as TryFrom<u64>>::try_from).transpose() {
            Ok(value) => add(arguments, value),
            Err(_) => Err(format!("{value:?}, which no integer column holds")),
        },
        Value::Float(value) => add(arguments, *value),
        Value::Double(value) => add(arguments, *value),
        Value::String(value) => add(arguments, value.as_deref()),
        Value::Json(value) => add(arguments, value.as_deref()),
        Value::ChronoDateTime(value) => add(arguments, *value),
        Value::Array(kind, values) => bind_array(arguments, kind, values.as_deref()),
        other => Err(format!("{other:?}")),
    }
}

fn bind_array(arguments: &mut PgArguments, kind: &ArrayType, values: Option<&Vec<Value>>) -> Bound {
    match kind {
        ArrayType::Bool => add_array::<bool>(arguments, values),
        ArrayType::SmallInt => add_array::<i16>(arguments, values),
        ArrayType::Int => add_array::<i32>(arguments, values),
        ArrayType::BigInt => add_array::<i64>(arguments, values),
        ArrayType::Float => add_array::<f32>(arguments, values),
        ArrayType::Double => add_array::<f64>(arguments, values),
        ArrayType::String => add_array::<String>(arguments, values),
        ArrayType::Json => add_array::<serde_json::Value>(arguments, values),
        ArrayType::ChronoDateTime => add_array::<NaiveDateTime>(arguments, values),
        other => Err(format!("an array of {other:?}")),
    }
}

fn add_array<T>(arguments: &mut PgArguments, values: Option<&Vec<Value>>) -> Bound
where
    T: ValueType + Nullable,
    Option<Vec<Option<T>>>: for<'q> Encode<'q, Postgres> + Type<Postgres>,
{
    let element = |value: &Value| {
        <Option<T> as ValueType>::try_from(value.clone())
            .map_err(|_| format!("{value:?} in an array of another type"))
    };
    let values =
        values.map(|values| values.iter().map(element).collect::<Result<Vec<_>, _>>()).transpose()?;
    add(arguments, values)
}

fn add<'q, T: Encode<'q, Postgres> + Type<Postgres>>(arguments: &mut PgArguments, value: T) -> Bound {
    arguments.add(value).map_err(|error| error.to_string())
}
