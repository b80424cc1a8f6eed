//! Ids that become visible out of order, in a model of transactions.

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use std::collections::{BTreeMap, BTreeSet};
use tasker_core::events::Cursor;

#[derive(Clone, Debug)]
enum Action {
    /// Takes the lock.
    Begin(u8),
    /// Draws an id and inserts its row.
    Insert(u8),
    Commit(u8),
    Rollback(u8),
    FindWriters,
    Read,
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let session = 0..4u8;
    let action = prop_oneof![
        2 => session.clone().prop_map(Action::Begin),
        4 => session.clone().prop_map(Action::Insert),
        2 => session.clone().prop_map(Action::Commit),
        1 => session.prop_map(Action::Rollback),
        2 => Just(Action::FindWriters),
        3 => Just(Action::Read),
    ];
    prop::collection::vec(action, 0..120)
}

/// A table with a sequence, its transactions, and a reader.
#[derive(Default)]
struct Model {
    drawn: i64,
    transactions: u32,
    open: BTreeMap<u8, (String, Vec<i64>)>,
    committed: BTreeSet<i64>,
    cursor: Cursor,
    delivered: Vec<i64>,
}

impl Model {
    fn act(&mut self, action: &Action, limit: usize) {
        match action {
            Action::Begin(session) => {
                self.transactions += 1;
                let name = format!("{session}/{}", self.transactions);
                self.open.entry(*session).or_insert((name, Vec::new()));
            }
            Action::Insert(session) => {
                if let Some((_, ids)) = self.open.get_mut(session) {
                    self.drawn += 1;
                    ids.push(self.drawn);
                }
            }
            Action::Commit(session) => {
                let ended = self.open.remove(session);
                self.committed.extend(ended.into_iter().flat_map(|(_, ids)| ids));
            }
            Action::Rollback(session) => {
                self.open.remove(session);
            }
            Action::FindWriters => {
                let writers = self.open.values().map(|(name, _)| name.clone()).collect();
                self.cursor.wait_for(&writers);
            }
            Action::Read => self.read(limit),
        }
    }

    /// What the statement of the feed reads.
    fn read(&mut self, limit: usize) {
        let gaps: Vec<_> = self.cursor.gaps().collect();
        let last = self.cursor.last();
        let is_read = |id: &&i64| **id > last || gaps.iter().any(|(first, last)| (first..=last).contains(id));
        let ids: Vec<i64> = self.committed.iter().filter(is_read).take(limit).copied().collect();
        let up_to = if ids.len() == limit { ids.last().copied() } else { None };
        self.cursor.read(&ids, up_to);
        self.delivered.extend(ids);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_committed_id_is_read_once(actions in actions(), limit in 1..6usize) {
        let mut model = Model::default();
        for action in &actions {
            model.act(action, limit);
        }
        for session in 0..4 {
            model.act(&Action::Commit(session), limit);
        }
        // All transactions have ended: a look at the writers, and reads until nothing is left.
        let rounds = model.committed.len() + 2;
        for _ in 0..rounds {
            model.act(&Action::FindWriters, limit);
            model.act(&Action::Read, limit);
        }
        let mut delivered = model.delivered.clone();
        delivered.sort_unstable();
        prop_assert_eq!(delivered, model.committed.into_iter().collect::<Vec<_>>());
        prop_assert_eq!(model.cursor.gaps().count(), 0, "{:?}", model.cursor);
    }

    #[test]
    fn a_position_that_was_kept_misses_nothing(actions in actions(), at in 0..120usize) {
        let mut model = Model::default();
        for (index, action) in actions.iter().enumerate() {
            if index == at {
                let kept = serde_json::to_string(&model.cursor).unwrap();
                model.cursor = serde_json::from_str(&kept).unwrap();
            }
            model.act(action, usize::MAX);
        }
        for session in 0..4 {
            model.act(&Action::Commit(session), usize::MAX);
        }
        model.act(&Action::Read, usize::MAX);
        let mut delivered = model.delivered.clone();
        delivered.sort_unstable();
        prop_assert_eq!(delivered, model.committed.into_iter().collect::<Vec<_>>());
    }
}
