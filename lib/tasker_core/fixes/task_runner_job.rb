# frozen_string_literal: true

require_relative "job_at_work"

module TaskerCore
  module Fixes
    # The engine's job asks for the constant `FAILED`, which does not exist, whenever a task has not completed, and so ends in a NameError.
    # Its rule for all errors shadows those for `RetryableError` and `PermanentError`, of which one names a wait that Rails does not know.
    # And it logs the final status of each task as unknown.
    #
    # Here the job ends as its own code and its own rules say. Rules that an application has added are followed as Rails has it.
    module TaskRunnerJob
      # The wait that grows with the number of attempts, which Rails has renamed.
      RENAMED = { exponentially_longer: :polynomially_longer }.freeze
      # On the engine's job, so that a class that was reloaded takes its rules with it.
      RULES = :@tasker_core_rules
      private_constant :RULES

      class << self
        # @return [Boolean] whether nothing is left to do for a task in that state
        def ended?(status)
          statuses = Tasker::Constants::TaskStatuses
          [statuses::COMPLETE, statuses::CANCELLED, statuses::RESOLVED_MANUALLY].include?(status)
        end

        # Takes down the rules that the engine's job has as the engine has made it. What is declared afterwards is the application's, and
        # what it inherits, too.
        # @param job [Class] that has just been loaded
        def record_rules(job)
          inherited = job.superclass.rescue_handlers.to_h { |rule| [rule, true] }.compare_by_identity
          own = job.rescue_handlers.reject { |rule| inherited.key?(rule) }
          job.instance_variable_set(RULES, own.to_h { |rule| [rule, true] }.compare_by_identity)
        end

        # @param job [Class] the engine's, or one that was made from it
        # @param rule [Array] one of its `rescue_handlers`
        # @return [Boolean] whether the engine has declared it
        def engine_rule?(job, rule)
          job.ancestors.any? { |owner| owner.instance_variable_get(RULES)&.key?(rule) }
        end

        # @param fitting [Array<Array>] rules for the error, the last one first
        # @return [Array, nil] the one to follow: of the engine's own the nearest, if the application has none that comes before them
        def chosen(job, fitting, distances)
          return fitting.first if fitting.empty? || !engine_rule?(job, fitting.first)

          fitting.select { |rule| engine_rule?(job, rule) }.min_by { |rule| distances[rule] }
        end

        # @param rule [Module, nil] for whose errors a rule is
        # @return [Integer, nil] how far it is from the error's class; nil if the error is none of its own
        def distance(error, rule)
          # What is no ancestor may say so all the same.
          error.class.ancestors.index(rule) || (error.class.ancestors.size if rule && rule === error) # rubocop:disable Style/CaseEquality
        end

        # @param status [String] of a task that has been run
        # @return [String, nil] why it has not completed, though that is no failure of its job
        def excuse(status)
          return if status == Tasker::Constants::TaskStatuses::COMPLETE
          return "somebody has ended it" if ended?(status)

          "another job goes on with it" if JobAtWork.current&.continued
        end

        # @return [Tasker::ProceduralError] what the engine would raise if the state were called as it thinks
        def failure(task, status)
          message = "Task processing failed for task #{task.task_id} - final status: #{status}"
          context = { task_id: task.task_id, final_status: status }
          return Tasker::RetryableError.new(message, context:) unless status == Tasker::Constants::TaskStatuses::ERROR

          Tasker::PermanentError.new(message, error_code: "TASK_EXECUTION_FAILED", context:)
        end
      end

      # For `Tasker::TaskRunnerJob`.
      module Job
        def execute_task_with_monitoring(task, job_correlation_id, job_start_time)
          status = task.status if Fix.on?(:task_runner_job)
          if status && TaskRunnerJob.ended?(status)
            Fix.note(:task_runner_job, "task #{task.task_id} is #{status}: nothing is left to run")
          else
            MethodPatcher.call_original(Job, :execute_task_with_monitoring, self, task, job_correlation_id, job_start_time)
          end
        end

        def validate_task_completion(task, job_correlation_id, task_execution_duration)
          status = task.status if Fix.on?(:task_runner_job)
          excuse = TaskRunnerJob.excuse(status) if status
          return Fix.note(:task_runner_job, "task #{task.task_id} is #{status}: #{excuse}") if excuse

          MethodPatcher.call_original(Job, :validate_task_completion, self, task, job_correlation_id, task_execution_duration)
        rescue NameError => e
          raise unless status && e.name == :FAILED

          raise TaskRunnerJob.failure(task, status)
        end

        def log_performance_event(operation, duration, **context)
          unknown = operation == "task_runner_job_execution" && context[:final_status] == "unknown"
          context[:final_status] = Tasker::Task.find_by(task_id: context[:task_id])&.status if unknown && Fix.on?(:task_runner_job)
          MethodPatcher.call_original(Job, :log_performance_event, self, operation, duration, **context)
        end

        def determine_delay(seconds_or_duration_or_algorithm:, **options)
          wait = seconds_or_duration_or_algorithm
          wait = RENAMED.fetch(wait, wait) if Fix.on?(:task_runner_job)
          MethodPatcher.call_original(Job, :determine_delay, self, seconds_or_duration_or_algorithm: wait, **options)
        end
      end

      # For its singleton class.
      module Rules
        # The last rule that fits, as Rails has it; but of the engine's own, the one for the error's class or the nearest class above it.
        def find_rescue_handler(exception)
          return MethodPatcher.call_original(Rules, :find_rescue_handler, self, exception) unless exception && Fix.on?(:task_runner_job)

          distances = rescue_handlers.to_h do |rule|
            [rule, TaskRunnerJob.distance(exception, constantize_rescue_handler_class(rule.first))]
          end
          TaskRunnerJob.chosen(self, distances.compact.keys.reverse, distances)&.last
        end
      end
    end
  end
end
