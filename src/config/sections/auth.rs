//! Section `auth`.
//!
//! ```
//! use tasker_core::config::Loader;
//! use tasker_core::config::sections::Auth;
//!
//! let config = Loader::new().set("auth.strategy", "devise").load()?;
//! assert_eq!(config.auth, Auth { strategy: "devise".to_owned(), ..Auth::default() });
//! # Ok::<(), tasker_core::config::ConfigError>(())
//! ```

options! {
    /// Authentication and authorization of the engine's controllers.
    #[serde(deny_unknown_fields)]
    pub struct Auth {
        /// Authenticate requests by `authenticator_class`.
        authentication_enabled: bool = false,
        /// Ruby class that authenticates.
        authenticator_class: Option<String> = None,
        /// Controller method that returns the current user.
        current_user_method: String = "current_user".to_owned(),
        /// Controller method that authenticates the user.
        authenticate_user_method: String = "authenticate_user!".to_owned(),
        /// Authorize requests by `authorization_coordinator_class`.
        authorization_enabled: bool = false,
        /// Ruby class that authorizes.
        authorization_coordinator_class: String = "Tasker::Authorization::BaseCoordinator".to_owned(),
        /// Ruby class of users.
        user_class: Option<String> = None,
        /// Strategy of authentication.
        strategy: String = "none".to_owned(),
    }
}
