# frozen_string_literal: true

require_relative "../rails_helper"

# What an application adds to the engine's models by Rails' own means, and modules and methods that it puts between. Such things stay, hence
# a process for each; there everything is done first with the gem off and then with it on.
RSpec.describe "An application that has added to the engine" do
  receipts = <<~RUBY
    class Receipt < Tasker::ApplicationRecord
      self.table_name = "receipts"
      self.primary_key = "id"
    end
  RUBY
  # What the table of receipts says, and a column of the task's steps, past ActiveRecord.
  seen_receipts = "select_rows.call('SELECT count(*), sum(amount) FROM receipts JOIN tasker_workflow_steps USING (workflow_step_id)')"
  seen_column = ->(column) { "select_rows.call(%q(SELECT DISTINCT #{column} FROM tasker_workflow_steps))" }
  metadata = "Tasker::WorkflowStepTransition.where(workflow_step_id: task.workflow_steps.ids).map(&:metadata).uniq"
  states = "task.workflow_steps.order(:workflow_step_id).map(&:status)"

  # By what is added: the addition; what is to be looked at; and what is seen there.
  additions = {
    "encrypted columns" => [<<~RUBY, seen_column.call("inputs::text LIKE '%batch%'"), [[false]]],
      ActiveRecord::Encryption.configure(primary_key: "a" * 32, deterministic_key: "b" * 32, key_derivation_salt: "c" * 32)
      Tasker::WorkflowStep.encrypts :inputs, :results
    RUBY
    "a default" => [<<~RUBY, seen_column.call(:backoff_request_seconds), [[7]]],
      Tasker::WorkflowStep.attribute :backoff_request_seconds, default: 7
    RUBY
    "a setter" => [<<~RUBY, metadata, [{ "actor" => "me" }]],
      class Tasker::WorkflowStepTransition
        def metadata=(value)
          super((value || {}).merge("actor" => "me"))
        end
      end
    RUBY
    "a validation" => [<<~RUBY, "error.class.name", "ActiveRecord::RecordInvalid"],
      Tasker::WorkflowStep.validates :results, presence: true
    RUBY
    "a touch" => [<<~RUBY, "Tasker::Task.find(task.task_id).reason", "touched"],
      Tasker::Task.after_touch { update_columns(reason: "touched") }
      Tasker::WorkflowStep.belongs_to :task, touch: true
    RUBY
    "a record of one step's" => [<<~RUBY, seen_receipts, [[4, 20]]],
      #{receipts}
      Tasker::WorkflowStep.has_one :receipt, class_name: "Receipt", foreign_key: "workflow_step_id"
      ShapeWorkflow::Succeed.prepend(Module.new { def process(task, sequence, step) = super.tap { step.build_receipt(amount: 5) } })
    RUBY
    "records that are saved with their step" => [<<~RUBY, seen_receipts, [[4, 28]]],
      #{receipts}
      Tasker::WorkflowStep.has_many :receipts, class_name: "Receipt", foreign_key: "workflow_step_id", autosave: true
      ShapeWorkflow::Succeed.prepend(Module.new {
        def process(task, sequence, step) = super.tap { step.receipts.create!(amount: 5).amount = 7 }
      })
    RUBY
    "modules between" => [<<~RUBY, "calls.tally.keys.sort", %w[find jobs moves]],
      CALLS = Queue.new
      Tasker::Task.extend(Module.new { def find(*ids) = ids == ["by hash"] ? CALLS << "find" : super })
      Tasker::StateMachine::TaskStateMachine.include(Module.new { def transition_to!(...) = (CALLS << "moves") && super })
      Tasker::TaskRunnerJob.extend(Module.new { def perform_later(...) = (CALLS << "jobs") && super })
    RUBY
    "readiness of its own" => [<<~RUBY, states, %w[complete complete pending pending]],
      class Tasker::Functions::FunctionBasedStepReadinessStatus
        def ready_for_execution = super && name != "link_03"
      end
    RUBY
    "a status of its own" => [<<~RUBY, states, %w[complete pending pending pending]]
      class Tasker::Functions::FunctionBasedTaskExecutionContext
        def execution_status = super == "has_ready_steps" && completed_steps == 1 ? "blocked_by_failures" : super
      end
    RUBY
  }

  script = lambda do |addition, look|
    <<~RUBY
      require "./spec/dummy/lib/shape_workflow"
      TaskerCore.configuration.repairs.all = false
      TaskerCore::Engine::Registry.load_models
      #{addition}
      workflow = ShapeWorkflow.new(Shapes.linear.with(retry_limit: 1))
      seen = lambda do
        task = workflow.create
        workflow.run(Tasker::Task.find(task.task_id))
        Tasker::TaskRunnerJob.perform_later(task.task_id) if defined?(CALLS)
        Tasker::Task.find("by hash") if defined?(CALLS)
        calls = Array.new(defined?(CALLS) ? CALLS.size : 0) { CALLS.pop }
        select_rows = ->(sql) { Tasker::Task.connection.select_rows("\#{sql} WHERE task_id = \#{task.task_id}") }
        #{look}
      rescue StandardError => error
        #{look.start_with?("error") ? look : "raise"}
      end
      puts JSON.generate([TaskerCore.without(&seen), TaskerCore.active?, seen.call])
    RUBY
  end

  before(:all) do
    Tasker::ApplicationRecord.connection.execute("CREATE TABLE receipts (id serial PRIMARY KEY, workflow_step_id bigint, amount int)")
    jobs = additions.transform_values { |addition, look,| -> { run_in_dummy(script.call(addition, look)).answer } }
    @answers = two_at_a_time(jobs)
  end

  after(:all) { Tasker::ApplicationRecord.connection.execute("DROP TABLE IF EXISTS receipts") }

  additions.each do |what, (_, _, expected)|
    it "finds #{what} as with the engine's own code" do
      off, active, on = @answers[what]
      expect(active).to be(true)
      expect(off).to eq(expected.as_json)
      expect(on).to eq(off)
    end
  end
end
