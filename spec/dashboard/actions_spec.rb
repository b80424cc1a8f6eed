# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Dashboard, :transactional, type: :request do
  include MountedDashboard

  let(:settings) { TaskerCore.configuration.dashboard }
  let(:task) { make_task("in_progress", "error") }
  let(:failed) do
    make_step(task, "a", "in_progress", "error", attempts: 3, retry_limit: 3, last_attempted_at: Time.current, backoff_request_seconds: 900)
  end

  before do
    settings.actions = true
    settings.authenticate = ->(_controller) { "ann@example.org" }
    forget_jobs
  end

  after { forget_jobs }

  # As a visitor does: by the form on the page.
  def press(path)
    form = visit_page(path[%r{\A/tasks/\d+}]).at_css("form[action='/dashboard#{path}']")
    raise "no form for #{path}" unless form

    post(form["action"], params: { authenticity_token: form.at_css("[name=authenticity_token]")["value"] })
  end

  def transitions(record)
    rows = record.is_a?(Tasker::Task) ? record.task_transitions : record.workflow_step_transitions
    rows.order(:sort_key).map { |row| row.attributes.slice("from_state", "to_state", "sort_key", "most_recent") }
  end

  # @return [Array<String>] events of the engine that the block publishes
  def events
    published = []
    recorder = ->(name, *) { published << name.to_s }
    allow(Tasker::Events::Publisher.instance).to receive(:publish).and_wrap_original do |original, name, *arguments|
      recorder.call(name)
      original.call(name, *arguments)
    end
    yield
    published
  end

  describe "retry" do
    it "lets the step run again, with all its attempts, and enqueues its task" do
      press "/tasks/#{task.id}/steps/#{failed.id}/retry"
      expect(response).to redirect_to("/dashboard/tasks/#{task.id}")
      readiness = Tasker::StepReadinessStatus.for_task(task.id).first
      expect([failed.status, readiness.ready_for_execution, readiness.attempts]).to eq(["pending", true, 0])
      expect([task.status, jobs_of(task).size]).to eq(["pending", 1])
    end

    it "has the step run by the job" do
      workflow = ShapeWorkflow.new(Shapes.linear.with(name: "retried_by_hand"))
      made = workflow.create
      step = Tasker::WorkflowStep.where(task_id: made.task_id).order(:workflow_step_id).first
      make_history(step, "in_progress", "error")
      step.update_columns(attempts: 3)
      make_history(made, "in_progress", "error")
      forget_jobs
      press "/tasks/#{made.task_id}/steps/#{step.id}/retry"
      run_job(jobs_of(made).first)
      expect([Tasker::Task.find(made.task_id).status, step.reload.attempts]).to eq(["complete", 1])
    end
  end

  it "resolves a step by the engine's machine" do
    child = make_step(task, "b", parents: [failed])
    press "/tasks/#{task.id}/steps/#{failed.id}/resolve"
    expect([failed.status, jobs_of(task).size]).to eq(["resolved_manually", 1])
    expect(Tasker::StepReadinessStatus.for_task(task.id).find { |row| row.workflow_step_id == child.id }.ready_for_execution).to be(true)
  end

  it "does not enqueue a job for a task that is in progress" do
    running = make_task("in_progress")
    step = make_step(running, "a")
    press "/tasks/#{running.id}/steps/#{step.id}/cancel"
    expect([step.status, running.status, jobs_of(running)]).to eq(["cancelled", "in_progress", []])
  end

  it "runs a task again by the engine's re-enqueuer" do
    press "/tasks/#{task.id}/run_again"
    expect([task.status, jobs_of(task).size]).to eq(["pending", 1])
  end

  {
    "retry" => %w[error pending
                  retry], "resolve" => %w[error resolved_manually resolve], "cancel" => %w[in_progress cancelled cancel]
  }.each do |name, (state, to, command)|
    it "#{name} leaves the transitions and events of the engine's own machine" do
      ours, theirs = Array.new(2) { make_step(make_task("in_progress"), "a", *["in_progress", state].uniq, attempts: 1) }
      visit_page("/tasks/#{ours.task_id}") # so that the events are those of the action
      events_of_ours = events { press("/tasks/#{ours.task_id}/steps/#{ours.id}/#{command}") }
      events_of_theirs = events { TaskerCore.without { theirs.state_machine.transition_to!(to) } }
      expect(transitions(ours)).to eq(transitions(theirs))
      expect(events_of_ours).to eq(events_of_theirs)
    end
  end

  it "cancels a task as the engine's machine does" do
    ours, theirs = Array.new(2) { make_task("in_progress") }
    published = events { press("/tasks/#{ours.id}/cancel") }
    expect(published).to eq(events { TaskerCore.without { theirs.state_machine.transition_to!("cancelled") } })
    expect(transitions(ours)).to eq(transitions(theirs))
  end

  it "writes an audit line, an event and the visitor's name" do
    log = StringIO.new
    seen = []
    note = ->(*, payload) { seen << payload }
    Rails.logger.broadcast_to(logger = ActiveSupport::Logger.new(log))
    ActiveSupport::Notifications.subscribed(note, "dashboard_action.tasker_core") { press "/tasks/#{task.id}/steps/#{failed.id}/resolve" }
    line = "tasker-core: dashboard: \"ann@example.org\" from 127.0.0.1: resolve step #{failed.id} of task #{task.id}: " \
           "error → resolved_manually"
    expect(log.string).to include(line)
    expect(seen).to eq([{ action: "resolve", by: "ann@example.org", from: "127.0.0.1", outcome: "error → resolved_manually",
                          task_id: task.id, step_id: failed.id }])
    expect(failed.workflow_step_transitions.order(:sort_key).last.metadata["dashboard"]).to eq("action" => "resolve",
                                                                                               "by" => "ann@example.org")
    expect(visit_page("/tasks/#{task.id}").at_css("#events-heading ~ .scroll").text).to include("ann@example.org")
  ensure
    Rails.logger.stop_broadcasting_to(logger)
  end

  it "cannot be made to forge a line of the log" do
    settings.authenticate = ->(_controller) { "ann\ntasker-core: dashboard: \"bob\"" }
    lines = []
    allow(Rails.logger).to receive(:info) { |line| lines << line if line }
    press "/tasks/#{task.id}/run_again"
    expect(lines.grep(/dashboard:/).size).to eq(1)
    expect(lines.grep(/dashboard:/).first.lines.size).to eq(1)
  end

  describe "what is not possible" do
    # The page was read before somebody else came first.
    def press_late(path)
      form = visit_page(path[%r{\A/tasks/\d+}]).at_css("form[action='/dashboard#{path}']")
      yield
      post(form["action"], params: { authenticity_token: form.at_css("[name=authenticity_token]")["value"] })
    end

    def refused(record, path, &)
      outcomes = []
      note = ->(*, payload) { outcomes << payload[:outcome] }
      ActiveSupport::Notifications.subscribed(note, "dashboard_action.tasker_core") { press_late(path, &) }
      expect([response.status, outcomes.size, jobs_of(task)]).to eq([409, 1, []])
      expect(outcomes.first).to start_with("refused: ")
      record
    end

    it "changes nothing, says so and is logged, if the step has moved on" do
      refused(failed, "/tasks/#{task.id}/steps/#{failed.id}/retry") { failed.state_machine.transition_to!("resolved_manually") }
      expect([failed.status, failed.reload.attempts]).to eq(["resolved_manually", 3])
    end

    it "changes nothing, says so and is logged, if the task has ended" do
      step = make_step(running = make_task("in_progress"), "a", "in_progress", "error")
      refused(step, "/tasks/#{running.id}/steps/#{step.id}/retry") { running.state_machine.transition_to!("cancelled") }
      refused(task, "/tasks/#{task.id}/run_again") { task.state_machine.transition_to!("resolved_manually") }
      expect([step.status, running.status, task.status]).to eq(%w[error cancelled resolved_manually])
    end

    it "changes nothing, says so and is logged, if another one wins the race for the same transition" do
      allow_any_instance_of(Tasker::StateMachine::StepStateMachine).to receive(:transition_to!).and_raise(Statesman::TransitionConflictError)
      refused(failed, "/tasks/#{task.id}/steps/#{failed.id}/resolve") { nil }
    end

    it "undoes the whole of an action whose second half fails" do
      path = "/tasks/#{failed.task_id}/steps/#{failed.id}/retry"
      allow_any_instance_of(Tasker::WorkflowStep).to receive(:update!).and_raise(ActiveRecord::StatementTimeout, "too slow")
      expect { press(path) }.to raise_error(ActiveRecord::StatementTimeout)
      expect([failed.status, failed.reload.attempts, jobs_of(task)]).to eq(["error", 3, []])
    end

    it "offers what the state allows, and nothing without the setting" do
      failed
      offered = -> { visit_page("/tasks/#{task.id}").css("form[method=post]").map { |form| form["action"][/\w+\z/] } }
      expect(offered.call).to eq(%w[run_again retry resolve])
      settings.actions = false
      expect(offered.call).to be_empty
      post "/dashboard/tasks/#{task.id}/run_again"
      expect(task.status).to eq("error")
    end

    it "is refused with a token, too, without the setting" do
      token = visit_page("/tasks/#{task.id}").at_css("[name=authenticity_token]")["value"]
      settings.actions = false
      post "/dashboard/tasks/#{task.id}/run_again", params: { authenticity_token: token }
      expect([response.status, task.status, jobs_of(task)]).to eq([403, "error", []])
    end
  end
end
