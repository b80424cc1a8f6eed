# frozen_string_literal: true

require_relative "../rails_helper"

# A database that is not there, or has not what the engine needs.
RSpec.describe TaskerCore do
  calls = {
    "a state" => ->(task, _) { task.status },
    "a transition" => ->(task, _) { task.state_machine.transition_to!("error") },
    "a refused transition" => ->(task, _) { task.state_machine.transition_to("nonsense") },
    "a possible transition" => ->(_, step) { step.state_machine.can_transition_to?("in_progress") },
    "possible transitions" => ->(_, step) { step.state_machine.allowed_transitions },
    "step readiness" => ->(task, _) { Tasker::StepReadinessStatus.for_task(task.task_id).size },
    "step readiness of tasks" => ->(task, _) { Tasker::StepReadinessStatus.for_tasks([task.task_id]).size },
    "an execution context" => ->(task, _) { Tasker::TaskExecutionContext.find(task.task_id).total_steps },
    "execution contexts" => ->(task, _) { Tasker::TaskExecutionContext.for_tasks([task.task_id]).size },
    "dependency levels" => ->(task, _) { Tasker::Functions::FunctionBasedDependencyLevels.max_level_for_task(task.task_id) },
    "viable steps" => ->(task, step) { Tasker::WorkflowStep.get_viable_steps(task, Struct.new(:steps).new([step])).to_a.size }
  }

  # @return [Array] a task and its last step
  def make_owners
    task = make_three_step_task
    [task, task.workflow_steps.order(:workflow_step_id).last]
  end

  def connection = Tasker::ApplicationRecord.connection

  # What an administrator does, or a restart of the server.
  def terminate(connection)
    pid = connection.select_value("SELECT pg_backend_pid()")
    ended = Thread.new do
      Tasker::ApplicationRecord.connection_pool.with_connection { |other| other.select_value("SELECT pg_terminate_backend(#{pid}, 30000)") }
    end
    raise "session #{pid} is still there" unless ended.value
  end

  # The class alone: messages name hosts, sockets and statements.
  def class_of(outcome)
    outcome.error ? outcome.error[:class] : outcome.value
  end

  after { end_sessions(Tasker::ApplicationRecord.connection_pool) }

  calls.each do |what, call|
    context "when asked for #{what}" do
      it "gives what the engine gives when the server cannot be reached" do
        owners = make_owners
        end_sessions(Tasker::ApplicationRecord.connection_pool)
        allow(PG).to receive(:connect).and_raise(PG::ConnectionBad, "no server here")
        off, on = off_and_on { call.call(*owners) }
        RSpec::Mocks.space.reset_all
        expect(off.error).not_to be_nil
        expect(class_of(on)).to eq(class_of(off))
      end

      # ActiveRecord repeats the engine's relations on a new session, and does not repeat its calls of SQL functions. The core's questions
      # are all repeated.
      it "gives what the engine gives when its session was ended, or the answer" do
        off, on = off_and_on do
          owners = make_owners
          terminate(connection)
          call.call(*owners)
        end
        answered_instead = on.error.nil? && class_of(off) == ActiveRecord::ConnectionFailed
        expect(answered_instead || class_of(on) == class_of(off)).to be(true), "off: #{class_of(off)}, on: #{class_of(on)}"
      end

      it "gives what the engine gives when its session was ended amid a transaction" do
        off, on = off_and_on do
          owners = make_owners
          TaskerCore::Stock::RowTriggers.refresh # the first statement may be the look for them
          Tasker::ApplicationRecord.transaction do
            terminate(connection)
            call.call(*owners)
          end
        end
        expect(off.error).not_to be_nil
        expect(class_of(on)).to eq(class_of(off))
      end

      it "gives what the engine gives when its tables are missing" do
        owners = make_owners
        off, on = EngineTables.hide { off_and_on { call.call(*owners) } }
        expect(off.error).not_to be_nil
        expect(class_of(on)).to eq(class_of(off))
      end

      it "gives what the engine gives inside a transaction that PostgreSQL has given up" do
        owners = make_owners
        off, on = off_and_on do
          outcome = nil
          Tasker::ApplicationRecord.transaction do
            Outcome.of { connection.execute("SELECT 1/0") }
            outcome = Outcome.of { call.call(*owners) }
            raise ActiveRecord::Rollback
          end
          outcome
        end
        expect(off.value.error).not_to be_nil
        expect(class_of(on.value)).to eq(class_of(off.value))
      end
    end
  end
end
