//! Many workflows at once.

use super::distribution::apportion;
use super::insert;
use super::{FactoryError, Workflow, WorkflowFactory};
use sqlx::PgConnection;

/// Begins `count` workflows of several kinds by their shares, exactly as [`apportion`] counts them.
///
/// ```
/// # mod doctest { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/doctest/database.rs")); }
/// # doctest::in_transaction(async |tx| {
/// use tasker_core::factories::{Pattern, workflow, workflows};
/// use tasker_core::transitions::StepState;
///
/// let failed = workflow(Pattern::Diamond).steps_in(StepState::Error);
/// let made = workflows(30, [(workflow(Pattern::Linear(5)), 0.3), (failed, 0.7)]).create(&mut *tx).await.unwrap();
/// let diamonds = made.iter().filter(|workflow| workflow.graph.name() == "diamond").count();
/// assert_eq!((made.len(), diamonds), (30, 21));
/// # Ok(()) });
/// ```
pub fn workflows(count: usize, kinds: impl IntoIterator<Item = (WorkflowFactory, f64)>) -> WorkflowBatch {
    WorkflowBatch { count, kinds: kinds.into_iter().collect(), seed: 0 }
}

/// Workflows to create.
///
/// ```
/// use tasker_core::factories::{Pattern, WorkflowBatch, workflow, workflows};
///
/// let batch: WorkflowBatch = workflows(10, [(workflow(Pattern::Linear(3)), 0.5), (workflow(Pattern::Diamond), 0.5)]).seed(7);
/// assert_eq!(batch.factories().unwrap().count(), 10);
/// ```
#[derive(Clone, Debug)]
pub struct WorkflowBatch {
    count: usize,
    kinds: Vec<(WorkflowFactory, f64)>,
    seed: u64,
}

impl WorkflowBatch {
    /// Decides what is random: each workflow gets a seed of its own from this one. 0 unless said.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The workflows one by one, those of one kind together, in the order of the kinds. O(count).
    ///
    /// # Errors
    ///
    /// [`FactoryError::InvalidShare`].
    pub fn factories(&self) -> Result<impl Iterator<Item = WorkflowFactory> + Send + '_, FactoryError> {
        let weights: Vec<f64> = self.kinds.iter().map(|(_, weight)| *weight).collect();
        let counts = apportion(self.count, &weights)?;
        let kinds = self.kinds.iter().zip(counts);
        let repeated = kinds.flat_map(|((kind, _), count)| std::iter::repeat_n(kind, count));
        let seed = self.seed;
        Ok(repeated.zip(0..).map(move |(kind, number)| kind.clone().seed(seed.wrapping_add(number))))
    }

    /// Creates them in chunks of 10,000 steps, some ten statements each; inside a transaction where the connection has one open, otherwise in
    /// one of its own.
    ///
    /// Memory is O(chunk), and what is returned: 8 bytes a step.
    ///
    /// # Errors
    ///
    /// [`FactoryError`]; nothing is written then.
    pub async fn create(self, connection: &mut PgConnection) -> Result<Vec<Workflow>, FactoryError> {
        insert::create_all(self.factories()?, connection).await
    }
}
