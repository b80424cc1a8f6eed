//! Row triggers of the application, as a column of statements that are sent anyway.

/// Those of the tables in the array of texts `$tables` that have an enabled row trigger of the application, as the text of an array; null if
/// none has, or the parameter is null.
macro_rules! row_triggers {
    ($tables:literal) => {
        concat!(
            "(select array_agg(x.name)::text from unnest((select ",
            $tables,
            "::text[])::text[]) x (name)
  where exists (select from pg_trigger g where g.tgrelid = to_regclass(x.name) and not g.tgisinternal and g.tgtype & 1 = 1 and g.tgenabled <> 'D'))"
        )
    };
}

pub(crate) use row_triggers;
