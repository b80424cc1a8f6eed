# frozen_string_literal: true

require_relative "../rails_helper"

# `config.active_record.default_timezone = :local` keeps local time in the columns.
RSpec.describe TaskerCore do
  # A process elsewhere, with connections of its own.
  def in_zone(zone, default_timezone)
    before = [ENV.fetch("TZ", nil), ActiveRecord.default_timezone]
    reconnect(zone, default_timezone)
    yield
  ensure
    reconnect(*before)
  end

  def reconnect(zone, default_timezone)
    ENV["TZ"] = zone
    ActiveRecord.default_timezone = default_timezone
    ActiveRecord::Base.connection_pool.disconnect!
  end

  [["UTC", :utc], ["America/New_York", :utc], ["America/New_York", :local], ["Asia/Kolkata", :local], ["Australia/Lord_Howe", :local]]
    .each do |zone, default_timezone|
    it "reads and writes instants in #{zone} with default_timezone #{default_timezone} as the engine does" do
      in_zone(zone, default_timezone) do
        step = make_step(make_task, "b", "error", attempts: 1, backoff_request_seconds: 7, last_attempted_at: 3.123456.seconds.ago)
        expect { Tasker::StepReadinessStatus.for_task(step.task_id).map { |row| row.attributes.transform_values { [_1, _1.class, _1.try(:zone)] } } }
          .to answer_alike.by("FunctionBasedStepReadinessStatus.for_task")
        expect { observe(make_step(make_task, "b")) { moved_in_memory(_1, :workflow_step_transitions) } }
          .to answer_alike.by("StepStateMachine#transition_to!")
        expect { observe(make_task) { moved_in_memory(_1, :task_transitions) } }.to answer_alike.by("TaskStateMachine#transition_to!")
      end
    end
  end

  # What the object in hand says of the new row.
  def moved_in_memory(owner, association)
    history = owner.public_send(association).load
    owner.state_machine.transition_to!("error")
    history.map { |row| [row.created_at, row.created_at.class, row.updated_at] }
  end

  it "keeps microseconds" do
    travel_to(Time.utc(2026, 3, 29, 1, 30, 0.123456789r), with_usec: true) do
      task = make_task
      task.state_machine.transition_to!("error")
      expect(Tasker::TaskTransition.where(task_id: task.task_id).sole.created_at.utc).to eq(Time.utc(2026, 3, 29, 1, 30, 0.123456r))
    end
  end

  it "tells each hour of a day on which the clocks change as the engine does" do
    in_zone("America/New_York", :local) do
      (4..8).each do |hour|
        step = make_step(make_task, "b", "error", attempts: 1)
        step.workflow_step_transitions.update_all(created_at: Time.utc(2025, 11, 2, hour, 30, 0.5r))
        expect { Tasker::StepReadinessStatus.for_task(step.task_id).map { [_1.last_failure_at, _1.next_retry_at, _1.ready_for_execution] } }
          .to answer_alike.by("FunctionBasedStepReadinessStatus.for_task")
      end
    end
  end
end
