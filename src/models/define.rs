//! How a model is written down: its columns once, of which the struct, the constants, the decoding and the values follow.

/// The type of the field that holds a column.
macro_rules! field_type {
    (Json) => { serde_json::Value };
    (Json null) => { Option<serde_json::Value> };
    ($type:ty) => { $type };
    ($type:tt null) => { Option<$type> };
}

/// The value of a field for a statement. JSON goes as text.
macro_rules! field_value {
    (Json, $field:expr) => { field_value!(Value, $field) };
    (Json null, $field:expr) => { field_value!(Value null, $field) };
    (Value, $field:expr) => { sea_query::Value::from(crate::models::json::text(&$field)) };
    (Value null, $field:expr) => { sea_query::Value::from($field.as_ref().map(crate::models::json::text)) };
    ($type:ident $($null:ident)?, $field:expr) => { sea_query::Value::from($field.clone()) };
}

/// A column of a row. Instants that [`chrono`] does not have, the infinities among them, are its first or last one.
macro_rules! read_column {
    (NaiveDateTime, $row:expr, $index:expr) => {
        sqlx::Row::try_get::<crate::time::Timestamp, _>($row, $index)?.clamped()
    };
    (NaiveDateTime null, $row:expr, $index:expr) => {
        sqlx::Row::try_get::<Option<crate::time::Timestamp>, _>($row, $index)?
            .map(crate::time::Timestamp::clamped)
    };
    ($type:ident $($null:ident)?, $row:expr, $index:expr) => {
        sqlx::Row::try_get($row, $index)?
    };
}

macro_rules! nullable {
    () => {
        false
    };
    (null) => {
        true
    };
}

macro_rules! rust_type {
    (Json $($null:ident)?) => { rust_type!(Value $($null)?) };
    ($type:ident) => { stringify!($type) };
    ($type:ident null) => { concat!("Option<", stringify!($type), ">") };
}

