//! The macro that makes everything out of the list of operations.

/// An operation that a host may start.
#[derive(Debug)]
pub struct Operation {
    /// Its name, in snake case.
    pub name: &'static str,
    /// Its documentation, a line each, in Markdown.
    pub doc: &'static [&'static str],
    /// Its arguments in order.
    pub arguments: &'static [Argument],
    /// Makes the schema of an object of its arguments.
    #[cfg(feature = "schema")]
    pub arguments_schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
    /// Makes the schema of its answer.
    #[cfg(feature = "schema")]
    pub answer_schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
}

/// An argument of an operation.
#[derive(Debug)]
pub struct Argument {
    /// Its name, in snake case.
    pub name: &'static str,
    /// Its documentation, a line each.
    pub doc: &'static [&'static str],
}

/// Makes [`OPERATIONS`](super::OPERATIONS), [`Answer`](super::Answer) and [`start`](super::start) out of entries
/// `name(session, now, argument: Type, …) -> Answer { future }`. An argument whose type is an `Option` may be left out. `now` is the host's
/// clock, for operations that record an instant.
macro_rules! operations {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident($session:ident, $now:ident $(, $(#[doc = $about:literal])* $argument:ident: $type:ty)* $(,)?)
        -> $answer:ty { $body:expr }
    )*) => {
        /// Every operation.
        pub const OPERATIONS: &[$crate::hosted::Operation] = &[$($crate::hosted::Operation {
            name: stringify!($name),
            doc: &[$($doc),*],
            arguments: &[$($crate::hosted::Argument { name: stringify!($argument), doc: &[$($about),*] }),*],
            #[cfg(feature = "schema")]
            arguments_schema: |generator| {
                #[derive(schemars::JsonSchema)]
                #[allow(dead_code, reason = "only its schema is of use")]
                struct Arguments { $($argument: $type),* }
                <Arguments as schemars::JsonSchema>::json_schema(generator)
            },
            #[cfg(feature = "schema")]
            answer_schema: |generator| generator.subschema_for::<$answer>(),
        }),*];

        /// The answer of an operation. It serializes as the operation's own type does.
        #[derive(Debug)]
        #[allow(non_camel_case_types, missing_docs, clippy::large_enum_variant, reason = "named after the operations, moved once")]
        pub enum Answer { $($name($answer)),* }

        impl serde::Serialize for Answer {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self { $(Answer::$name(answer) => answer.serialize(serializer)),* }
            }
        }

        /// Starts operation `name`; nothing of it runs before the first [`Talk::resume`](super::Talk::resume). `now` is the host's clock, in
        /// UTC.
        ///
        /// # Errors
        ///
        /// [`StartError`](super::StartError) where there is no such operation, or where the arguments are not an object of its arguments.
        pub fn start<'de, D: serde::Deserializer<'de>>(
            name: &str,
            arguments: D,
            now: $crate::time::Timestamp,
        ) -> Result<$crate::hosted::Talk, $crate::hosted::StartError> {
            match name {
                $(stringify!($name) => {
                    #[allow(unused_variables, reason = "not every operation records an instant")]
                    let $now = now;
                    #[allow(unused_mut, unused_variables, reason = "not every operation has arguments")]
                    let mut given = $crate::hosted::arguments::Arguments::read(stringify!($name), &[$(stringify!($argument)),*], arguments)?;
                    $(let $argument: $type = given.take(stringify!($argument))?;)*
                    Ok($crate::hosted::Talk::start(move |mut hosted| async move {
                        #[allow(unused_variables, reason = "not every operation needs rows")]
                        let $session = &mut hosted;
                        $body.await.map(Answer::$name)
                    }))
                })*
                other => Err($crate::hosted::StartError::unknown_operation(other)),
            }
        }
    };
}

pub(super) use operations;
