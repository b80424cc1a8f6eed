# frozen_string_literal: true

module TaskerCore
  module Backing
    # Private methods of the engine's `StepExecutor` around one step.
    module StepExecutor
      def validate_step_preconditions_with_logging(step)
        Override["StepExecutor#validate_step_preconditions_with_logging"].change(self, step) do |override|
          held = step && Run.current&.held(step.workflow_step_id)
          unless held && !Fixes::SecondaryDatabase.left_to_the_engine? && held.refresh(override)
            Fixes::SecondaryDatabase.connect
            next Override::DECLINED
          end

          log_step_event(step, :validation_passed, step_status: step.status, step_attempts: step.attempts)
          true
        rescue ActiveRecord::ActiveRecordError
          Override::DECLINED
        end
      end

      def complete_step_execution(task, step)
        Override["StepExecutor#complete_step_execution"].change(self, task, step) do |override|
          next Override::DECLINED unless StepEnding.new(self, step, override).complete

          publish_step_completed(
            step, attempt_number: step.attempts, execution_duration: step.processed_at - step.updated_at
          )
          Rails.logger.debug { "StepExecutor: Successfully completed step #{step.workflow_step_id}" }
          step
        rescue StandardError => e
          Fixes::StrandedSteps.refused(e)
          Rails.logger.error("StepExecutor: Unexpected error completing step #{step.workflow_step_id}: #{e.message}")
          nil
        end
      end

      def complete_error_step_execution(task, step)
        Override["StepExecutor#complete_error_step_execution"].change(self, task, step) do |override|
          next Override::DECLINED unless StepEnding.new(self, step, override).fail

          publish_step_failed(
            step,
            error_message: step.results["error"], error_class: step.results["error_class"],
            attempt_number: step.attempts, backtrace: step.results["backtrace"]&.split("\n")&.first(10)
          )
          Rails.logger.debug { "StepExecutor: Successfully saved error step #{step.workflow_step_id}" }
          step
        rescue StandardError => e
          id = step.workflow_step_id
          Rails.logger.error("StepExecutor: Unexpected error completing error step #{id}: #{e.message}")
          nil
        end
      end
    end
  end
end
