# frozen_string_literal: true

require_relative "../rails_helper"

# Workflows whose handlers, hooks and subscribers look around and meddle while the engine runs them.
RSpec.describe Tasker::Orchestration::WorkflowCoordinator do
  # Everything that can be asked about a step, of the object given and of the database.
  look = lambda do |task, sequence, step|
    fresh = Tasker::WorkflowStep.find(step.id)
    questions = %i[status complete? in_progress? pending? in_error? ready? dependencies_satisfied? has_retry_attempts? retry_exhausted?]
    {
      "task" => [task.status, Tasker::Task.find(task.id).status, task.all_steps_complete?],
      "step" => [step, fresh].map { |each| questions.map { |question| each.public_send(question) } },
      "machine" => [step.state_machine.allowed_transitions, step.state_machine.last_transition&.to_state, step.state_machine.history.size],
      "attributes" => [step, fresh].map { |each| each.attributes.slice("attempts", "processed", "in_process", "results") },
      "parents" => step.parents.map { |parent| [parent.name, parent.status, parent.results] }.sort_by(&:first),
      "children" => step.children.map { |child| [child.name, child.status] }.sort,
      "sequence" => sequence.steps.map { |each| [each.name, each.status] }.sort,
      "context" => Tasker::TaskExecutionContext.find(task.id).attributes.except("task_id", "named_task_id").transform_values(&:to_s),
      "transitions" => fresh.workflow_step_transitions.order(:sort_key).map(&:to_state)
    }
  end

  it "lets handlers write to their task while its caller has a transaction open" do
    write = ->(task, _, step) { Tasker::Task.find(task.task_id).update!(reason: "written by #{step.name}") && {} }
    workflow = ScriptedWorkflow.new("caller_in_transaction", { "a" => write, "e" => write })
    expect do
      task = workflow.create
      Tasker::Task.transaction { workflow.run(task) }
      [Tasker::Task.find(task.task_id).slice(:complete, :reason), task.workflow_steps.map(&:status).tally]
    end.to answer_alike
  end

  find = ->(task, name) { Tasker::WorkflowStep.joins(:named_step).find_by!(task_id: task.id, tasker_named_steps: { name: }) }
  move = ->(task, name, to) { find.call(task, name).state_machine.transition_to!(to) }

  inner = ShapeWorkflow.new(Shapes.linear(2).with(name: "inner"))

  handlers = {
    "look around" => { "b" => look, "e" => look },
    "look around on another thread" => {
      "b" => ->(task, sequence, step) { Thread.new { Tasker::ApplicationRecord.connection_pool.with_connection { look.call(task, sequence, step) } }.value }
    },
    "look around in a fiber" => { "b" => ->(*arguments) { Fiber.new { look.call(*arguments) }.resume } },
    "cancel a step behind them" => { "b" => ->(task, *) { { "done" => move.call(task, "e", "cancelled") } } },
    "resolve a step behind them" => { "a" => ->(task, *) { { "done" => move.call(task, "b", "resolved_manually") } } },
    "cancel their own step" => { "b" => ->(_, _, step) { { "done" => step.state_machine.transition_to!("cancelled") } } },
    "complete their own step" => { "b" => ->(_, _, step) { { "done" => step.state_machine.transition_to!("complete") } } },
    "complete their own step as another object" => { "b" => ->(task, *) { { "done" => move.call(task, "b", "complete") } } },
    "write transitions by hand" => {
      "b" => lambda do |_, _, step|
        Tasker::WorkflowStepTransition.where(workflow_step_id: step.id).update_all(to_state: "cancelled")
        { "now" => step.status, "can" => step.state_machine.can_transition_to?("complete") }
      end
    },
    "write the task's state by hand" => {
      "e" => lambda do |task, *|
        Tasker::TaskTransition.where(task_id: task.id, most_recent: true).update_all(to_state: "error")
        { "now" => task.status }
      end
    },
    "cancel the task" => { "b" => ->(task, *) { { "done" => Tasker::Task.find(task.id).state_machine.transition_to!("cancelled") } } },
    "change columns of their step" => {
      "b" => lambda do |_, _, step|
        step.inputs = { "changed" => true }
        step.retry_limit = 7
        { "changed" => step.changed.sort }
      end
    },
    "save their step" => { "b" => ->(_, _, step) { step.update!(inputs: { "saved" => true }) && { "saved" => step.status } } },
    "reload their step" => { "b" => ->(_, _, step) { { "reloaded" => step.reload.status, "task" => step.task.status } } },
    "add an edge" => { "a" => ->(task, *) { find.call(task, "c").add_provides_edge!(find.call(task, "d")) && {} } },
    "take an edge away" => {
      "a" => ->(task, *) { Tasker::WorkflowStepEdge.where(from_step: find.call(task, "d"), to_step: find.call(task, "e")).delete_all && {} }
    },
    "have a step done again by hand" => {
      "c" => lambda do |task, *|
        step = find.call(task, "a")
        step.workflow_step_transitions.where(most_recent: true).update_all(to_state: "pending")
        step.update_columns(processed: false, in_process: false)
        { "a" => step.attempts }
      end
    },
    "ask for a later attempt" => { "b" => ->(_, _, step) { (step.backoff_request_seconds = 60) && raise("later") } },
    "return nothing" => { "b" => ->(*) {} },
    "return something that is not a hash" => { "b" => ->(*) { [1, "two", nil, 3.5] } },
    "return instants and symbols" => { "b" => ->(*) { { at: Time.utc(2024), kind: :symbol, big: 10**30, text: "é\u2028<&>" } } },
    "return what cannot be stored" => { "b" => ->(*) { { "null" => "\u0000" } } },
    "return what cannot be encoded" => { "b" => ->(*) { { "text" => "\xff" } } },
    "raise" => { "b" => ->(*) { raise ArgumentError, "no" } },
    "raise a permanent error" => { "b" => ->(*) { raise Tasker::PermanentError, "no" } },
    "raise a retryable error" => { "b" => ->(*) { raise Tasker::RetryableError.new("no", retry_after: 30) } },
    "raise an error with a strange message" => { "b" => ->(*) { raise "é\u2028'\"\\ %s" } },
    "raise an error that cannot be stored" => { "b" => ->(*) { raise "\u0000" } },
    "raise after changing their step" => {
      "b" => lambda do |_, _, step|
        step.assign_attributes(results: { "part" => 1 }, inputs: { "x" => 1 })
        raise "no"
      end
    },
    "raise over results that are not a hash" => { "b" => ->(_, _, step) { (step.results = [1]) && raise("no") } },
    "raise a database error" => { "b" => ->(*) { Tasker::ApplicationRecord.connection.execute("SELECT 1/0") } },
    "open a transaction" => { "b" => ->(task, *) { Tasker::ApplicationRecord.transaction { move.call(task, "e", "cancelled") } && {} } },
    "roll a transaction back" => {
      "b" => lambda do |task, _, step|
        Tasker::ApplicationRecord.transaction do
          move.call(task, "e", "cancelled")
          raise ActiveRecord::Rollback
        end
        { "e" => find.call(task, "e").status, "b" => step.status }
      end
    },
    "roll a move of their own step back" => {
      # By another object: the engine leaves what was rolled back in the history of the one at hand.
      "b" => lambda do |task, _, step|
        Tasker::ApplicationRecord.transaction do
          move.call(task, "b", "complete")
          raise ActiveRecord::Rollback
        end
        { "status" => step.status }
      end
    },
    "switch the gem off" => { "b" => ->(task, sequence, step) { TaskerCore.without { look.call(task, sequence, step) } } },
    "run a workflow of their own" => {
      "b" => lambda do |*|
        task = inner.create
        inner.run(task)
        { "inner" => task.status, "steps" => task.workflow_steps.map(&:status) }
      end
    }
  }

  # Lines of the engine's log name the state that a step was in before somebody wrote past the state machines.
  def run_as_told(workflow, what, **)
    run_of(workflow, **).except(*(:log if what.include?("by hand")))
  end

  handlers.each_with_index do |(what, script), index|
    it "runs handlers that #{what}" do
      workflow = ScriptedWorkflow.new("scripted_#{index}", script, retry_limit: what == "ask for a later attempt" ? 2 : 1)
      expect { run_as_told(workflow, what) }.to answer_alike
    end
  end

  # As they are where there are very many steps.
  context "with rounds that look at no more than what may come next" do
    before do
      stub_const("TaskerCore::Run::Horizon::FEW", 0)
      stub_const("TaskerCore::Run::Horizon::SHARE", 0)
    end

    # The engine puts an edge of the template back in the next round, the gem when it looks at everything again.
    handlers.except("take an edge away").each_with_index do |(what, script), index|
      it "runs handlers that #{what}" do
        workflow = ScriptedWorkflow.new("parted_#{index}", script, retry_limit: what == "ask for a later attempt" ? 2 : 1)
        expect { run_as_told(workflow, what) }.to answer_alike
      end
    end

    ["look around", "raise", "cancel their own step"].each do |what|
      it "runs handlers that #{what} without listeners" do
        workflow = ScriptedWorkflow.new("unheard_#{what.tr(" ", "_")}", handlers.fetch(what))
        expect { run_of(workflow, listen: :nowhere) }.to answer_alike
      end
    end
  end

  ["roll a move of their own step back", "complete their own step", "cancel their own step", "raise"].each do |what|
    it "runs handlers that #{what} while the application listens" do
      workflow = ScriptedWorkflow.new("heard_#{what.tr(" ", "_")}", handlers.fetch(what))
      expect { run_of(workflow, listen: :subscribed) }.to answer_alike
    end
  end

  # Their `handle` is not the engine's, which publishes events around it.
  ["look around", "write transitions by hand", "write the task's state by hand", "cancel a step behind them",
   "complete their own step", "change columns of their step", "raise", "return nothing",
   "return something that is not a hash", "raise over results that are not a hash"].each_with_index do |what, index|
    it "runs handlers without a base class that #{what}" do
      workflow = ScriptedWorkflow.new("plain_#{index}", handlers.fetch(what), handler: ScriptedWorkflow::Plain)
      expect { run_as_told(workflow, what) }.to answer_alike
    end
  end

  hooks = {
    "establish_step_dependencies_and_defaults" => Module.new do
      def establish_step_dependencies_and_defaults(_task, steps)
        steps.find { |step| step.name == "c" }.update!(retry_limit: 9, inputs: { "by" => "hook", "status" => steps.map(&:status) })
      end
    end,
    "update_annotations" => Module.new do
      def update_annotations(task, sequence, steps)
        task.update!(reason: [task.status, sequence.steps.map(&:status).sort, steps.map(&:status).sort].join(" ").first(120))
      end
    end,
    "schema" => Module.new do
      def schema = { type: "object", required: ["batch"] }
    end
  }

  hooks.each do |what, hook|
    it "runs a task handler with #{what} of its own" do
      workflow = ScriptedWorkflow.new("hooked_#{what}", {}, hooks: hook)
      expect { run_of(workflow) }.to answer_alike
    end
  end

  # Subscribes for the length of a block.
  def subscribed(listener, *names)
    listeners = Tasker::Events::Publisher.instance.__bus__.listeners
    names.each { |name| listeners[name] << [listener, Dry::Events::Filter.new({})] }
    yield
  ensure
    names.each { |name| listeners[name].delete_if { |candidate, _| candidate.equal?(listener) } }
  end

  describe "with subscribers" do
    it "passes them the database's present values" do
      workflow = ScriptedWorkflow.new("looking", {})
      expect do
        seen = Queue.new
        names = %w[step.execution_requested step.before_handle step.completed task.completed workflow.steps_execution_completed]
        listener = lambda do |event|
          step = Tasker::WorkflowStep.find_by(workflow_step_id: event[:step_id])
          task = Tasker::Task.find(event[:task_id])
          seen << [step&.name.to_s, event.id, step&.status, step&.parents&.map(&:status), task.status]
        end
        subscribed(listener, *names) { run_of(workflow) }
        Array.new(seen.size) { seen.pop }.group_by(&:first).sort
      end.to answer_alike
    end

    it "passes them the values that they have written by hand" do
      workflow = ScriptedWorkflow.new("writing", {})
      expect do
        seen = []
        listener = lambda do |event|
          step = Tasker::WorkflowStep.find(event[:step_id])
          next if step.name != "b" || step.status != "complete"

          step.workflow_step_transitions.where(most_recent: true).update_all(to_state: "error")
          seen << [step.status, step.task.workflow_steps.map(&:status).sort]
          step.workflow_step_transitions.where(most_recent: true).update_all(to_state: "complete")
        end
        [subscribed(listener, "step.completed") { run_of(workflow) }, seen]
      end.to answer_alike
    end

    it "lets them move steps" do
      workflow = ScriptedWorkflow.new("meddling", {})
      listener = lambda do |event|
        find.call(Tasker::Task.find(event[:task_id]), "e").state_machine.transition_to("cancelled") if event[:step_name] == "b"
      end
      expect { subscribed(listener, "step.completed") { run_of(workflow) } }.to answer_alike
    end
  end

  describe "with subscribers that correct what has failed" do
    mend = {
      "by the machine" => ->(step) { step.state_machine.transition_to!("resolved_manually") },
      "by hand" => ->(step) { step.workflow_step_transitions.where(most_recent: true).update_all(to_state: "complete") },
      "on another thread" => lambda do |step|
        Thread.new do
          Tasker::ApplicationRecord.connection_pool.with_connection { step.state_machine.transition_to!("resolved_manually") }
        end.join
      end
    }

    mend.each do |how, change|
      it "goes on from there (#{how})" do
        workflow = ScriptedWorkflow.new("mended_#{how.tr(" ", "_")}", { "b" => ->(*) { raise "no" } })
        listener = lambda do |event|
          step = Tasker::WorkflowStep.find(event[:step_id])
          change.call(step) if step.status == "error" && Tasker::ApplicationRecord.connection.open_transactions.zero?
        end
        expect { subscribed(listener, "step.failed") { run_of(workflow) } }.to answer_alike
      end
    end
  end

  describe "with callbacks on the machine" do
    it "calls them for each step" do
      workflow = ScriptedWorkflow.new("called_back", { "b" => ->(*) { raise "no" } })
      expect do
        calls = Queue.new
        run = with_callbacks(Tasker::StateMachine::StepStateMachine) do |machine|
          note = ->(phase, step, transition) { calls << [step.name, phase, step.status, transition.to_state] }
          machine.before_transition { |step, transition| note.call(:before, step, transition) }
          machine.after_transition { |step, transition| note.call(:after, step, transition) }
          machine.after_transition(after_commit: true) { |step, transition| note.call(:commit, step, transition) }
          run_of(workflow)
        end
        [run, Array.new(calls.size) { calls.pop }.group_by(&:first).sort]
      end.to answer_alike
    end

    it "does not run steps that a guard of theirs holds back" do
      workflow = ScriptedWorkflow.new("held_back", {})
      expect do
        with_callbacks(Tasker::StateMachine::StepStateMachine) do |machine|
          machine.guard_transition(to: "complete") { |step| step.name != "b" }
          run_of(workflow)
        end
      end.to answer_alike
    end
  end

  describe "in the transaction of a test", :transactional do
    it "runs all threads on the one connection" do
      workflow = ScriptedWorkflow.new("transactional", { "b" => look, "c" => ->(*) { raise "no" } })
      expect { with_new_threads { run_of(workflow) } }.to answer_alike
    end
  end
end
