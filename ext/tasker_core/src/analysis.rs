//! Analyses of graphs: `TaskerCore::Native.template_analysis`, and `TaskerCore::Native::TaskGraph`, which a conversation gives.
//!
//! Each question names the backed method on whose behalf it is, and is counted for it.

use crate::boundary::guarded;
use crate::conversation::Answer;
use crate::counts;
use crate::values::{Form, into_ruby};
use magnus::{
    Class, Error, IntoValue, Module, Object, RArray, RHash, RModule, Ruby, TryConvert, Value, function,
    method,
};
use std::collections::{HashMap, HashSet};
use tasker_core::analysis::paths::{CriticalPaths, Limits, StepCondition, Weights, critical_paths};
use tasker_core::analysis::task_graph::TaskGraph;
use tasker_core::analysis::template::TemplateGraph;
use tasker_core::ids::StepId;
use tasker_core::state::State;

#[magnus::wrap(class = "TaskerCore::Native::TaskGraph", free_immediately, size)]
struct RubyTaskGraph(TaskGraph);

impl Answer for Option<TaskGraph> {
    fn into_ruby(self: Box<Self>, ruby: &Ruby) -> Result<Value, Error> {
        Ok(self.map(|graph| ruby.obj_wrap(RubyTaskGraph(graph))).into_value_with(ruby))
    }
}

/// A graph as a `TaskGraph`, or nil.
pub(crate) fn answer(graph: Option<TaskGraph>) -> Box<dyn Answer> {
    Box::new(graph)
}

impl RubyTaskGraph {
    /// `[{ id:, name:, level: }, …]`; what is on no level is on the first. Steps of one name share the text.
    fn nodes(ruby: &Ruby, this: &Self) -> Result<RArray, Error> {
        guarded(ruby, || {
            let level_of: HashMap<_, _> =
                this.0.levels().iter().map(|level| (level.step, level.level)).collect();
            let names = Names::of(ruby, &this.0)?;
            let [id_key, name_key, level_key] = ["id", "name", "level"].map(|key| ruby.to_symbol(key));
            let nodes = ruby.ary_new_capa(this.0.steps().len());
            for (id, _) in this.0.steps() {
                let node = ruby.hash_new_capa(3);
                node.aset(id_key, id.0)?;
                node.aset(name_key, names.of_step(ruby, *id)?)?;
                node.aset(level_key, level_of.get(id).copied().unwrap_or_default())?;
                nodes.push(node)?;
            }
            Ok(nodes)
        })
    }

    /// `[{ from:, to:, from_name:, to_name: }, …]`
    fn edges(ruby: &Ruby, this: &Self) -> Result<RArray, Error> {
        guarded(ruby, || {
            let names = Names::of(ruby, &this.0)?;
            let [from, to, from_name, to_name] =
                ["from", "to", "from_name", "to_name"].map(|key| ruby.to_symbol(key));
            let edges = ruby.ary_new_capa(this.0.edges().len());
            for edge in this.0.edges() {
                let row = ruby.hash_new_capa(4);
                row.aset(from, edge.from.0)?;
                row.aset(to, edge.to.0)?;
                row.aset(from_name, names.of_step(ruby, edge.from)?)?;
                row.aset(to_name, names.of_step(ruby, edge.to)?)?;
                edges.push(row)?;
            }
            Ok(edges)
        })
    }

    /// `{ id => [ids] }` of children, or of parents.
    fn neighbours(ruby: &Ruby, this: &Self, parents: bool) -> Result<RHash, Error> {
        guarded(ruby, || {
            let lists = ruby.hash_new();
            for (step, others) in this.0.neighbours(parents) {
                lists.aset(step.0, ruby.ary_from_iter(others.map(|other| other.0)))?;
            }
            Ok(lists)
        })
    }

    /// `{ id => level }`, by level.
    fn levels(ruby: &Ruby, this: &Self) -> Result<RHash, Error> {
        guarded(ruby, || {
            let levels = ruby.hash_new();
            for level in this.0.levels() {
                levels.aset(level.step.0, level.level)?;
            }
            Ok(levels)
        })
    }

