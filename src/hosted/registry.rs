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

/// Makes [`OPERATIONS`](super::OPERATIONS), [`Answer`](super::Answer), [`start`](super::start), [`typed`](super::typed) and
/// [`for_each_operation`](crate::for_each_operation) out of entries `name(session, now, argument: Type, …) -> Answer { future }`. An argument
/// whose type is an `Option` may be left out. `now()` is the host's clock, for operations that record an instant. The entries follow a `$`, which
/// a macro cannot write into another one.
macro_rules! operations {
    ($dollar:tt $(
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

        /// Starts operation `name`; nothing of it runs before the first [`HostedCoroutine::resume`](super::HostedCoroutine::resume). `now` is the host's clock, in
        /// UTC.
        ///
        /// # Errors
        ///
        /// [`StartError`](super::StartError) where there is no such operation, or where the arguments are not an object of its arguments.
        pub fn start<'de, D: serde::Deserializer<'de>>(
            name: &str,
            arguments: D,
            now: $crate::time::Timestamp,
        ) -> Result<$crate::hosted::HostedCoroutine, $crate::hosted::StartError> {
            start_with(name, &mut $crate::hosted::arguments::JsonArguments::new(arguments), now)
        }

        /// Like [`start`], for a host that takes [`Arguments`](super::Arguments) out of values of its own.
        ///
        /// # Errors
        ///
        /// [`StartError`](super::StartError) where there is no such operation, or where the arguments do not fit.
        pub fn start_with<A: $crate::hosted::Arguments>(
            name: &str,
            given: &mut A,
            now: $crate::time::Timestamp,
        ) -> Result<$crate::hosted::HostedCoroutine, $crate::hosted::StartError> {
            match name {
                $(stringify!($name) => typed::$name(given, move || now, Answer::$name).map($crate::hosted::HostedCoroutine::from),)*
                other => Err($crate::hosted::StartError::unknown_operation(other)),
            }
        }

        /// A function for each operation, for a host in Rust whose calls name the operation when it is compiled. Nothing is looked up, and the
        /// answer keeps its type until the host's own function makes something of it.
        ///
        /// All of them take the arguments as [`start_with`] does, the host's clock in UTC, which few of them read, and that function.
        ///
        /// ```
        /// use serde::de::DeserializeOwned;
        /// use tasker_core::coroutine::CoroutineState;
        /// use tasker_core::hosted::{Arguments, StartError, typed};
        /// use tasker_core::session::Rows;
        /// use tasker_core::time::Timestamp;
        ///
        /// struct NoArguments;
        ///
        /// impl Arguments for NoArguments {
        ///     fn open(&mut self, _: &'static str, _: &'static [&'static str]) -> Result<(), StartError> {
        ///         Ok(())
        ///     }
        ///
        ///     fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, StartError> {
        ///         unreachable!("{name}")
        ///     }
        /// }
        ///
        /// let mut load = typed::system_load(&mut NoArguments, || Timestamp(0), |load| load.retryable)?;
        /// assert!(matches!(load.resume(None)?, CoroutineState::Ask(_)));
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        pub mod typed {
            #[allow(unused_imports, reason = "entries name what the list of operations has imported")]
            use super::*;

            $(
                $(#[doc = $doc])*
                ///
                /// # Errors
                ///
                /// [`StartError`](crate::hosted::StartError) where the arguments do not fit.
                pub fn $name<A, N, F, T>(
                    given: &mut A,
                    now: N,
                    answer: F,
                ) -> Result<$crate::coroutine::Coroutine<T>, $crate::hosted::StartError>
                where
                    A: $crate::hosted::Arguments,
                    N: FnOnce() -> $crate::time::Timestamp + Send + 'static,
                    F: FnOnce($answer) -> T + Send + 'static,
                {
                    #[allow(unused_variables, reason = "not every operation records an instant")]
                    let $now = now;
                    given.open(stringify!($name), &[$(stringify!($argument)),*])?;
                    $(let $argument: $type = given.take(stringify!($argument))?;)*
                    Ok($crate::coroutine::Coroutine::start(move |mut hosted| async move {
                        #[allow(unused_variables, reason = "not every operation needs rows")]
                        let $session = &mut hosted;
                        $body.await.map(answer)
                    }))
                }
            )*
        }

        /// Expands to `callback! { name name … }` with the names of all operations, for a host that makes a function of each out of
        /// [`hosted::typed`](crate::hosted::typed).
        ///
        /// ```
        /// macro_rules! count {
        ///     ($($name:ident)*) => { [$(stringify!($name)),*].len() };
        /// }
        /// assert_eq!(tasker_core::for_each_operation!(count), tasker_core::hosted::OPERATIONS.len());
        /// ```
        #[macro_export]
        macro_rules! for_each_operation {
            ($dollar callback:ident) => {
                $dollar callback! { $($name)* }
            };
        }
    };
}

pub(super) use operations;