/// A model: a struct with a field for each column, and a constant for each column.
macro_rules! model {
    (
        $(#[$doc:meta])*
        pub struct $model:ident in $table:literal by $key:ident: $key_type:ident {
            $( $(#[$column_doc:meta])* $column:ident: $type:ident $($null:ident)? = $sql_type:literal, )+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $model {
            $( $(#[$column_doc])* pub $column: field_type!($type $($null)?), )+
        }

        #[allow(non_upper_case_globals)]
        impl $model {
            $(
                #[doc = concat!("`", $table, ".", stringify!($column), "`, of type `", $sql_type, "`.")]
                pub const $column: crate::models::Column<$model, $type> = crate::models::Column::new(stringify!($column));
            )+
        }

        impl<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> for $model {
            fn from_row(row: &'r sqlx::postgres::PgRow) -> Result<Self, sqlx::Error> {
                Ok($model { $( $column: read_column!($type $($null)?, row, stringify!($column)), )+ })
            }
        }

        impl crate::models::Model for $model {
            type Key = $key_type;

            const NAME: &'static str = stringify!($model);
            const TABLE: &'static str = $table;
            const KEY: crate::models::Column<Self, $key_type> = $model::$key;
            const COLUMNS: &'static [crate::models::ColumnInfo] = &[
                $( crate::models::ColumnInfo {
                    name: stringify!($column),
                    sql_type: $sql_type,
                    nullable: nullable!($($null)?),
                    rust_type: rust_type!($type $($null)?),
                }, )+
            ];

            fn key(&self) -> $key_type {
                self.$key
            }

            fn decode(row: &sqlx::postgres::PgRow, offset: usize) -> Result<Self, sqlx::Error> {
                let mut columns = offset..;
                let mut column = || columns.next().unwrap_or(usize::MAX);
                Ok($model { $( $column: read_column!($type $($null)?, row, column()), )+ })
            }
        }

        impl $model {
            #[allow(dead_code)]
            fn column_values(&self) -> Vec<sea_query::Value> {
                vec![$( field_value!($type $($null)?, self.$column), )+]
            }
        }
    };
}

/// The part of an `impl Record` that follows from the columns.
macro_rules! record_values {
    () => {
        fn values(&self) -> Vec<sea_query::Value> {
            self.column_values()
        }

        fn touch(&mut self, now: chrono::NaiveDateTime) {
            self.updated_at = now;
        }

        fn updated_at(&self) -> chrono::NaiveDateTime {
            self.updated_at
        }
    };
}

/// What a model may be made of: the columns that have to be said, and after `..` those that have a default. Where the fields are those of the
/// record, `computed` names the columns that follow from nothing said; otherwise `with` makes the record.
macro_rules! new_record {
    (
        $(#[$doc:meta])*
        pub struct $new:ident for $model:ident {
            $( $(#[$required_doc:meta])* $required:ident: $required_type:ty, )+
            ..
            $( $(#[$optional_doc:meta])* $optional:ident: $optional_type:ty = $default:expr, )*
        }
        computed { $( $computed:ident = $value:expr, )* }
    ) => {
        new_record! {
            $(#[$doc])*
            pub struct $new for $model {
                $( $(#[$required_doc])* $required: $required_type, )+
                ..
                $( $(#[$optional_doc])* $optional: $optional_type = $default, )*
            }
            with |new, _now| {
                $( $required: new.$required, )+
                $( $optional: new.$optional, )*
                $( $computed: $value, )*
            }
        }
    };
    (
        $(#[$doc:meta])*
        pub struct $new:ident for $model:ident {
            $( $(#[$required_doc:meta])* $required:ident: $required_type:ty, )+
            ..
            $( $(#[$optional_doc:meta])* $optional:ident: $optional_type:ty = $default:expr, )*
        }
        with |$self:ident, $now:ident| { $( $field:ident: $value:expr, )+ }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $new {
            $( $(#[$required_doc])* pub $required: $required_type, )+
            $( $(#[$optional_doc])* pub $optional: $optional_type, )*
            /// When the row is said to have been created, in UTC, for rows of the past; now where there is none.
            pub created_at: Option<chrono::NaiveDateTime>,
        }

        impl $new {
            /// With these values, and defaults for all others.
            pub fn new($( $required: impl Into<$required_type> ),+) -> Self {
                $new {
                    $( $required: $required.into(), )+
                    $( $optional: $default, )*
                    created_at: None,
                }
            }
        }

        impl crate::models::New for $new {
            type Record = $model;

            fn draft(self, $now: chrono::NaiveDateTime) -> $model {
                let $self = self;
                let at = $self.created_at.unwrap_or($now);
                $model { $( $field: $value, )+ created_at: at, updated_at: at }
            }
        }
    };
}

/// The example of a method that loads associated records.
macro_rules! association_example {
    ($model:ident, $method:ident) => {
        concat!(
            "```\n# mod doctest { include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/tests/doctest/database.rs\")); }\n",
            "# doctest::in_transaction(async |tx| {\nuse tasker_core::models::{Model, ",
            stringify!($model),
            "};\n\n",
            "for record in ",
            stringify!($model),
            "::find_all(",
            stringify!($model),
            "::KEY.lt(5), &mut *tx).await? {\n",
            "    println!(\"{:?}\", record.",
            stringify!($method),
            "(&mut *tx).await?);\n}\n# Ok(()) });\n```"
        )
    };
}

macro_rules! through {
    () => {
        None
    };
    ($table:literal, $owner:ident, $far:ident) => {
        Some(crate::models::associations::Through {
            table: $table,
            owner: stringify!($owner),
            target: stringify!($far),
        })
    };
}

/// The method of an association: of `one` record that has to be there, of `maybe` one, or of `many`.
macro_rules! association_method {
    (one [$(#[$doc:meta])*] $model:ident $constant:ident $method:ident $target:ident) => {
        $(#[$doc])*
        ///
        /// # Errors
        ///
        /// [`Error::Database`](crate::Error::Database); [`Error::NotFound`](crate::Error::NotFound) where the row is gone by now.
        ///
        #[doc = association_example!($model, $method)]
        pub fn $method<'c>(
            &self,
            db: impl crate::models::Db<'c>,
        ) -> impl Future<Output = Result<$target, crate::Error>> + Send {
            async move {
                let found = $model::$constant.of(self, db).await?.pop();
                found.ok_or(crate::Error::NotFound {
                    model: <$target as crate::models::Model>::NAME,
                    key: $model::$constant.target_column(),
                    value: $model::$constant.key_of(self),
                })
            }
        }
    };
    (maybe [$(#[$doc:meta])*] $model:ident $constant:ident $method:ident $target:ident) => {
        $(#[$doc])*
        ///
        /// # Errors
        ///
        /// [`Error::Database`](crate::Error::Database).
        ///
        #[doc = association_example!($model, $method)]
        pub fn $method<'c>(
            &self,
            db: impl crate::models::Db<'c>,
        ) -> impl Future<Output = Result<Option<$target>, crate::Error>> + Send {
            async move { Ok($model::$constant.of(self, db).await?.pop()) }
        }
    };
    (many [$(#[$doc:meta])*] $model:ident $constant:ident $method:ident $target:ident) => {
        $(#[$doc])*
        ///
        /// # Errors
        ///
        /// [`Error::Database`](crate::Error::Database).
        ///
        #[doc = association_example!($model, $method)]
        pub fn $method<'c>(
            &self,
            db: impl crate::models::Db<'c>,
        ) -> impl Future<Output = Result<Vec<$target>, crate::Error>> + Send {
            async move { $model::$constant.of(self, db).await }
        }
    };
}

/// Associations of a model: `own column = column of the target`, and the columns of the table between that are equal to these.
macro_rules! associations {
    ($model:ident {
        $(
            $(#[$doc:meta])*
            $constant:ident $method:ident: $count:ident $target:ident
            by $owner:ident = $column:ident $(through $table:literal ($near:ident, $far:ident))?;
        )+
    }) => {
        impl $model {
            $(
                $(#[$doc])*
                pub const $constant: crate::models::Association<$model, $target> = crate::models::Association::new(
                    (stringify!($owner), |record| i64::from(record.$owner)),
                    stringify!($column),
                    through!($($table, $near, $far)?),
                );

                association_method! { $count [$(#[$doc])*] $model $constant $method $target }
            )+
        }
    };
}