    /// `[total as text, [roots], [leaves], [paths]]`, or nil if a root leads into a cycle.
    ///
    /// `steps` are `[id, state, dependencies satisfied, attempts]`, `weights` the nine of [`Weights`] in order.
    fn critical_paths(
        ruby: &Ruby,
        this: &Self,
        seam: String,
        steps: RArray,
        weights: RArray,
        most: usize,
    ) -> Result<Value, Error> {
        guarded(ruby, || {
            let steps: Vec<StepCondition> = steps.into_iter().map(condition).collect::<Result<_, _>>()?;
            let weights = weighed(weights)?;
            counts::count(&seam);
            let found = critical_paths(&this.0, &steps, &weights, Limits { most, ..Limits::default() });
            let found = found.map(|CriticalPaths { total, roots, leaves, paths, .. }| {
                (total.to_string(), roots, leaves, paths)
            });
            into_ruby(ruby, Form::Positional, &found)
        })
    }

    /// The ids of all steps behind one, or nil for one of another task.
    fn downstream(ruby: &Ruby, this: &Self, seam: String, step: i64) -> Result<Value, Error> {
        guarded(ruby, || {
            counts::count(&seam);
            into_ruby(ruby, Form::Positional, &this.0.downstream(StepId(step)))
        })
    }

    /// `{ id => [steps behind it, those of them in blocked] }`
    fn downstream_counts(ruby: &Ruby, this: &Self, blocked: Vec<i64>) -> Result<RHash, Error> {
        guarded(ruby, || {
            let blocked: HashSet<StepId> = blocked.into_iter().map(StepId).collect();
            let counts = ruby.hash_new();
            for (step, count) in this.0.downstream_counts(&blocked) {
                counts.aset(step.0, ruby.ary_from_iter([count.total, count.blocked]))?;
            }
            Ok(counts)
        })
    }
}

/// The names of steps as texts of Ruby, one for each name. The list keeps them alive.
struct Names {
    texts: RArray,
    place: HashMap<StepId, isize>,
}

impl Names {
    fn of(ruby: &Ruby, graph: &TaskGraph) -> Result<Self, Error> {
        let texts = ruby.ary_new();
        let mut known: HashMap<&str, isize> = HashMap::new();
        let mut place = HashMap::with_capacity(graph.steps().len());
        for (id, name) in graph.steps() {
            let next = known.len() as isize;
            let at = *known.entry(name).or_insert(next);
            if at == next {
                texts.push(&**name)?;
            }
            place.insert(*id, at);
        }
        Ok(Names { texts, place })
    }

    /// nil for a step of another task
    fn of_step(&self, ruby: &Ruby, step: StepId) -> Result<Value, Error> {
        match self.place.get(&step) {
            Some(&place) => self.texts.entry(place),
            None => Ok(ruby.qnil().into_value_with(ruby)),
        }
    }
}

fn condition(row: Value) -> Result<StepCondition, Error> {
    let row = RArray::try_convert(row)?;
    Ok(StepCondition {
        id: StepId(row.entry(0)?),
        state: State::from(row.entry::<String>(1)?),
        dependencies_satisfied: row.entry(2)?,
        attempts: row.entry(3)?,
    })
}

fn weighed(weights: RArray) -> Result<Weights, Error> {
    Ok(Weights {
        length: weights.entry(0)?,
        completed: weights.entry(1)?,
        blocked: weights.entry(2)?,
        error: weights.entry(3)?,
        retry: weights.entry(4)?,
        step_seconds: weights.entry(5)?,
        error_seconds: weights.entry(6)?,
        attempt_seconds: weights.entry(7)?,
        trouble: weights.entry(8)?,
    })
}

/// `[cycles, topology, levels, roots, leaves, depth, width]` in places of the list, or nil if a place is not in it.
fn template_analysis(ruby: &Ruby, seam: String, dependencies: RArray) -> Result<Value, Error> {
    guarded(ruby, || {
        let dependencies: Vec<Vec<usize>> =
            dependencies.into_iter().map(Vec::try_convert).collect::<Result<_, _>>()?;
        counts::count(&seam);
        let analysis = TemplateGraph::new(dependencies).map(|graph| graph.analyse());
        into_ruby(ruby, Form::Positional, &analysis)
    })
}

pub(crate) fn init(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    native.define_singleton_method("template_analysis", function!(template_analysis, 2))?;
    let class = native.define_class("TaskGraph", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_method("nodes", method!(RubyTaskGraph::nodes, 0))?;
    class.define_method("edges", method!(RubyTaskGraph::edges, 0))?;
    class.define_method("neighbours", method!(RubyTaskGraph::neighbours, 1))?;
    class.define_method("levels", method!(RubyTaskGraph::levels, 0))?;
    class.define_method("critical_paths", method!(RubyTaskGraph::critical_paths, 4))?;
    class.define_method("downstream", method!(RubyTaskGraph::downstream, 2))?;
    class.define_method("downstream_counts", method!(RubyTaskGraph::downstream_counts, 1))
}
