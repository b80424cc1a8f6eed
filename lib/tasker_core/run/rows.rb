# frozen_string_literal: true

module TaskerCore
  class Run
    # The rows of one task and its steps, as they were last read; each version of a row is sent once.
    #
    # Records are made from them as if they had just been found.
    class Rows
      TASK = %w[
        task_id named_task_id complete requested_at initiator source_system reason bypass_steps tags context identity_hash
        created_at updated_at
      ].freeze
      STEP = %w[
        workflow_step_id task_id named_step_id retryable retry_limit in_process processed processed_at attempts last_attempted_at
        backoff_request_seconds inputs results created_at updated_at skippable
      ].freeze
      INSTANTS = %w[requested_at processed_at last_attempted_at created_at updated_at].freeze
      private_constant :TASK, :STEP, :INSTANTS

      class << self
        # Whether rows with these columns are all that there is to a task and its steps: an application may have added columns, or a
        # scope that hides some rows from everybody.
        def complete?
          { Tasker::Task => TASK, Tasker::WorkflowStep => STEP }.all? do |model, columns|
            model.default_scopes.empty? && same?(model.attribute_names, columns)
          end
        end

        private

        def same?(names, columns)
          names == columns || (names.size == columns.size && (names - columns).empty?)
        end
      end

      def initialize
        @steps = {}
      end

      # @return [Array] the versions that are here, as the core wants them
      def known
        [@task&.first, @steps.keys, @steps.values.map(&:first)]
      end

      # @param row [Array, nil] nil where this version is here already
      def take_task(version, row)
        @task = [version, attributes(TASK, row)] if row
      end

      # @param row [Array, nil] nil where this version is here already
      def take_step(id, version, row)
        @steps[id] = [version, attributes(STEP, row)] if row
      end

      # @return [Array<Integer, nil>] how often each step was tried
      def attempts
        @steps.each_value.map { |_, attributes| attributes["attempts"] }
      end

      # @return [Tasker::Task]
      def task
        Tasker::Task.instantiate(@task.last)
      end

      # @return [Tasker::WorkflowStep, nil] nil for steps of other tasks
      def step(id)
        _, attributes = @steps[id]
        attributes && Tasker::WorkflowStep.instantiate(attributes)
      end

      private

      def attributes(columns, row)
        columns.zip(row).to_h.tap do |attributes|
          INSTANTS.each { |name| attributes[name] = Instant.to_time(attributes[name]) if attributes.key?(name) }
        end
      end
    end
  end
end
