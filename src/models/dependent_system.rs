//! Systems that steps work with, and which of their objects are the same.

use super::checks::Checks;
use super::model::Model;
use super::named_step::NamedStep;
use super::record::{Record, delete_with};
use crate::error::Error;
use chrono::NaiveDateTime;
use sea_query::{Expr, ExprTrait};
use sqlx::postgres::PgConnection;

model! {
    /// A system that steps work with: `Tasker::DependentSystem`.
    pub struct DependentSystem in "tasker_dependent_systems" by dependent_system_id: i32 {
        /// The key.
        dependent_system_id: i32 = "integer",
        /// Unique; at most 64 characters.
        name: String = "character varying(64)",
        /// At most 255 characters.
        description: String null = "character varying(255)",
        /// In UTC, as all instants of the engine.
        created_at: NaiveDateTime = "timestamp(6) without time zone",
        /// In UTC.
        updated_at: NaiveDateTime = "timestamp(6) without time zone",
    }
}

new_record! {
    /// A system to create.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// use tasker_core::models::{DependentSystem, New, NewDependentSystem};
    ///
    /// let bank: DependentSystem = NewDependentSystem::new("the bank of tonight").create(&mut *tx).await?;
    /// assert_eq!(bank.named_steps(&mut *tx).await?, []);
    /// # Ok(()) });
    /// ```
    pub struct NewDependentSystem for DependentSystem {
        /// Unique; at most 64 characters.
        name: String,
        ..
        /// At most 255 characters.
        description: Option<String> = None,
    }
    computed { dependent_system_id = 0, }
}

associations! {
    DependentSystem {
        /// The named steps that work with the system.
        NAMED_STEPS named_steps: many NamedStep by dependent_system_id = dependent_system_id;
        /// The maps in which the system stands first.
        MAPS_AS_ONE maps_as_one: many DependentSystemObjectMap by dependent_system_id = dependent_system_one_id;
        /// The maps in which the system stands second.
        MAPS_AS_TWO maps_as_two: many DependentSystemObjectMap by dependent_system_id = dependent_system_two_id;
    }
}

impl Record for DependentSystem {
    record_values!();

    const UNIQUE: &'static [&'static str] = &["name"];

    fn same(&self) -> Expr {
        DependentSystem::name.eq(self.name.as_str())
    }

    fn validate(&self, new: bool, checks: &mut Checks) {
        checks.presence("name", &self.name);
        checks.unique::<DependentSystem>("name", self.others(new).add(self.same()));
    }

    async fn destroy(&self, connection: &mut PgConnection) -> Result<(), Error> {
        delete_with(
            self.key(),
            connection,
            "\
            with map as (
              delete from tasker_dependent_system_object_maps
              where dependent_system_one_id = $1 or dependent_system_two_id = $1
            ), step as (
              delete from tasker_named_steps where dependent_system_id = $1
            )
            delete from tasker_dependent_systems where dependent_system_id = $1",
        )
        .await
    }
}

model! {
    /// That an object of one system is an object of another: `Tasker::DependentSystemObjectMap`.
    pub struct DependentSystemObjectMap in "tasker_dependent_system_object_maps" by dependent_system_object_map_id: i64 {
        /// The key.
        dependent_system_object_map_id: i64 = "bigint",
        /// The first system.
        dependent_system_one_id: i32 = "integer",
        /// The second system.
        dependent_system_two_id: i32 = "integer",
        /// The object's id in the first system; at most 128 characters.
        remote_id_one: String = "character varying(128)",
        /// The object's id in the second system; at most 128 characters.
        remote_id_two: String = "character varying(128)",
        /// In UTC, as all instants of the engine.
        created_at: NaiveDateTime = "timestamp(6) without time zone",
        /// In UTC.
        updated_at: NaiveDateTime = "timestamp(6) without time zone",
    }
}

new_record! {
    /// A map to create. As with Rails, the same two objects in the opposite order are the same map.
    ///
    /// ```
    /// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
    /// # doctest::in_transaction(async |tx| {
    /// # use tasker_core::factories::{Factory, Sequence};
    /// # let sequence = Sequence::new(1_700);
    /// # let bank = tasker_core::models::DependentSystem::create(&sequence, &mut *tx).await?;
    /// # let shop = tasker_core::models::DependentSystem::create(&sequence, &mut *tx).await?;
    /// use tasker_core::models::{DependentSystemObjectMap, New, NewDependentSystemObjectMap};
    ///
    /// // The account 7 of the one is the customer A7 of the other.
    /// let (one, two) = (bank.dependent_system_id, shop.dependent_system_id);
    /// let map: DependentSystemObjectMap = NewDependentSystemObjectMap::new(one, "7", two, "A7").create(&mut *tx).await?;
    /// assert_eq!(map.dependent_system_two(&mut *tx).await?, shop);
    /// # Ok(()) });
    /// ```
    pub struct NewDependentSystemObjectMap for DependentSystemObjectMap {
        /// The first system.
        dependent_system_one_id: i32,
        /// The object's id in the first system.
        remote_id_one: String,
        /// The second system.
        dependent_system_two_id: i32,
        /// The object's id in the second system.
        remote_id_two: String,
        ..
    }
    computed { dependent_system_object_map_id = 0, }
}

associations! {
    DependentSystemObjectMap {
        /// The first system.
        DEPENDENT_SYSTEM_ONE dependent_system_one: one DependentSystem by dependent_system_one_id = dependent_system_id;
        /// The second system.
        DEPENDENT_SYSTEM_TWO dependent_system_two: one DependentSystem by dependent_system_two_id = dependent_system_id;
    }
}

impl Record for DependentSystemObjectMap {
    record_values!();

    const UNIQUE: &'static [&'static str] =
        &["dependent_system_one_id", "dependent_system_two_id", "remote_id_one", "remote_id_two"];

    fn same(&self) -> Expr {
        let ends = |one: i32, remote_one: &str, two: i32, remote_two: &str| {
            DependentSystemObjectMap::dependent_system_one_id
                .eq(one)
                .and(DependentSystemObjectMap::dependent_system_two_id.eq(two))
                .and(DependentSystemObjectMap::remote_id_one.eq(remote_one))
                .and(DependentSystemObjectMap::remote_id_two.eq(remote_two))
        };
        let (one, remote_one) = (self.dependent_system_one_id, self.remote_id_one.as_str());
        let (two, remote_two) = (self.dependent_system_two_id, self.remote_id_two.as_str());
        ends(one, remote_one, two, remote_two).or(ends(two, remote_two, one, remote_one))
    }

    fn validate(&self, _new: bool, checks: &mut Checks) {
        let system = |id: i32| DependentSystem::key_is(id);
        checks.must_exist::<DependentSystem>("dependent_system_one", system(self.dependent_system_one_id));
        checks.must_exist::<DependentSystem>("dependent_system_two", system(self.dependent_system_two_id));
        checks.presence("remote_id_one", &self.remote_id_one);
        checks.presence("remote_id_two", &self.remote_id_two);
    }
}
