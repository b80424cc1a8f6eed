//! A database of one task in memory, which answers the statements of a run.
//!
//! PostgreSQL reads a statement's snapshot and then writes to the rows as they are by then: [`Database::answer`] takes both. What a statement
//! checks again under its locks is read from the rows, everything else from the snapshot.

use tasker_core::coroutine::{Coroutine, CoroutineState};
use tasker_core::ids::{StepId, TaskId};
use tasker_core::run::{StepEnd, StepExecution, StepOffer, StepResult, finish_steps};
use tasker_core::session::{Query, Rows, Value};
use tasker_core::time::Timestamp;

pub const TASK: TaskId = TaskId(7);
const SECOND: i64 = 1_000_000;

/// A step; its id is its place + 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    pub state: &'static str,
    /// Id of the most recent transition, 0 where there is none.
    pub transition: i64,
    pub attempts: i32,
    pub limit: i32,
    pub failed_at: i64,
    /// Transitions so far.
    moves: i64,
    /// Times that it went to complete.
    pub completions: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Database {
    pub now: i64,
    pub task: &'static str,
    pub task_transition: i64,
    pub complete: bool,
    pub steps: Vec<Step>,
    pub parents: Vec<Vec<usize>>,
    task_moves: i64,
}

fn done(state: &str) -> bool {
    state == "complete"
}

impl Database {
    /// `parents[n]` are the places of the parents of step `n`.
    pub fn new(parents: Vec<Vec<usize>>, limits: &[i32]) -> Self {
        let step = |limit: &i32| Step {
            state: "pending",
            transition: 0,
            attempts: 0,
            limit: *limit,
            failed_at: 0,
            moves: 0,
            completions: 0,
        };
        Database {
            now: 1_750_000_000 * SECOND,
            task: "pending",
            task_transition: 0,
            complete: false,
            steps: limits.iter().map(step).collect(),
            parents,
            task_moves: 0,
        }
    }

    /// Ids of transitions are unique, and the same in whatever order tasks and steps move.
    pub fn move_task(&mut self, to: &'static str) -> i64 {
        self.task_moves += 1;
        (self.task, self.task_transition) = (to, self.task_moves);
        self.task_transition
    }

    pub fn move_step(&mut self, place: usize, to: &'static str) -> i64 {
        let now = self.now;
        let step = &mut self.steps[place];
        step.moves += 1;
        let id = (place as i64 + 1) * 1_000 + step.moves;
        (step.state, step.transition) = (to, id);
        match to {
            "error" => step.failed_at = now,
            "complete" => step.completions += 1,
            _ => {}
        }
        id
    }

    pub fn parents_done(&self, place: usize) -> bool {
        self.parents[place].iter().all(|&parent| done(self.steps[parent].state))
    }

    /// The end of a failed step's wait, by the engine's rule.
    fn due(&self, place: usize) -> i64 {
        let step = &self.steps[place];
        step.failed_at + (1i64 << step.attempts.min(5)).min(30) * SECOND
    }

    pub fn ready(&self, place: usize) -> bool {
        let step = &self.steps[place];
        let waits = step.state == "error" && self.due(place) > self.now;
        matches!(step.state, "pending" | "error")
            && step.attempts < step.limit
            && self.parents_done(place)
            && !waits
    }

    /// Answers a statement whose snapshot is `seen`.
    pub fn answer(&mut self, seen: &Database, query: &Query) -> Rows {
        let rows = match query.name {
            "start and claim" => self.start_and_claim(seen, query),
            "start task" => self.start(seen),
            "state of a task" => {
                vec![vec![Value::Bool(seen.complete), Value::text(seen.task), id(seen.task_transition)]]
            }
            "look and claim" => self.look_and_claim(seen, query),
            "look" => {
                let look = seen.look(&query.binds[3], query.binds.get(5));
                vec![vec![ids_of(&look), names_of(&look), Value::Null]]
            }
            "finish and claim" => self.finish_and_claim(seen, query),
            // No answer is lost here.
            "written end" => Vec::new(),
            "moves of steps" => self.complete_steps(query),
            "standings of steps" => standings(seen, query),
            "task execution context" => seen.context(),
            "finish task" => self.finish_task(seen, query),
            "transition" => self.leave(query),
            other => panic!("no answer to {other}"),
        };
        Rows::from(rows)
    }

