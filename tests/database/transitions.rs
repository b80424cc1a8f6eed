//! What a transition writes, and when it is refused.

use crate::support::seed::{self, AT, SEEDED_AT, Transition, history, request};
use sqlx::{PgConnection, PgPool};
use tasker_core::ids::StepId;
use tasker_core::machine::{Machine, Owner};
use tasker_core::operations::transition::{
    Claims, Outcome, Recorded, Refusal, Request, Subject, allowed_transitions, check, current_state,
    transition,
};
use tasker_core::state::State;
use tasker_core::store::Connection;

const OWNERS: [Owner; 2] = [Owner::Task, Owner::Step];

async fn owner(connection: &mut PgConnection, owner: Owner) -> Subject {
    let task = seed::task(connection).await;
    match owner {
        Owner::Task => task,
        Owner::Step => seed::step(connection, task).await,
    }
}

async fn run(connection: &mut PgConnection, request: &Request) -> Outcome {
    transition(&mut Connection(connection), request).await.unwrap()
}

/// A row as the engine's adapter leaves it: no from-state, one instant for both times.
fn row(to: &str, sort_key: i32, most_recent: bool, created_at: i64, updated_at: i64) -> Transition {
    Transition {
        to_state: to.into(),
        from_state: None,
        metadata: "{}".into(),
        sort_key,
        most_recent,
        created_at,
        updated_at,
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn every_pair_of_states_follows_the_machine(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let words =
        ["pending", "in_progress", "complete", "error", "cancelled", "resolved_manually", "", "failed"];
    let mut moved = 0;
    for kind in OWNERS {
        let machine = Machine::of(kind);
        for recorded in words.map(Some).into_iter().chain([None]) {
            for to in words.map(State::from) {
                let subject = owner(&mut tx, kind).await;
                if let Some(word) = recorded {
                    seed::record(&mut tx, subject, word).await;
                }
                let before = history(&mut tx, subject).await;
                let from = machine.current(recorded.map(State::from));
                let what = format!("{kind:?} from {recorded:?} to {to:?}");
                let mut session = Connection(&mut tx);
                assert_eq!(current_state(&mut session, subject).await.unwrap(), from, "{what}");
                let allowed = allowed_transitions(&mut session, subject, None).await.unwrap();
                assert_eq!(allowed, Some((from.clone(), machine.successors(&from).to_vec())), "{what}");
                let permitted = check(&mut session, subject, &to, None, Claims::default()).await.unwrap();
                let outcome = transition(&mut session, &request(subject, to.clone())).await.unwrap();
                let after = current_state(&mut session, subject).await.unwrap();
                if machine.leads(&from, &to) {
                    assert_eq!(permitted, Ok(from.clone()), "{what}");
                    let recorded = outcome.unwrap();
                    assert_eq!(
                        (recorded.from, recorded.sort_key),
                        (from, before.len() as i64 * 10 + 10),
                        "{what}"
                    );
                    assert_eq!(after, to, "{what}");
                    moved += 1;
                } else {
                    let refused = Refusal::NoSuchTransition { from: from.clone() };
                    assert_eq!((permitted, outcome), (Err(refused.clone()), Err(refused)), "{what}");
                    assert_eq!(after, from, "{what}");
                    assert_eq!(history(&mut tx, subject).await, before, "{what}: a refusal wrote something");
                }
            }
        }
    }
    // 11 + 9 transitions, those from pending also without a record, and for steps also from the empty word.
    assert_eq!(moved, 11 + 9 + 3 + 4 + 4);
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn rows_are_written_as_the_engine_writes_them(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    for kind in OWNERS {
        let subject = owner(&mut tx, kind).await;
        let mut ids = vec![];
        for (second, to) in [(1, State::InProgress), (2, State::Error), (3, State::Pending)] {
            let mut request = request(subject, to);
            request.at.0 += second;
            request.metadata = format!(r#"{{"b": [1, null], "a": "\"{second}\" ✓"}}"#).into();
            ids.push(run(&mut tx, &request).await.unwrap().id.0);
        }
        let metadata = |second: i32| format!(r#"{{"a": "\"{second}\" ✓", "b": [1, null]}}"#);
        let at = |second: i64| AT.0 + second;
        let expected = [
            Transition { metadata: metadata(1), ..row("in_progress", 10, false, at(1), at(2)) },
            Transition { metadata: metadata(2), ..row("error", 20, false, at(2), at(3)) },
            Transition { metadata: metadata(3), ..row("pending", 30, true, at(3), at(3)) },
        ];
        assert_eq!(history(&mut tx, subject).await, expected);
        assert!(ids.is_sorted() && ids[0] > 0, "{ids:?}");
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn only_the_flag_and_the_time_of_the_row_before_are_touched(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    for kind in OWNERS {
        let (subject, bystander) = (owner(&mut tx, kind).await, owner(&mut tx, kind).await);
        for subject in [subject, bystander] {
            seed::record(&mut tx, subject, "pending").await;
            seed::record(&mut tx, subject, "in_progress").await;
        }
        run(&mut tx, &request(subject, State::Complete)).await.unwrap();
        let expected = [
            row("pending", 10, false, SEEDED_AT.0, SEEDED_AT.0),
            row("in_progress", 20, false, SEEDED_AT.0, AT.0),
            row("complete", 30, true, AT.0, AT.0),
        ];
        assert_eq!(history(&mut tx, subject).await, expected);
        assert_eq!(history(&mut tx, bystander).await.len(), 2);
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn the_sort_key_follows_the_highest_of_the_history(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    for kind in OWNERS {
        let subject = owner(&mut tx, kind).await;
        for (key, state, flagged) in [(0, "pending", false), (3, "in_progress", true), (77, "error", false)] {
            seed::record_at(&mut tx, subject, state, key, flagged).await;
        }
        let recorded = run(&mut tx, &request(subject, State::Complete)).await.unwrap();
        assert_eq!((recorded.sort_key, recorded.from), (87, State::InProgress));
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_history_without_a_flag_is_pending_and_goes_on(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    for kind in OWNERS {
        let subject = owner(&mut tx, kind).await;
        seed::record_at(&mut tx, subject, "complete", 40, false).await;
        assert_eq!(current_state(&mut Connection(&mut tx), subject).await.unwrap(), State::Pending);
        let recorded = run(&mut tx, &request(subject, State::InProgress)).await.unwrap();
        assert_eq!((recorded.sort_key, recorded.from), (50, State::Pending));
        let expected =
            [row("complete", 40, false, SEEDED_AT.0, SEEDED_AT.0), row("in_progress", 50, true, AT.0, AT.0)];
        assert_eq!(history(&mut tx, subject).await, expected);
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_empty_state_is_pending_to_a_step_and_the_end_to_a_task(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    let (task, step) = (owner(&mut tx, Owner::Task).await, owner(&mut tx, Owner::Step).await);
    for subject in [task, step] {
        seed::record(&mut tx, subject, "").await;
    }
    let from = State::from("");
    let outcome = run(&mut tx, &request(task, State::InProgress)).await;
    assert_eq!(outcome, Err(Refusal::NoSuchTransition { from }));
    let recorded = run(&mut tx, &request(step, State::InProgress)).await.unwrap();
    assert_eq!((recorded.sort_key, recorded.from), (20, State::Pending));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn an_unknown_owner_is_an_answer(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    for kind in OWNERS {
        let unknown = Subject { owner: kind, id: 4_711 };
        let mut session = Connection(&mut connection);
        assert_eq!(current_state(&mut session, unknown).await.unwrap(), State::Pending);
        assert_eq!(allowed_transitions(&mut session, unknown, None).await.unwrap(), None);
        for to in State::ALL {
            let refused = Err(Refusal::UnknownSubject);
            assert_eq!(check(&mut session, unknown, &to, None, Claims::default()).await.unwrap(), refused);
            let outcome = transition(&mut session, &request(unknown, to)).await.unwrap();
            assert_eq!(outcome.unwrap_err(), Refusal::UnknownSubject);
        }
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn a_given_from_state_must_be_the_current_one(pool: PgPool) {
    let mut tx = pool.begin().await.unwrap();
    seed::definitions(&mut tx).await;
    for kind in OWNERS {
        let subject = owner(&mut tx, kind).await;
        let from = |from: State, to: State| Request { from: Some(from), ..request(subject, to) };
        let pending = Refusal::NoSuchTransition { from: State::Pending };
        for other in [State::InProgress, State::Error, State::Cancelled, State::from(""), State::from("x")] {
            assert_eq!(run(&mut tx, &from(other, State::Cancelled)).await, Err(pending.clone()));
        }
        run(&mut tx, &from(State::Pending, State::InProgress)).await.unwrap();
        let recorded = run(&mut tx, &from(State::InProgress, State::Cancelled)).await.unwrap();
        assert_eq!((recorded.sort_key, recorded.from), (20, State::InProgress));
        let cancelled = Refusal::NoSuchTransition { from: State::Cancelled };
        assert_eq!(run(&mut tx, &from(State::Cancelled, State::Pending)).await, Err(cancelled));
    }
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn what_is_rolled_back_has_not_happened(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    seed::definitions(&mut connection).await;
    let step = owner(&mut connection, Owner::Step).await;
    let mut tx = sqlx::Connection::begin(&mut *connection).await.unwrap();
    let first: Recorded = run(&mut tx, &request(step, State::InProgress)).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(history(&mut connection, step).await, []);
    let again = run(&mut connection, &request(step, State::InProgress)).await.unwrap();
    assert_eq!((again.sort_key, &again.from), (first.sort_key, &first.from));
}

#[sqlx::test(migrator = "tasker_core::store::MIGRATIONS")]
async fn metadata_that_is_no_json_is_the_databases_error(pool: PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    seed::definitions(&mut connection).await;
    let step = owner(&mut connection, Owner::Step).await;
    let request = Request {
        metadata: "{".into(),
        parents: Some(vec![StepId(step.id)]),
        ..request(step, State::Cancelled)
    };
    let error = transition(&mut Connection(&mut connection), &request).await.unwrap_err();
    assert!(error.to_string().contains("invalid input syntax for type json"), "{error}");
    assert_eq!(history(&mut connection, step).await, []);
}
