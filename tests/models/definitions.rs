//! Systems, the maps between their objects, named steps, and the steps of named tasks.

use crate::support::messages;
use sqlx::PgPool;
use tasker_core::Error;
use tasker_core::models::{
    DependentSystem, DependentSystemObjectMap, Model, NamedStep, NamedTask, NamedTasksNamedStep, New,
    NewDependentSystem, NewDependentSystemObjectMap, NewNamedStep, NewNamedTask, NewNamedTasksNamedStep,
    NewTaskNamespace, Record,
};

async fn system(name: &str, pool: &PgPool) -> DependentSystem {
    NewDependentSystem::new(name).find_or_create(pool).await.unwrap()
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn systems_are_created_changed_found_and_refused(pool: PgPool) {
    let mut bank = system("bank", &pool).await;
    assert_eq!(system("bank", &pool).await, bank);
    bank.update(|bank| bank.description = Some("The bank".into()), &pool).await.unwrap();
    assert_eq!(DependentSystem::find(bank.key(), &pool).await.unwrap(), bank);
    assert_eq!(
        messages(NewDependentSystem::new("bank").create(&pool).await),
        ["Name has already been taken"]
    );
    assert_eq!(messages(NewDependentSystem::new("").create(&pool).await), ["Name can't be blank"]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_map_is_the_same_in_either_direction(pool: PgPool) {
    let (bank, shop) = (system("bank", &pool).await, system("shop", &pool).await);
    let map = NewDependentSystemObjectMap::new(bank.key(), "b-1", shop.key(), "s-1");
    let made = map.clone().find_or_create(&pool).await.unwrap();
    assert_eq!(map.clone().find_or_create(&pool).await.unwrap(), made);
    let turned = NewDependentSystemObjectMap::new(shop.key(), "s-1", bank.key(), "b-1");
    assert_eq!(turned.find_or_create(&pool).await.unwrap(), made);
    let other = NewDependentSystemObjectMap::new(shop.key(), "b-1", bank.key(), "s-1");
    assert_ne!(other.find_or_create(&pool).await.unwrap(), made);

    assert_eq!(made.dependent_system_one(&pool).await.unwrap(), bank);
    assert_eq!(made.dependent_system_two(&pool).await.unwrap(), shop);
    assert_eq!(bank.maps_as_one(&pool).await.unwrap(), [made]);
    assert_eq!(bank.maps_as_two(&pool).await.unwrap().len(), 1);
    assert!(
        matches!(map.create(&pool).await, Err(Error::Database(_))),
        "the index refuses it, as with Rails"
    );

    let refused = NewDependentSystemObjectMap::new(7, " ", 8, "").create(&pool).await;
    assert_eq!(
        messages(refused),
        [
            "Dependent system one must exist",
            "Dependent system two must exist",
            "Remote id one can't be blank",
            "Remote id two can't be blank"
        ]
    );
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_system_goes_with_its_maps_and_named_steps(pool: PgPool) {
    let (bank, shop) = (system("bank", &pool).await, system("shop", &pool).await);
    NewDependentSystemObjectMap::new(shop.key(), "s", bank.key(), "b").create(&pool).await.unwrap();
    NewNamedStep::new("pay", bank.key()).create(&pool).await.unwrap();
    let kept = NewNamedStep::new("order", shop.key()).create(&pool).await.unwrap();
    bank.delete(&pool).await.unwrap();
    assert_eq!(NamedStep::find_all(NamedStep::KEY.is_not_null(), &pool).await.unwrap(), [kept]);
    let maps = DependentSystemObjectMap::find_all(DependentSystemObjectMap::KEY.is_not_null(), &pool).await;
    assert_eq!(maps.unwrap(), []);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn named_steps_are_unique_by_system(pool: PgPool) {
    let (bank, shop) = (system("bank", &pool).await, system("shop", &pool).await);
    let mut pay = NewNamedStep::new("pay", bank.key()).create(&pool).await.unwrap();
    NewNamedStep::new("pay", shop.key()).create(&pool).await.unwrap();
    assert_eq!(NewNamedStep::new("pay", bank.key()).find_or_create(&pool).await.unwrap(), pay);
    let again = NewNamedStep::new("pay", bank.key()).create(&pool).await;
    assert_eq!(messages(again), ["Name has already been taken"]);
    assert_eq!(
        messages(NewNamedStep::new("", 7).create(&pool).await),
        ["Dependent system must exist", "Name can't be blank"]
    );
    let moved = pay.update(|pay| pay.dependent_system_id = shop.key(), &pool).await;
    assert_eq!(messages(moved), ["Name has already been taken"]);
    assert_eq!(pay.dependent_system(&pool).await.unwrap(), bank);
    assert_eq!(bank.named_steps(&pool).await.unwrap(), [pay]);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn named_tasks_have_named_steps(pool: PgPool) {
    let namespace = NewTaskNamespace::new("payments").create(&pool).await.unwrap();
    let settle = NewNamedTask::new("settle", namespace.key()).create(&pool).await.unwrap();
    let pay = NewNamedStep::new("pay", system("bank", &pool).await.key()).create(&pool).await.unwrap();
    let new = NewNamedTasksNamedStep::new(settle.key(), pay.key());
    let made = new.clone().create(&pool).await.unwrap();
    assert_eq!((made.skippable, made.default_retryable, made.default_retry_limit), (false, true, 3));
    assert_eq!(new.clone().find_or_create(&pool).await.unwrap(), made);
    assert_eq!(
        messages(new.create(&pool).await),
        ["Named task has already been taken", "Named step has already been taken"]
    );
    assert_eq!(
        messages(NewNamedTasksNamedStep::new(7, 8).create(&pool).await),
        ["Named task must exist", "Named step must exist"]
    );

    assert_eq!(settle.named_steps(&pool).await.unwrap(), [pay.clone()]);
    assert_eq!(pay.named_tasks(&pool).await.unwrap(), [settle.clone()]);
    assert_eq!(made.named_step(&pool).await.unwrap(), pay);
    assert_eq!(made.named_task(&pool).await.unwrap(), settle);

    let refused = pay.delete(&pool).await;
    assert!(matches!(refused, Err(Error::Database(_))), "a named step of a named task stays: {refused:?}");
    made.delete(&pool).await.unwrap();
    settle.delete(&pool).await.unwrap();
    assert_eq!(NamedTask::find_all(NamedTask::KEY.is_not_null(), &pool).await.unwrap(), []);
    assert_eq!(
        NamedTasksNamedStep::find_all(NamedTasksNamedStep::KEY.is_not_null(), &pool).await.unwrap(),
        []
    );
}
