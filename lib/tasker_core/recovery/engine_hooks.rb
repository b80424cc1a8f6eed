# frozen_string_literal: true

module TaskerCore
  module Recovery
    # Methods around the engine's, see {MethodPatcher}.
    module EngineHooks
      # For `Tasker::TaskRunnerJob`.
      module Job
        def perform(task_id, correlation_id: nil)
          Recovery.start
          MethodPatcher.call_original(Job, :perform, self, task_id, correlation_id:)
        rescue Tasker::ProceduralError
          Recovery.refused if Recovery.on? && EngineHooks.in_progress?(task_id)
          raise
        end
      end

      class << self
        # @return [Boolean] whether the task is in progress; that is why its job was refused
        def in_progress?(task_id)
          transition = Tasker::TaskTransition.where(task_id:, most_recent: true)
          Tasker::Task.uncached { transition.pick(:to_state) } == Tasker::Constants::TaskStatuses::IN_PROGRESS
        rescue ActiveRecord::ActiveRecordError
          false
        end
      end
    end
  end
end