    fn start(&mut self, seen: &Database) -> Vec<Vec<Value>> {
        // The transition that the snapshot has is the one that is locked.
        if seen.task != "pending" || seen.complete || self.task_transition != seen.task_transition {
            return Vec::new();
        }
        let claim = self.move_task("in_progress");
        let edges: Vec<(usize, usize)> = seen.edges().collect();
        let done = (0..seen.steps.len()).filter(|&place| done(seen.steps[place].state));
        vec![vec![
            Value::Int(claim),
            Value::int_array((1..).take(seen.steps.len())),
            Value::int_array(edges.iter().map(|edge| edge.0 as i64 + 1)),
            Value::int_array(edges.iter().map(|edge| edge.1 as i64 + 1)),
            Value::int_array(done.map(|place| place as i64 + 1)),
        ]]
    }

    fn start_and_claim(&mut self, seen: &Database, query: &Query) -> Vec<Vec<Value>> {
        let look = seen.look_of(None);
        let retries = query.binds[7] == Value::Bool(true);
        let look: Vec<usize> =
            look.into_iter().filter(|&place| retries || seen.steps[place].state != "error").collect();
        let slots = int(&query.binds[1]) as usize;
        let fresh = |place: &usize| seen.steps[*place].transition == 0;
        let moved = |place: &usize| self.steps[*place].transition != seen.steps[*place].transition;
        let slice: Vec<usize> =
            look.iter().copied().filter(|place| fresh(place) || !moved(place)).take(slots).collect();
        if slice.is_empty() {
            return Vec::new();
        }
        let started = self.clone().start(seen);
        if !started.is_empty() && slice.iter().any(moved) {
            // The index refuses it, and it is run again.
            let seen = self.clone();
            return self.start_and_claim(&seen, query);
        }
        let Some(started) = self.start(seen).pop() else { return Vec::new() };
        let mut rows = self.claim_steps(query, &look, &slice);
        for (index, row) in rows.iter_mut().enumerate() {
            let first = if index == 0 { started.clone() } else { vec![Value::Null; 5] };
            row.extend(first);
        }
        rows
    }

    fn edges(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let edges = self.parents.iter().enumerate();
        edges.flat_map(|(to, parents)| parents.iter().map(move |&from| (from, to)))
    }

    /// Whether the task is not in progress by another claim.
    fn owns_task(&self, claim: &Value) -> bool {
        self.task != "in_progress" || *claim == Value::Int(self.task_transition)
    }

    fn look_and_claim(&mut self, seen: &Database, query: &Query) -> Vec<Vec<Value>> {
        let look = seen.look(&query.binds[4], query.binds.get(8));
        let retries = query.binds[7] == Value::Bool(true);
        let look: Vec<usize> =
            look.into_iter().filter(|&place| retries || seen.steps[place].state != "error").collect();
        let slots = int(&query.binds[1]) as usize;
        // A step that has moved since the snapshot is not claimed.
        let unmoved = |place: &usize| self.steps[*place].transition == seen.steps[*place].transition;
        let slice: Vec<usize> = look.iter().copied().filter(unmoved).take(slots).collect();
        self.claim_steps(query, &look, &slice)
    }

    fn claim_steps(&mut self, query: &Query, look: &[usize], slice: &[usize]) -> Vec<Vec<Value>> {
        let records = query.binds[5] == Value::Bool(true);
        let mut rows = Vec::new();
        for (index, &place) in slice.iter().enumerate() {
            let was = self.steps[place].state;
            let pending = (was == "error").then(|| self.move_step(place, "pending"));
            let claim = self.move_step(place, "in_progress");
            let first = |value: Value| if index == 0 { value } else { Value::Null };
            rows.push(vec![
                Value::text("in_progress"),
                self.execution(place, claim, was),
                Value::Null,
                Value::Null,
                first(ids_of(look)),
                first(if records { names_of(look) } else { Value::Null }),
            ]);
            rows.extend(pending.map(|_| [vec![Value::text("pending")], vec![Value::Null; 5]].concat()));
        }
        rows
    }

    /// The ready steps for a worker with that claim of the task.
    fn look(&self, claim: &Value, among: Option<&Value>) -> Vec<usize> {
        if self.owns_task(claim) { self.look_of(among) } else { Vec::new() }
    }

