# frozen_string_literal: true

require_relative "../rails_helper"

# The mode in which the engine answers and the core computes beside it.
RSpec.describe TaskerCore::Shadow do
  let(:task) { make_three_step_task }
  let(:steps) { task.workflow_steps.order(:workflow_step_id).to_a }
  let(:step) { steps.second }
  let(:levels) { Tasker::Functions::FunctionBasedDependencyLevels }
  let(:state_reader) { "StepStateMachine#current_state" }
  let(:transition_writer) { "StepStateMachine#transition_to!" }

  around { |example| TaskerCore::Switch.put(:shadow) { example.run } }
  before { steps && TaskerCore.reset_stats }

  # @return [Hash{String => Hash}] without methods and results that have not come about
  def results
    TaskerCore.shadow_stats.transform_values { |counts| counts.reject { |_, count| count.zero? } }.reject { |_, counts| counts.empty? }
  end

  # @return [Array<Hash>] the payloads of what is instrumented in the block
  def mismatches(&)
    told = []
    ActiveSupport::Notifications.subscribed(->(*, payload) { told << payload }, "mismatch.tasker_core", &)
    told
  end

  # Has the core asked about another task or step than the engine.
  def mislead(conversation, id)
    allow(TaskerCore::Native::Conversation).to receive(conversation).and_wrap_original do |original, override, kind, _, *rest|
      original.call(override, kind, id, *rest)
    end
  end

  def shadow_log(&) = LogRecorder.lines(&).grep(/tasker-core: shadow/)

  describe "a question" do
    it "is answered by the engine, and compared" do
      expect([task.status, *steps.map(&:status)]).to eq(%w[in_progress complete pending pending])
      expect(levels.levels_hash_for_task(task.task_id).values).to eq([0, 1, 2])
      expect(results).to eq(
        "TaskStateMachine#current_state" => { alike: 1 }, state_reader => { alike: 3 },
        "FunctionBasedDependencyLevels.for_task" => { alike: 1 }
      )
      expect(answers_given).to eq(
        "TaskStateMachine#current_state" => { rust: 0, engine: 1 }, state_reader => { rust: 0, engine: 3 },
        "FunctionBasedDependencyLevels.for_task" => { rust: 0, engine: 1 }
      )
    end

    it "that the core answers otherwise is counted, logged and instrumented" do
      mislead(:current_state, steps.first.id)
      state = told = nil
      lines = shadow_log { told = mismatches { state = step.status } }
      expect(state).to eq("pending")
      expect(results).to eq(state_reader => { different: 1 })
      expect(told).to eq(
        [{ method: state_reader, seam: state_reader, subject: "Tasker::WorkflowStep #{step.id}", arguments: [],
           engine: "pending", core: "complete" }]
      )
      expect(lines).to contain_exactly(
        "tasker-core: shadow: #{state_reader} differs for Tasker::WorkflowStep #{step.id}[]: engine \"pending\", core \"complete\""
      )
    end

    it "differs where the engine's function does", :transactional do
      Tasker::ApplicationRecord.connection.execute(<<~SQL)
        CREATE OR REPLACE FUNCTION calculate_dependency_levels(input_task_id bigint)
        RETURNS TABLE(workflow_step_id bigint, dependency_level integer) LANGUAGE sql STABLE AS
        'SELECT s.workflow_step_id, 7 FROM tasker_workflow_steps s WHERE s.task_id = input_task_id'
      SQL
      told = mismatches { expect(levels.max_level_for_task(task.task_id)).to eq(7) }
      expect(told.map { |payload| [payload[:method], payload[:arguments], payload[:engine].map(&:dependency_level)] })
        .to eq([["FunctionBasedDependencyLevels.for_task", [task.task_id], [7, 7, 7]]])
      expect(told.first[:core].map(&:dependency_level)).to eq([0, 1, 2])
    end

    it "whose facts move meanwhile is unsettled" do
      allow(TaskerCore::Native::Conversation).to receive(:current_state).and_wrap_original do |original, *arguments|
        step.workflow_step_transitions.update_all(to_state: "cancelled")
        original.call(*arguments)
      end
      make_history(step, "in_progress")
      expect(mismatches { expect(step.status).to eq("in_progress") }).to be_empty
      expect(results).to eq(state_reader => { unsettled: 1 })
    end

    it "of which a query cache holds one answer is settled without the cache" do
      Tasker::ApplicationRecord.cache do
        expect(TaskerCore.without { step.status }).to eq("pending")
        Thread.new { Tasker::ApplicationRecord.connection_pool.with_connection { make_history(step, "in_progress") } }.join
        expect(step.status).to eq("pending")
      end
      expect(results).to eq(state_reader => { unsettled: 1 })
    end

    it "that is the engine's to refuse stays the engine's" do
      expect { Tasker::StepReadinessStatus.for_task("abc") }.to raise_error(ActiveRecord::StatementInvalid)
      expect(results).to eq("FunctionBasedStepReadinessStatus.for_task" => { declined: 1 })
    end

    it "that only a fix could answer is left to the engine, whose error is raised", repairs: %i[backoff_overflow] do
      step.update_columns(attempts: 50, last_attempted_at: Time.current)
      make_history(step, "error")
      told = mismatches { expect { Tasker::StepReadinessStatus.for_task(task.task_id) }.to raise_error(/interval out of range/) }
      expect(told).to be_empty
      expect(results).to include("FunctionBasedStepReadinessStatus.for_task" => { declined: 1 })
    end

    it "is not asked where the engine's error has aborted the transaction" do
      Tasker::ApplicationRecord.transaction do
        step.update_columns(attempts: 50, last_attempted_at: Time.current)
        make_history(step, "error")
        expect { Tasker::StepReadinessStatus.for_task(task.task_id) }.to raise_error(/interval out of range/)
        raise ActiveRecord::Rollback
      end
      expect(results).to be_empty
    end

    it "leaves a relation as the engine has made it" do
      viable = Tasker::WorkflowStep.get_viable_steps(task, Struct.new(:steps).new(steps))
      expect(viable).not_to be_loaded
      expect(viable.to_a).to eq([step])
      expect(results).to include("WorkflowStep.get_viable_steps" => { alike: 1 })
    end

    it "that guards of the application judge is not asked twice" do
      asked = 0
      with_callbacks(Tasker::StateMachine::StepStateMachine) do |machine|
        machine.guard_transition { asked += 1 }
        expect(step.state_machine.can_transition_to?("cancelled")).to be(true)
      end
      expect(asked).to eq(1)
      expect(results).to include("StepStateMachine#can_transition_to?" => { declined: 1 })
    end
  end

  describe "a transition" do
    it "is performed by the engine, and compared with what the core says of it" do
      expect(step.state_machine.transition_to!(:in_progress, "by" => "specs")).to be(true)
      expect { steps.third.state_machine.transition_to!("in_progress") }.to raise_error(Statesman::GuardFailedError)
      expect { steps.first.state_machine.transition_to!("in_progress") }.to raise_error(Statesman::TransitionFailedError)
      expect(steps.first.state_machine.transition_to("in_progress")).to be(false)
      expect { task.state_machine.transition_to!("complete") }.to raise_error(Statesman::GuardFailedError)
      expect(results.slice(transition_writer, "TaskStateMachine#transition_to!"))
        .to eq(transition_writer => { alike: 4 }, "TaskStateMachine#transition_to!" => { alike: 1 })
      expect(answers_given.values.sum { |counts| counts[:rust] }).to eq(0)
    end

    it "that the core alone would perform differs" do
      mislead(:check_transition, step.id)
      told = mismatches do
        expect { steps.third.state_machine.transition_to!("in_progress") }.to raise_error(Statesman::GuardFailedError)
      end
      expect(told).to contain_exactly(
        include(method: transition_writer, subject: "Tasker::WorkflowStep #{steps.third.id}", arguments: ["in_progress", {}],
                engine: { verdict: :guard_failed, from: "pending" }, core: { verdict: :permitted, from: "pending" })
      )
    end

    it "that the engine alone would perform differs" do
      allow(TaskerCore::Native::Conversation).to receive(:check_transition).and_wrap_original do |original, *subject, (_, *rest)|
        original.call(*subject, ["pending", *rest])
      end
      told = mismatches { expect(step.state_machine.transition_to!("cancelled")).to be(true) }
      expect(told).to contain_exactly(
        include(engine: { verdict: :permitted, from: "pending" }, core: { verdict: :no_such_transition, from: "pending" })
      )
    end

    # The parent is done between the core's look at it and the engine's.
    it "whose guard's facts move meanwhile is unsettled" do
      allow(TaskerCore::Native::Conversation).to receive(:check_transition).and_wrap_original do |original, *arguments|
        original.call(*arguments).tap { |conversation| @conversation = conversation }
      end
      allow(TaskerCore::Native::QueryRunner).to receive(:run).and_wrap_original do |original, conversation, *rest|
        original.call(conversation, *rest).tap { make_history(step, "complete") if conversation.equal?(@conversation) }
      end
      told = mismatches { expect(steps.third.state_machine.transition_to!("in_progress")).to be(true) }
      expect(told).to be_empty
      expect(results).to include(transition_writer => { unsettled: 1 })
    end

    it "is not judged by the core where the application's callbacks raise" do
      with_callbacks(Tasker::StateMachine::StepStateMachine) do |machine|
        machine.before_transition { raise Statesman::TransitionFailedError.new("here", "there") }
        expect { step.state_machine.transition_to!("in_progress") }.to raise_error(Statesman::TransitionFailedError)
      end
      expect(results).to include(transition_writer => { declined: 1 })
    end

    it "races without a difference" do
      rounds = Array.new(20) { make_three_step_task.workflow_steps.order(:workflow_step_id).second.id }
      Race.new(4).run(rounds) do |id|
        TaskerCore::Switch.put(:shadow) { Tasker::WorkflowStep.find(id).state_machine.transition_to!("in_progress") }
      end
      expect(results.values.sum { |counts| counts.fetch(:different, 0) }).to eq(0)
      expect(results.values.sum { |counts| counts.fetch(:alike, 0) }).to be > 20
    end
  end

  describe "in the application" do
    # Whatever the core asks fails in the database.
    def break_the_core
      allow(TaskerCore::Native::QueryRunner).to receive(:run) { Tasker::ApplicationRecord.connection.execute("SELECT 1 / 0") }
    end

    it "raises nothing, and says so once" do
      break_the_core
      lines = shadow_log { 3.times { expect(step.status).to eq("pending") } }
      expect(results).to eq(state_reader => { failed: 3 })
      expect(lines).to contain_exactly(match(/#{state_reader} could not be compared: ActiveRecord::StatementInvalid: PG::DivisionByZero/))
    end

    it "leaves an open transaction usable" do
      break_the_core
      Tasker::ApplicationRecord.transaction do
        expect(step.state_machine.transition_to!("in_progress")).to be(true)
        expect(step.status).to eq("in_progress")
      end
      expect(results).to include(transition_writer => { failed: 1 }, state_reader => include(:failed))
      expect(TaskerCore.without { step.status }).to eq("in_progress")
    end

    it "lets the core write nothing" do
      wanted = ["in_progress", nil, "{}", 0, nil, [nil, nil]]
      conversation = TaskerCore::Native::Conversation.transition_to("specs", "step", step.id, wanted)
      expect do
        TaskerCore::Native::QueryRunner.refusing_writes do
          TaskerCore::Native::QueryRunner.run(conversation, "specs")
        end
      end.to raise_error(ActiveRecord::ReadOnlyError)
      expect(step.workflow_step_transitions.count).to eq(0)
    end

    it "survives subscribers that raise, and those that ask the engine" do
      mislead(:current_state, steps.first.id)
      asked = []
      subscribers = [->(*) { asked << step.reload.status }, ->(*) { raise "no" }]
      subscribers.inject(-> { expect(step.status).to eq("pending") }) do |inner, subscriber|
        -> { ActiveSupport::Notifications.subscribed(subscriber, "mismatch.tasker_core", &inner) }
      end.call
      expect(asked).to eq(["pending"])
      expect(results).to eq(state_reader => { different: 1, failed: 1 })
    end

    it "keeps no error back that another thread means for the caller" do
      caller = Thread.current
      late = Class.new(StandardError)
      allow(TaskerCore::Native::QueryRunner).to receive(:run) do
        Thread.new { caller.raise(late) }.join
        "pending"
      end
      expect { step.status }.to raise_error(late)
      expect(results).to be_empty
    end

    it "logs each difference once, and not more of them than a hundred" do
      mislead(:current_state, steps.first.id)
      allow(TaskerCore::Native::Conversation).to receive(:allowed_transitions) { |*| raise "no #{rand}" }
      lines = shadow_log do
        3.times { step.status }
        110.times { step.state_machine.allowed_transitions }
      end
      expect(lines.grep(/differs/).size).to eq(1)
      expect(lines.size).to eq(101)
      expect(lines.last).to end_with("further differences are counted, not logged")
      expect(TaskerCore.shadow_stats["StepStateMachine#allowed_transitions"]).to include(failed: 110)
    end

    it "is not there in a block without the gem" do
      mislead(:current_state, steps.first.id)
      expect(TaskerCore.without { step.status }).to eq("pending")
      expect(results).to be_empty
    end
  end

  # Every kind of the demo's shapes, small.
  [
    Shapes.linear, Shapes.diamond, Shapes.fan(5), Shapes.tree(3), Shapes.chain(8), Shapes.mesh(3, 3), Shapes.mixed, Shapes.failing
  ].each do |shape|
    it "is not seen in a workflow of the shape #{shape.name}, and finds no difference" do
      workflow = ShapeWorkflow.new(shape.with(name: "shadowed_#{shape.name}"))
      off = TaskerCore.without { run_of(workflow) }
      TaskerCore.reset_stats
      TaskerCore.configure { |config| config.mode = :shadow } # the engine's threads, too
      expect(TaskerCore::Switch.put(nil) { run_of(workflow) }).to eq(off)
      found = results
      # Connections that come and go are facts that move.
      found["FunctionBasedSystemHealthCounts.call"]&.delete(:unsettled)
      expect(found.values).to all(match(alike: be_positive))
      expect(found.keys).to include(transition_writer, state_reader, "WorkflowStep.get_viable_steps", "WorkflowStep.get_steps_for_task")
    ensure
      TaskerCore.configure { |config| config.mode = :on }
    end
  end
end
