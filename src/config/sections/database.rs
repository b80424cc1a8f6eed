//! Section `database`.

options! {
    /// The database of the engine's tables.
    #[serde(deny_unknown_fields)]
    pub struct Database {
        /// Name of the secondary database in Rails' `database.yml`.
        name: Option<String> = None,
        /// Keep the engine's tables in the secondary database.
        enable_secondary_database: bool = false,
    }
}
