//! A task whose steps have just been created, as a survey would show it.

use super::sequence::Template;
use super::survey::{Survey, SurveyedStep, Version, task_details};
use crate::error::Error;
use crate::facts::{Edge, ParentCount, StepDetails, StepFacts, TaskFacts};
use crate::ids::{NamedStepId, NamedTaskId, StepId, TaskId};
use crate::session::Row;
use crate::state::State;
use crate::time::Timestamp;

/// The steps that were created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// In the order of the templates.
    pub steps: Vec<StepId>,
    /// The task with them, as it was left: what [`survey`](super::survey::survey) would say next, except for the versions of the rows.
    pub survey: Survey,
}

/// What was asked for.
pub(super) struct Wanted<'a> {
    pub(super) task: TaskId,
    pub(super) templates: &'a [Template],
    /// Pairs of places in `templates`.
    pub(super) edges: &'a [(usize, usize)],
    pub(super) at: Timestamp,
}

impl Wanted<'_> {
    /// Reads the answer to [`create`](crate::sql::sequence::create). O(steps + edges)
    pub(super) fn created(&self, row: Row<'_>) -> Result<Created, Error> {
        let steps: Vec<StepId> = row.int_array(1)?.into_iter().map(StepId).collect();
        let named_steps = row.int_array(2)?;
        let of_templates = "an array of one element a template";
        for (column, length) in [(1, steps.len()), (2, named_steps.len())] {
            if length != self.templates.len() {
                return Err(row.unexpected(column, of_templates));
            }
        }
        let inputs: Box<str> = row.text(3)?.into();
        let parents = self.parents();
        let surveyed = self.templates.iter().enumerate().map(|(place, template)| SurveyedStep {
            facts: self.facts(steps[place], NamedStepId(named_steps[place]), template, parents[place]),
            version: Version::default(),
            details: Some(self.details(template, inputs.clone())),
        });
        let mut surveyed: Vec<SurveyedStep> = surveyed.collect();
        surveyed.sort_unstable_by_key(|step| step.facts.id);
        let survey = Survey {
            now: row.timestamp(0)?,
            task: TaskFacts {
                id: self.task,
                named_task_id: NamedTaskId(row.int(4)?),
                state: row.optional_text(5)?.map(State::from),
            },
            task_version: Version::default(),
            task_details: Some(task_details(row, 6)?),
            steps: surveyed,
            edges: self.edges.iter().map(|&(from, to)| Edge { from: steps[from], to: steps[to] }).collect(),
            latest_completion: None,
        };
        Ok(Created { steps, survey })
    }

    fn parents(&self) -> Vec<ParentCount> {
        let mut parents = vec![ParentCount::default(); self.templates.len()];
        for &(_, to) in self.edges {
            parents[to].total += 1;
        }
        parents
    }

    fn facts(
        &self,
        id: StepId,
        named_step_id: NamedStepId,
        template: &Template,
        parents: ParentCount,
    ) -> StepFacts {
        StepFacts {
            id,
            task_id: self.task,
            named_step_id,
            name: template.name.clone(),
            state: None,
            failed_at: None,
            processed: false,
            in_process: false,
            retryable: template.retryable,
            attempts: Some(0),
            retry_limit: Some(template.retry_limit),
            backoff_request_seconds: None,
            last_attempted_at: None,
            parents,
        }
    }

    fn details(&self, template: &Template, inputs: Box<str>) -> StepDetails {
        StepDetails {
            skippable: template.skippable,
            processed_at: None,
            inputs: Some(inputs),
            results: Some("{}".into()),
            created_at: self.at,
            updated_at: self.at,
        }
    }
}