    fn look_of(&self, among: Option<&Value>) -> Vec<usize> {
        let among = among.map(ints);
        let chosen = |place: &usize| among.as_ref().is_none_or(|ids| ids.contains(&(*place as i64 + 1)));
        (0..self.steps.len()).filter(|place| self.ready(*place)).filter(chosen).collect()
    }

    fn execution(&self, place: usize, claim: i64, was: &str) -> Value {
        let step = &self.steps[place];
        let (id, attempts, limit) = (place + 1, step.attempts, step.limit);
        Value::text(format!(r#"[{id}, {claim}, "step {id}", "{{}}", null, {attempts}, {limit}, "{was}"]"#))
    }

    fn finish_and_claim(&mut self, seen: &Database, query: &Query) -> Vec<Vec<Value>> {
        let place = int(&query.binds[0]) as usize - 1;
        let claim = int(&query.binds[1]);
        if self.steps[place].state != "in_progress"
            || self.steps[place].transition != claim
            || seen.steps[place].transition != claim
        {
            return Vec::new();
        }
        let to = if query.binds[2] == Value::text("complete") { "complete" } else { "error" };
        self.steps[place].attempts += 1;
        self.move_step(place, to);
        let mut rows = vec![vec![Value::text(to), Value::Null, Value::Null, Value::Null]];
        if let (Value::Int(next), "complete") = (&query.binds[5], to) {
            let next = *next as usize - 1;
            let others = seen.parents[next].iter().filter(|&&parent| parent != place);
            let alone = others.into_iter().all(|&parent| done(seen.steps[parent].state));
            let child = seen.parents[next].contains(&place);
            let fresh = seen.steps[next].state == "pending"
                && seen.steps[next].attempts == 0
                && seen.steps[next].limit > 0;
            let unmoved = self.steps[next].transition == seen.steps[next].transition;
            if child && alone && fresh && unmoved && seen.owns_task(&query.binds[8]) {
                let claim = self.move_step(next, "in_progress");
                rows.push(vec![
                    Value::text("in_progress"),
                    self.execution(next, claim, "pending"),
                    Value::Null,
                    Value::Null,
                ]);
            }
        }
        rows
    }

    /// The ends of many, all of them to complete.
    fn complete_steps(&mut self, query: &Query) -> Vec<Vec<Value>> {
        let (steps, claims) = (ints(&query.binds[0]), ints(&query.binds[13]));
        let mut made = Vec::new();
        for (step, claim) in steps.into_iter().zip(claims) {
            let place = step as usize - 1;
            if self.steps[place].state == "in_progress" && self.steps[place].transition == claim {
                self.steps[place].attempts += 1;
                made.push((step, self.move_step(place, "complete")));
            }
        }
        let ids = || Value::int_array(made.iter().map(|(step, _)| *step));
        let was = Value::text_array(made.iter().map(|_| "in_progress"));
        let transitions = || Value::int_array(made.iter().map(|(_, id)| *id));
        vec![vec![ids(), was, ids(), transitions(), transitions()]]
    }

    fn context(&self) -> Vec<Vec<Value>> {
        let all = || 0..self.steps.len();
        let texts = |of: &dyn Fn(usize) -> Option<String>| Value::optional_text_array(all().map(of));
        let step = |place: usize| &self.steps[place];
        let flags = |of: &dyn Fn(usize) -> bool| array(all().map(|place| flag(of(place))));
        let failed = |place: usize| (step(place).state == "error").then(|| step(place).failed_at);
        let nulls = || array(all().map(|_| None::<i64>));
        let edges: Vec<(usize, usize)> = self.edges().collect();
        vec![vec![
            Value::Int(self.now),
            Value::int_array((1..).take(self.steps.len())),
            Value::int_array(all().map(|_| TASK.0)),
            Value::int_array(all().map(|_| 1)),
            texts(&|place| Some(format!("step {}", place + 1))),
            texts(&|place| (step(place).transition > 0).then(|| step(place).state.to_owned())),
            array(all().map(failed)),
            flags(&|place| step(place).state == "complete"),
            flags(&|_| false),
            flags(&|_| true),
            Value::int_array(all().map(|place| step(place).attempts.into())),
            Value::int_array(all().map(|place| step(place).limit.into())),
            nulls(),
            nulls(),
            Value::int_array(edges.iter().map(|edge| edge.1 as i64 + 1)),
            array(edges.iter().map(|edge| flag(done(step(edge.0).state)))),
            Value::int_array([TASK.0]),
            Value::int_array([1]),
            Value::text_array([self.task]),
        ]]
    }

    fn finish_task(&mut self, seen: &Database, query: &Query) -> Vec<Vec<Value>> {
        let open = seen.steps.iter().any(|step| !done(step.state));
        if open || self.task != "in_progress" || query.binds[2] != Value::Int(self.task_transition) {
            return Vec::new();
        }
        self.complete = true;
        let id = self.move_task("complete");
        vec![vec![Value::Int(id), Value::Int(20)]]
    }

    fn leave(&mut self, query: &Query) -> Vec<Vec<Value>> {
        if self.task != "in_progress" || query.binds[6] != Value::Int(self.task_transition) {
            return Vec::new();
        }
        let to = if query.binds[1] == Value::text("error") { "error" } else { "pending" };
        let id = self.move_task(to);
        vec![vec![Value::Int(id), Value::Int(20), Value::text("in_progress")]]
    }
}

fn standings(seen: &Database, query: &Query) -> Vec<Vec<Value>> {
    let steps = ints(&query.binds[0]);
    let step = |id: &i64| &seen.steps[*id as usize - 1];
    vec![vec![
        query.binds[0].clone(),
        Value::text_array(steps.iter().map(|id| step(id).state)),
        array(steps.iter().map(|id| flag(seen.parents_done(*id as usize - 1)))),
        Value::int_array(steps.iter().map(|id| step(id).transition)),
        array(steps.iter().map(|_| None::<i64>)),
    ]]
}

fn ids_of(places: &[usize]) -> Value {
    Value::int_array(places.iter().map(|&place| place as i64 + 1))
}

fn names_of(places: &[usize]) -> Value {
    let names: Vec<String> = places.iter().map(|place| format!("step {}", place + 1)).collect();
    Value::text_array(names.iter().map(String::as_str))
}

/// An array of integers, booleans and nulls as PostgreSQL writes it.
fn array<T: ToString>(items: impl Iterator<Item = Option<T>>) -> Value {
    let items: Vec<String> =
        items.map(|item| item.map_or("NULL".to_owned(), |item| item.to_string())).collect();
    Value::text(format!("{{{}}}", items.join(",")))
}

fn flag(value: bool) -> Option<char> {
    Some(if value { 't' } else { 'f' })
}

fn id(id: i64) -> Value {
    if id == 0 { Value::Null } else { Value::Int(id) }
}

fn int(value: &Value) -> i64 {
    let Value::Int(value) = value else { panic!("an integer, got {value:?}") };
    *value
}

fn ints(value: &Value) -> Vec<i64> {
    let Value::Text(literal) = value else { panic!("an array, got {value:?}") };
    let items = literal.trim_matches(['{', '}']).split(',').filter(|item| !item.is_empty());
    items.map(|item| item.trim_matches('"').parse().unwrap()).collect()
}

/// Writes ends by the crate's own operation; `answer` runs its statements.
pub fn finish(
    attempts: Vec<(StepExecution, StepResult)>,
    now: i64,
    answer: impl FnMut(&Query) -> Rows,
) -> Vec<StepEnd> {
    let coroutine =
        Coroutine::start(
            |mut session| async move { finish_steps(&mut session, &attempts, Timestamp(now)).await },
        );
    hosted(coroutine, answer)
}

/// Claims an offered step by the crate's own operation.
pub fn claim(offer: StepOffer, now: i64, answer: impl FnMut(&Query) -> Rows) -> Option<StepExecution> {
    let coroutine =
        Coroutine::start(|mut session| async move { offer.claim(&mut session, Timestamp(now)).await });
    hosted(coroutine, answer)
}

fn hosted<T>(mut coroutine: Coroutine<T>, mut answer: impl FnMut(&Query) -> Rows) -> T {
    let mut rows = None;
    loop {
        match coroutine.resume(rows).unwrap() {
            CoroutineState::Ask(query) => rows = Some(answer(&query)),
            CoroutineState::Done(answer) => return answer,
        }
    }
}

/// The place of a step.
pub fn place(step: StepId) -> usize {
    step.0 as usize - 1
}
