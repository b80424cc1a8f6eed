# frozen_string_literal: true

require_relative "../rails_helper"

# What an application sees of the core's statements: in its log, in its instrumentation, and on the server.
RSpec.describe "Log subscribers" do
  # Its definitions are there: ActiveRecord has no name for some of the statements by which the engine makes them.
  let!(:workflow) { ShapeWorkflow.new(Shapes.failing).tap(&:create) }

  # @return [Array<Hash>] payloads of what is sent while a workflow is created and run, and some questions are asked about it
  def payloads
    sent = Queue.new
    note = ->(*, payload) { sent << payload.slice(:name, :sql, :binds, :type_casted_binds) unless payload[:cached] }
    ActiveSupport::Notifications.subscribed(note, "sql.active_record") { work }
    Array.new(sent.size) { sent.pop }
  end

  def work
    task = workflow.create
    workflow.run(Tasker::Task.find(task.task_id))
    Tasker::StepReadinessStatus.for_tasks([task.task_id])
    Tasker::TaskExecutionContext.find(task.task_id)
    Tasker::Functions::FunctionBasedDependencyLevels.for_task(task.task_id)
    task.workflow_steps.reload.last.siblings.to_a
    task.state_machine.transition_to("resolved_manually")
  end

  # @return [Array<String>] what ActiveRecord's own subscriber writes
  def debug_lines
    output = StringIO.new
    before = ActiveRecord::Base.logger
    ActiveRecord::Base.logger = ActiveSupport::Logger.new(output)
    ActiveRecord.verbose_query_logs = true
    LogRecorder.lines { work }.grep(/Could not log/) + output.string.lines
  ensure
    ActiveRecord.verbose_query_logs = false
    ActiveRecord::Base.logger = before
  end

  it "are given a name for every statement, as ActiveRecord forms them" do
    named = payloads.reject { |payload| payload[:name].in?(%w[TRANSACTION SCHEMA]) }
    expect(named.size).to be > 20
    expect(named.pluck(:name)).to all(match(/\A[\w:]+( Batch)? (Load|Create|Update|Exists\?|Pluck|Count|Update All)\z/)),
                                  named.map { |payload| payload.values_at(:name, :sql) }.inspect
  end

  it "are given as many binds as the statement has parameters, cast for the server" do
    expect(payloads).to all(satisfy do |payload|
      highest = payload[:sql].scan(/\$(\d+)/).flatten.map(&:to_i).max.to_i
      casted = payload[:type_casted_binds]
      casted = casted.call if casted.respond_to?(:call)
      payload[:binds].to_a.size == highest && casted.to_a.size == highest && casted.to_a.none?(Hash)
    end)
  end

  it "of ActiveRecord write every statement down, with its binds and its place" do
    lines = debug_lines
    expect(lines.grep(/Could not log/)).to be_empty
    ["Tasker::Task Load", "WorkflowStep Update", "StepReadinessStatus Batch Load", "DependencyLevels Load"].each do |name|
      expect(lines.grep(/#{name} \(\d+\.\d+ms\)/)).not_to be_empty, name
    end
    expect(lines.grep(/\[\[nil, \d+\], \[nil, "resolved_manually"\]/)).not_to be_empty
  end

  it "and the server see the application's tags on the core's statements as on the engine's" do
    tags = ActiveRecord::QueryLogs
    before = [ActiveRecord.query_transformers.dup, tags.tags]
    ActiveRecord.query_transformers << tags
    tags.tags = [{ application: "specs" }]
    off, on = off_and_on { payloads.reject { |payload| payload[:name].in?(%w[TRANSACTION SCHEMA]) }.pluck(:sql) }.map(&:value)
    expect([off, on].map(&:size)).to all(be > 20)
    expect(off + on).to all(include("/*application:specs*/").or(include("/*application='specs'*/")))
  ensure
    ActiveRecord.query_transformers.replace(before.first)
    tags.tags = before.last
  end
end
