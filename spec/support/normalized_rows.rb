# frozen_string_literal: true

# Tasks, steps, events and log lines with names in the place of ids, so that two runs of one workflow can be compared.
class NormalizedRows
  ISO8601 = /\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/
  OWN_FRAME = %r{/lib/tasker_core/}
  # Depends on whether a thread had a connection already.
  POOL_LINE = /(?<=connection_pool\.rb):\d+/
  # Columns that do not depend on the workflow.
  IGNORED = %w[id task_id workflow_step_id named_task_id named_step_id from_step_id to_step_id identity_hash].freeze
  # Lists that the engine reads without an order.
  UNORDERED = %w[step_ids step_names step_dependencies].freeze
  # Columns with the owner of the row.
  OWNERS = %w[task_id workflow_step_id from_step_id to_step_id].freeze
  private_constant :UNORDERED, :OWNERS, :ISO8601, :OWN_FRAME, :IGNORED

  # @param tasks [Array<Tasker::Task>]
  # @param times [Boolean] whether instants are compared, or only their presence
  def initialize(*tasks, times: false)
    @task_names = tasks.each_with_index.to_h { |task, index| [task.task_id, "task #{index + 1}"] }
    @times = times
    named = Tasker::WorkflowStep.where(task_id: @task_names.keys).includes(:named_step)
    @step_names = named.to_h { |step| [step.workflow_step_id, "#{step.name} of #{@task_names[step.task_id]}"] }
  end

  # @return [Hash{Symbol => Array<Hash>}] every column of every row that is not an id, an instant or the identity hash
  def rows
    steps = { workflow_step_id: @step_names.keys }
    {
      tasks: all(Tasker::Task.where(task_id: @task_names.keys)),
      task_transitions: all(Tasker::TaskTransition.where(task_id: @task_names.keys)),
      steps: all(Tasker::WorkflowStep.where(steps)),
      step_transitions: all(Tasker::WorkflowStepTransition.where(steps)),
      edges: all(Tasker::WorkflowStepEdge.where(from_step_id: @step_names.keys))
    }
  end

  # @param record [ActiveRecord::Base]
  def row(record)
    owners = record.attributes.slice(*OWNERS)
    owners.to_h { |column, id| [column, name(column, id)] }.merge(columns(record))
  end

  # @param event [EventRecorder::Event]
  # @return [Array] its name and its payload: keys in order, values that do not change from run to run
  def event(event)
    [event.name, payload(event.payload)]
  end

  # @param fields [Hash]
  # @return [Array] of pairs
  def payload(fields)
    fields.map { |key, value| [key, normalize(key.to_s, value)] }
  end

  # @param line [String] one that names tasks and steps by their ids
  def text(line)
    line.gsub(/\b[Tt]ask (\d+)/) { @task_names.fetch(Regexp.last_match(1).to_i, "another task") }
        .gsub(/\b(?:[Ss]tep|WorkflowStep) (\d+)/) { @step_names.fetch(Regexp.last_match(1).to_i, "another step") }
        .sub(/parameter \$\d+/, "a parameter")
  end

  # @return [String, nil] the owner of the event: a step's name or a task's
  def subject(event)
    payload = event.payload
    @step_names[payload[:step_id]] || @task_names[payload[:task_id]]
  end

  private

  def all(relation)
    relation.map { |record| row(record) }.sort_by { |row| [*row.values_at(*OWNERS).map(&:to_s), row["sort_key"].to_i] }
  end

  def columns(record)
    record.attributes.except(*IGNORED).to_h { |column, value| [column, normalize(column, value)] }
  end

  def name(column, id)
    column == "task_id" ? @task_names.fetch(id, "another task") : @step_names.fetch(id, "another step")
  end

  def instant(value)
    return value if @times || value.nil?

    value.class.name
  end

  def normalize(key, value)
    case value
    when Hash then value.to_h { |inner, item| [inner, normalize(inner.to_s, item)] }
    when Array then list(key, value)
    when ActiveRecord::Base then row(value)
    else value.acts_like?(:time) ? instant(value) : plain(key, value)
    end
  end

  def plain(key, value)
    case value
    when Float then key.include?("duration") ? "seconds" : value
    when String then text_value(key, value)
    when Integer then id(key, value)
    else value
    end
  end

  # Frames of the gem itself are left out of stored backtraces.
  def list(key, values)
    return values.grep_v(OWN_FRAME).map { |frame| frame.sub(POOL_LINE, "") } if key == "backtrace"

    items = values.map { |value| normalize(key.delete_suffix("s"), value) }
    key.in?(UNORDERED) ? items.sort : items
  end

  def text_value(key, value)
    case key
    when "backtrace" then value.lines.grep_v(OWN_FRAME).join.gsub(POOL_LINE, "")
    when "correlation_id" then "an id"
    else value.match?(ISO8601) ? instant(value) : value
    end
  end

  def id(key, value)
    return @task_names.fetch(value, "another task") if key == "task_id"

    key.in?(%w[step_id workflow_step_id]) ? @step_names.fetch(value, "another step") : value
  end
end

Portrait = NormalizedRows # the former name, in spec/frames and spec/recovery
