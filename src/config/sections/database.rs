//! Section `database`.
//!
//! ```
//! use tasker_core::config::Loader;
//! use tasker_core::config::sections::Database;
//!
//! let config = Loader::new().set("database.name", "workflows").load()?;
//! assert_eq!(config.database, Database { name: Some("workflows".to_owned()), ..Database::default() });
//! # Ok::<(), tasker_core::config::ConfigError>(())
//! ```

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
