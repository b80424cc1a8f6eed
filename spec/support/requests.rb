# frozen_string_literal: true

# Requests to the engine's controllers, with names in the place of ids.
module Requests
  # Ids of tasks and steps from here on cannot be taken for any other number.
  FIRST_ID = 5_000_000
  SEQUENCES = %w[tasker_tasks_task_id_seq tasker_workflow_steps_workflow_step_id_seq].freeze
  # Differs from request to request.
  IGNORED = /_at\z|timestamp|_ms\z|duration/i
  # That of the first of several paths which are equal in the engine's order.
  IGNORED_OF_TIES = %w[longest_path_length].freeze
  private_constant :FIRST_ID, :SEQUENCES, :IGNORED, :IGNORED_OF_TIES

  class << self
    # Has tasks and steps that are made from now on get ids that {ask} knows.
    def number_rows
      SEQUENCES.each_with_index do |sequence, index|
        first = FIRST_ID * (index + 1)
        Tasker::ApplicationRecord.connection.select_value("SELECT setval('#{sequence}', greatest(#{first}, nextval('#{sequence}')))")
      end
    end
  end

  # @param verb [Symbol]
  # @param path [String] below the engine
  # @param task [Tasker::Task] the answer is about
  # @return [Array] status and JSON
  # @raise [StandardError] what the application would see in its log
  def ask(verb, path, task = nil, **params)
    public_send(verb, "/tasker#{path}", params:, as: (:json unless verb == :get))
    [response.status, normalized(nil, response.parsed_body, names_of(task))]
  end

  # @return [Array] the same, of a GraphQL operation
  def ask_graphql(query, task = nil)
    ask(:post, "/graphql", task, query:)
  end

  private

  def names_of(task)
    return {} if task.nil?

    steps = Tasker::WorkflowStep.where(task_id: task.task_id).includes(:named_step)
    { task.task_id.to_s => "the task", **steps.to_h { |step| [step.workflow_step_id.to_s, step.name] } }
  end

  def normalized(key, value, names)
    case value
    when Hash then fields(key.to_s, value.except(*IGNORED_OF_TIES), names)
    when Array then listed(key.to_s, value.map { |item| normalized(key, item, names) })
    else single(key, value, names)
    end
  end

  def fields(key, value, names)
    value.to_h do |inner, item|
      item = normalized(inner, item, names)
      [single(nil, inner, names), key.end_with?("adjacency_list") ? item.sort : item]
    end
  end

  # The engine reads lists of rows and of their ids without an order.
  def listed(key, items)
    key.end_with?("ids", "Ids", "nodes") || items.all?(Hash) ? items.sort_by(&:inspect) : items
  end

  def single(key, value, names)
    return value.class.name if key.to_s.underscore.match?(IGNORED)

    value.to_s.match?(/\A\d+\z/) && value.to_i >= FIRST_ID ? names.fetch(value.to_s, "another") : value
  end
end
