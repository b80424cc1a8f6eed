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
    end_sessions(ActiveRecord::Base.connection_pool)
  end

  [["UTC", :utc], ["America/New_York", :utc], ["America/New_York", :local], ["Asia/Kolkata", :local], ["Australia/Lord_Howe", :local]]
    .each do |zone, default_timezone|
    it "reads and writes instants in #{zone} with default_timezone #{default_timezone} as the engine does" do
      in_zone(zone, default_timezone) do
        step = make_step(make_task, "b", "error", attempts: 1, backoff_request_seconds: 700, last_attempted_at: 3.123456.seconds.ago)
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

  ["America/New_York", "Australia/Lord_Howe"].each do |zone|
    it "runs a workflow in #{zone} whose rows, events and log lines have the same instants as the engine's" do
      in_zone(zone, :local) do
        run = nil
        expect { run = run_with_instants }.to answer_alike
        expect(run.map(&:size)).to all(be > 3)
        expect(run.last.count { |_, fields| fields.key?("timestamp") }).to be > 30
        expect(answers_given.values.sum { |counts| counts[:engine] }).to eq(0)
      end
    end
  end

  # Everything that a workflow with a step that fails leaves, publishes and logs of time, which stands still: the text of columns, the
  # instants of objects with their classes and zones, and those of log lines.
  def run_with_instants
    workflow = ShapeWorkflow.new(Shapes.failing)
    task = events = nil
    lines = LogRecorder.lines { events = EventRecorder.on_the_bus { workflow.run(task = Tasker::Task.find(workflow.create.task_id)) } }
    [columns_of(task), attributes_of(task), told_in(events), logged(lines)]
  end

  def columns_of(task)
    steps = task.workflow_steps.select(:workflow_step_id).to_sql
    { tasker_tasks: "task_id = #{task.id}", tasker_task_transitions: "task_id = #{task.id}", tasker_workflow_steps: "task_id = #{task.id}",
      tasker_workflow_step_transitions: "workflow_step_id IN (#{steps})" }.map do |table, condition|
      instants = %w[created_at updated_at requested_at last_attempted_at processed_at]
      rows = Tasker::ApplicationRecord.connection.select_all("SELECT to_jsonb(row) AS row FROM #{table} row WHERE #{condition}")
      rows.map { |row| JSON.parse(row["row"]).slice(*instants, "to_state").to_a }.sort_by(&:inspect)
    end
  end

  def attributes_of(task)
    [task, *task.workflow_steps, *task.task_transitions, *task.workflow_steps.flat_map { |step| step.workflow_step_transitions.to_a }]
      .flat_map { |record| record.attributes.values.select { |value| value.acts_like?(:time) } }
      .map { |time| [time, time.class, time.zone] }.sort_by(&:inspect)
  end

  def told_in(events)
    events.map { |event| [event.name, *event.payload.select { |_, value| instant?(value) }] }.sort_by(&:inspect)
  end

  def logged(lines)
    lines.grep(/\A{/).grep_v(/"Performance measurement"/).map { |line| JSON.parse(line) }
         .map { |line| [line["message"], line.select { |_, value| instant?(value) }] }.sort_by(&:inspect)
  end

  def instant?(value) = value.acts_like?(:time) || value.to_s.match?(/\A\d{4}-\d\d-\d\dT/)

  it "keeps microseconds" do
    travel_to(Time.utc(2026, 3, 29, 1, 30, 0.123456789r), with_usec: true) do
      task = make_task
      task.state_machine.transition_to!("error")
      expect(Tasker::TaskTransition.where(task_id: task.task_id).sole.created_at.utc).to eq(Time.utc(2026, 3, 29, 1, 30, 0.123456r))
    end
  end

  it "returns each hour of a day on which the clocks change as the engine does" do
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
