//! Values as literals of PostgreSQL, for people.

use super::bind::type_name;
use sea_query::{PostgresQueryBuilder, QueryBuilder, Value};

/// A literal that stands for the value, whatever is in it.
///
/// sea-query's own prints floats that are not finite without quotes, and gives arrays no type, which an empty one needs.
pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::Float(Some(number)) if !number.is_finite() => format!("'{number}'::real"),
        Value::Double(Some(number)) if !number.is_finite() => format!("'{number}'::double precision"),
        Value::Array(kind, Some(elements)) => {
            let elements: Vec<String> = elements.iter().map(literal).collect();
            format!("ARRAY[{}]::{}[]", elements.join(", "), type_name(kind))
        }
        other => PostgresQueryBuilder.value_to_string(other),
    }
}
