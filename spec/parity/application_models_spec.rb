# frozen_string_literal: true

require_relative "../rails_helper"

# What an application writes into the engine's rows, adds to the engine's models or asks of them on threads of its own is there
# afterwards, is called and is answered as with the engine's own code.
RSpec.describe TaskerCore do
  row = ->(step) { Tasker::WorkflowStep.where(workflow_step_id: step.workflow_step_id) }

  # @return [Hash] of one step, as the database has it
  def step_row(run, name)
    run[:rows][:steps].find { |columns| columns["workflow_step_id"].start_with?("#{name} of ") }
  end

  describe "rows that handlers write past their step" do
    handlers = {
      # The engine's `handle`, which leaves the results to the handler.
      "Silent" => Class.new(ScriptedWorkflow::Handler) { def process_results(*) = nil },
      # A `handle` of its own, which does not touch the step it was given.
      "Aloof" => Class.new(ScriptedWorkflow::Plain) { def handle(...) = ScriptedWorkflow.play(...) }
    }
    scripts = {
      "results of another object" => ->(_, _, step) { Tasker::WorkflowStep.find(step.id).update!(results: { "mine" => 1 }) },
      "results without an object" => ->(_, _, step) { row.call(step).update_all(results: { "mine" => 1 }) },
      "a step that was taken" => ->(_, _, step) { row.call(step).update_all(in_process: true) }
    }

    handlers.to_a.product(scripts.to_a).each_with_index do |((name, handler), (what, script)), index|
      it "keeps #{what} (#{name})" do
        stub_const("ScriptedWorkflow::#{name}", handler)
        workflow = ScriptedWorkflow.new("past_#{index}", { "b" => script }, handler:)
        step = nil
        expect { run_of(workflow).slice(:rows).tap { |run| step = step_row(run, "b") } }.to answer_alike
        expect(step).to include(what.start_with?("results") ? { "results" => { "mine" => 1 } } : { "in_process" => true })
      end
    end

    it "keeps what was written about a step that fails" do
      script = lambda do |_, _, step|
        row.call(step).update_all(in_process: true, inputs: { "mine" => 1 })
        raise "no"
      end
      workflow = ScriptedWorkflow.new("past_failure", { "b" => script })
      step = nil
      expect { run_of(workflow).tap { |run| step = step_row(run, "b") } }.to answer_alike
      expect(step).to include("in_process" => true, "inputs" => { "mine" => 1 })
    end

    it "believes the database where a handler's move of its step was rolled back" do
      script = lambda do |_, _, step|
        Tasker::WorkflowStep.transaction(requires_new: true) do
          Tasker::WorkflowStep.find(step.id).state_machine.transition_to!("complete")
          raise ActiveRecord::Rollback
        end
        { "now" => Tasker::WorkflowStep.find(step.id).status }
      end
      workflow = ScriptedWorkflow.new("rolled_back", { "b" => script })
      step = nil
      expect { run_of(workflow, listen: :subscribed).tap { |run| step = step_row(run, "b") } }.to answer_alike
      expect(step).to include("processed" => true, "results" => { "now" => "in_progress" })
    end
  end

  # The clock goes on here: a row that is updated says when.
  describe "rows that one step writes and the next one of its round reads" do
    before { allow_any_instance_of(Tasker::Orchestration::StepExecutor).to receive(:max_concurrent_steps).and_return(1) }

    # Which of `c` and `d` is first is the database's choice.
    def seen_by_both(name, read, write)
      seen = Queue.new
      script = lambda do |_, _, step|
        seen << read.call(step)
        write.call(step)
        {}
      end
      workflow = ScriptedWorkflow.new(name, { "c" => script, "d" => script })
      off_and_on do
        workflow.run(workflow.create)
        Array.new(seen.size) { seen.pop }
      end.map(&:value)
    end

    it "shows an update of the task" do
      off, on = seen_by_both("round_task", ->(step) { step.task.reason }, ->(step) { step.task.update!(reason: "of a sibling") })
      expect(off.last).to eq("of a sibling")
      expect(on).to eq(off)
    end

    it "shows an update of a parent" do
      update = ->(step) { step.parents.first.update!(results: { "of" => "a sibling" }) }
      off, on = seen_by_both("round_parent", ->(step) { step.parents.first.results }, update)
      expect(off.last).to eq("of" => "a sibling")
      expect(on).to eq(off)
    end
  end

  describe "models with callbacks" do
    written = %w[Tasker::TaskTransition Tasker::WorkflowStep Tasker::WorkflowStepEdge Tasker::WorkflowStepTransition]
    kinds = { after_save: %i[save after], before_create: %i[create before], after_update: %i[update after], after_commit: %i[commit after] }

    # Adds a callback for the length of a block.
    def called_on(model, hook, (kind, moment))
      calls = Queue.new
      callback = ->(record) { calls << record.class.name }
      model.public_send(hook, callback)
      yield
      Array.new(calls.size) { calls.pop }.tally
    ensure
      model.skip_callback(kind, moment, callback)
    end

    [*kinds.keys.map { |hook| [ActiveRecord::Base, hook] }, [Tasker::ApplicationRecord, :after_save]].each do |model, hook|
      it "calls #{hook} of #{model} as often" do
        workflow = ScriptedWorkflow.new("called_#{hook}_#{model.name.demodulize}", { "d" => ->(*) { raise "no" } })
        calls = nil
        expect { calls = called_on(model, hook, kinds.fetch(hook)) { run_of(workflow) }.slice(*written).sort }.to answer_alike
        expect(calls.to_h.values).to all(be_positive)
        expect(calls.to_h.keys).to match_array(hook == :after_update ? ["Tasker::WorkflowStep"] : written)
      end
    end

    # What was prepended stays, hence the process of its own.
    it "calls a save! that was prepended as often" do
      answer = run_in_dummy(<<~RUBY).answer
        require Rails.root.join("lib/shape_workflow")
        saves = Queue.new
        noting = Module.new { define_method(:save!) { |**options| saves << self.class.name and super(**options) } }
        [Tasker::WorkflowStep, Tasker::WorkflowStepTransition, Tasker::TaskTransition].each { |model| model.prepend(noting) }
        workflow = ShapeWorkflow.new(Shapes.failing)
        run = lambda do
          workflow.run(workflow.create)
          Array.new(saves.size) { saves.pop }.tally.sort
        end
        puts JSON.generate([TaskerCore.without(&run), TaskerCore.active?, run.call])
      RUBY
      off, active, on = answer
      expect(active).to be(true)
      expect(off.map(&:first)).to eq(%w[Tasker::TaskTransition Tasker::WorkflowStep Tasker::WorkflowStepTransition])
      expect(on).to eq(off)
    end
  end

  describe "a table with a column for optimistic locking" do
    def alter(change)
      Tasker::ApplicationRecord.connection.execute("ALTER TABLE tasker_workflow_steps #{change}")
      # Prepared statements that select all columns are no longer good.
      Tasker::ApplicationRecord.connection_pool.connections.each(&:clear_cache!)
      Tasker::WorkflowStep.reset_column_information
    end

    around do |example|
      alter("ADD COLUMN lock_version integer NOT NULL DEFAULT 0")
      example.run
    ensure
      alter("DROP COLUMN IF EXISTS lock_version")
    end

    it "counts the versions of each step" do
      workflow = ScriptedWorkflow.new("locked", { "c" => ->(*) { raise "no" } })
      versions = nil
      expect { run_of(workflow).tap { |run| versions = run[:rows][:steps].pluck("lock_version") } }.to answer_alike
      expect(versions.sum).to be_positive
    end
  end

  shared_examples "a machine whose callbacks share a transition" do
    it "gives them one object and stores what they have set on it" do
      stored = nil
      expect do
        given = []
        observed = with_callbacks(machine) do
          machine.before_transition(to: "error") do |_, row|
            given << row
            row.assign_attributes(created_at: Time.utc(2020), metadata: { "set" => 1 })
          end
          machine.after_transition(to: "error") do |_, row|
            given << row
            row.update!(metadata: { **row.metadata, "after" => row.created_at.year })
          end
          machine.after_transition(to: "error", after_commit: true) { |_, row| given << row }
          observe(owner("in_progress")) { _1.state_machine.transition_to!("error") }
        end
        stored = observed[:rows].values_at(:task_transitions, :step_transitions).flatten.find { |row| row["to_state"] == "error" }
        [observed, given.map { |row| row.equal?(given.first) }]
      end.to answer_alike.by(override(:transition_to!))
      expect(stored).to include("created_at" => Time.utc(2020), "metadata" => { "set" => 1, "after" => 2020 })
    end
  end

  it_behaves_like_both "a machine whose callbacks share a transition"

  describe "threads of the application" do
    # A session that finds the task locked takes the engine's road, on which steps can be made twice.
    it "make steps of a new task twice less often than with the engine" do
      workflow = ScriptedWorkflow.new("raced", {})
      named_task_id = workflow.create.named_task_id
      off, on = [false, true].map do |active|
        tasks = Array.new(8) { make_task(named_task_id:) }
        outcomes = Race.new(6).run(tasks) do |task, _|
          sequence = -> { workflow.handler.get_sequence(Tasker::Task.find(task.task_id)).steps.map(&:name) }
          active ? sequence.call : described_class.without(&sequence)
        end
        { outcomes: outcomes.flatten, steps: tasks.map { |task| task.workflow_steps.count } }
      end
      names = ScriptedWorkflow::STEPS.keys
      expect(on[:outcomes].filter_map(&:value)).to all(eq(names))
      expect(on[:outcomes].count(&:error)).to be <= off[:outcomes].count(&:error)
      expect(on[:steps]).to all(be >= names.size)
      too_many, too_many_off = [on, off].map { |made| made[:steps].sum { |count| count - names.size } }
      expect(too_many).to be <= too_many_off / 2
    end

    # Each stays alive with whatever connection it has kept.
    it "are answered when they are more than there are connections" do
      task = make_task("in_progress")
      count = Tasker::ApplicationRecord.connection_pool.size + 3
      off, on = [false, true].map do |active|
        finish = Concurrent::Event.new
        answers = Queue.new
        threads = Array.new(count) do
          Thread.new do
            status = -> { Tasker::Task.find(task.task_id).status }
            answers << Outcome.of { active ? status.call : described_class.without(&status) }
            finish.wait
          end
        end
        Array.new(count) { answers.pop }.tap { finish.set && threads.each(&:join) }
      end
      expect(off.map(&:value).tally).to eq("in_progress" => count)
      expect(on).to eq(off)
    end
  end
end
