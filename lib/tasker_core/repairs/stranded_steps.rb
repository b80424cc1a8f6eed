# frozen_string_literal: true

module TaskerCore
  module Repairs
    # A step whose end cannot be written stays `in_progress`, and nobody ever comes back to it: the engine logs what went wrong and goes on.
    # That happens to results that cannot be saved, to errors without a backtrace, and to errors of steps whose results are no Hash.
    #
    # Here such a step ends in `error`, with the reason.
    module StrandedSteps
      ERROR = %w[error backtrace error_class].freeze
      # The step that this thread has claimed.
      CLAIMED = Local.new(:tasker_core_claimed_step)
      private_constant :ERROR

      class << self
        # @return [Boolean] whether the step is still being run, says the database
        def stranded?(step)
          Run.suspended { step.state_machine.current_state } == Tasker::Constants::WorkflowStepStatuses::IN_PROGRESS
        end

        # The engine has logged why the step could not be saved and told nobody; so it is tried again, for the error alone.
        # @return [String]
        def reason_for(step)
          Host.transaction do
            step.save!
            raise ActiveRecord::Rollback
          end
          "the move to complete was refused"
        rescue StandardError => e
          "#{e.class}: #{e.message}"
        end

        # Forgets everything that is on the object and not in the database.
        # @param kept [Hash] what is put on it again
        def start_over(step, kept = {})
          Run.suspended { step.reload }
          step.assign_attributes(kept)
        end

        # @yieldparam call [Array] a private method of the executor and its arguments
        def end_in_error(task, step, error)
          Repairs.note(:stranded_steps, "step #{step.workflow_step_id} fails, for its end was interrupted: #{error.message}")
          start_over(step)
          yield :store_step_error_data, step, error
          yield :complete_error_step_execution, task, step
        end

        # @return [Hash] the error and the attempt that the engine has put on the step, in a form that can be saved
        def account_of(step)
          texts = step.results.to_h.transform_keys(&:to_s).slice(*ERROR).transform_values { |text| writable(text) }
          { attempts: step.attempts, last_attempted_at: step.last_attempted_at, results: texts }
        end

        # @param error [StandardError]
        # @return [StandardError] the same, with a backtrace that can be joined
        def traceable(error)
          error.backtrace ? error : error.dup.tap { |copy| copy.define_singleton_method(:backtrace) { [] } }
        end

        # @return [Hash, nil] results to which an error can be added
        def extensible(results)
          results.nil? || results.is_a?(Hash) ? results : { "results" => results }
        end

        private

        # What PostgreSQL takes as text.
        def writable(text)
          text.to_s.encode("UTF-8", invalid: :replace, undef: :replace).scrub.delete("\u0000")
        end
      end

      # For `Tasker::Orchestration::StepExecutor`.
      module Executor
        # What escapes from here was raised while the engine dealt with an error, and is only logged.
        def execute_step_workflow_with_monitoring(task, sequence, step, task_handler, step_start_time)
          CLAIMED.with(nil) do
            InPlace.engine(
              Executor, :execute_step_workflow_with_monitoring, self, task, sequence, step, task_handler, step_start_time
            )
          rescue StandardError => e
            mine = Repairs.on?(:stranded_steps) && CLAIMED.value.equal?(step)
            StrandedSteps.end_in_error(task, step, e) { |*call| send(*call) } if mine && StrandedSteps.stranded?(step)
            raise
          end
        end

        def transition_step_to_in_progress!(step)
          InPlace.engine(Executor, :transition_step_to_in_progress!, self, step).tap { CLAIMED.value = step }
        end

        def store_step_error_data(step, error)
          if Repairs.on?(:stranded_steps)
            step.results = StrandedSteps.extensible(step.results)
            error = StrandedSteps.traceable(error)
          end
          InPlace.engine(Executor, :store_step_error_data, self, step, error)
        end

        # What is raised takes the way of an error of the step's handler.
        def complete_step_execution(task, step)
          completed = InPlace.engine(Executor, :complete_step_execution, self, task, step)
          return completed if completed || !Repairs.on?(:stranded_steps) || !StrandedSteps.stranded?(step)

          reason = StrandedSteps.reason_for(step)
          Repairs.note(:stranded_steps, "step #{step.workflow_step_id} fails, for it cannot be completed: #{reason}")
          StrandedSteps.start_over(step)
          raise Tasker::ProceduralError, "Step #{step.workflow_step_id} was run and cannot be completed: #{reason}"
        end

        def complete_error_step_execution(task, step)
          ended = InPlace.engine(Executor, :complete_error_step_execution, self, task, step)
          return ended if ended || !Repairs.on?(:stranded_steps) || !StrandedSteps.stranded?(step)

          Repairs.note(:stranded_steps, "step #{step.workflow_step_id} fails without what else was to be saved")
          StrandedSteps.start_over(step, StrandedSteps.account_of(step))
          InPlace.engine(Executor, :complete_error_step_execution, self, task, step)
        end
      end
    end
  end
end
