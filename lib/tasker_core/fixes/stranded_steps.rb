# frozen_string_literal: true

module TaskerCore
  module Fixes
    # A step whose end is not written stays `in_progress`, and nothing executes it again: the engine logs the error and continues.
    # That happens to results that cannot be saved, to errors without a backtrace, to errors of steps whose results are no Hash, to
    # transactions in which a statement of the application has failed, and to whatever leaves the attempt without being a `StandardError`:
    # other exceptions, which the pool of threads swallows, `throw` and the end of the thread.
    #
    # Here such a step ends in `error`, with the reason.
    module StrandedSteps
      ERROR = %w[error backtrace error_class].freeze
      # The step that this thread has claimed.
      CLAIMED = Local.new(:tasker_core_claimed_step)
      # The last error of an end that was to be written on this thread.
      REFUSAL = Local.new(:tasker_core_refused_end)
      private_constant :ERROR, :REFUSAL

      class << self
        # Runs the block, and records the arguments of {refused} in it.
        def noting_refusals(&)
          REFUSAL.with([], &)
        end

        # Keeps why an end was not written: the engine only logs it.
        # @param error [StandardError]
        def refused(error)
          REFUSAL.value&.replace([error])
        end

        # @return [Boolean] whether the step is still in progress, by this worker's claim where it has one
        def stranded?(step)
          return false unless step.is_a?(Tasker::WorkflowStep)

          claim = Claims.of(step)
          return Run.suspended { claim.stands? } if claim&.token

          Run.suspended { step.state_machine.current_state } == Tasker::Constants::WorkflowStepStatuses::IN_PROGRESS
        end

        # Why a step could not be saved or moved. If that was only logged, it is saved again, for the error alone.
        # @return [String]
        def reason_for(step)
          refusal = REFUSAL.value&.first
          return "#{refusal.class}: #{refusal.message}" if refusal

          Native::QueryRunner.transaction do
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

        # Ends a step whose attempt was left by something that the engine does not rescue. What was to end the thread or the process still
        # does: the caller raises it again.
        #
        # @param error [Exception]
        # @yieldparam call [Array] a private method of the executor and its arguments
        def end_in_error(task, step, error, &)
          Native::QueryRunner.end_failed_transaction
          write_error(task, step, error, &) if CLAIMED.value.equal?(step) ? stranded?(step) : refused_to_begin?(step, error)
        rescue StandardError => e
          Rails.logger.error("tasker-core: repair stranded_steps: step #{step.workflow_step_id} may be in progress for ever, for its end " \
                             "could not be written: #{e.class}: #{e.message}")
        end

        # @return [Tasker::ProceduralError] for an attempt that was left without any error
        def left_without_error(step)
          Tasker::ProceduralError.new("Step #{step.workflow_step_id} was left before its end, by throw or by the end of its thread")
        end

        # @return [Hash] the error and the attempt that the engine has put on the step, in a form that can be saved
        def account_of(step)
          texts = step.results.to_h.transform_keys(&:to_s).slice(*ERROR).transform_values { |text| writable(text) }
          { attempts: step.attempts, last_attempted_at: step.last_attempted_at, results: texts }
        end

        # @param error [Exception]
        # @return [Exception] the same, with a backtrace that can be joined and a text that can be written as JSON
        def traceable(error)
          text = error.to_s
          return error if error.backtrace && (text.ascii_only? || (text.encoding == Encoding::UTF_8 && text.valid_encoding?))

          text = writable(text)
          backtrace = error.backtrace || []
          error.dup.tap do |copy|
            copy.define_singleton_method(:to_s) { text }
            copy.define_singleton_method(:backtrace) { backtrace }
          end
        end

        # @return [Hash, nil] results to which an error can be added
        def extensible(results)
          results.nil? || results.is_a?(Hash) ? results : { "results" => results }
        end

        # The last resort for a step whose subscribers spoil the transaction of each of its ends: it is written before they run.
        # @return [Array, nil] nil if nothing was done
        def end_apart(executor, step)
          ended = StepEnding.new(executor, step, Override["StepExecutor#complete_error_step_execution"]).fail(apart: true)
          Fix.note(:stranded_steps, "step #{step.workflow_step_id} fails outside of the transaction in which it is told of") if ended
          ended
        rescue StandardError => e
          Rails.logger.error("StepExecutor: Unexpected error completing error step #{step.workflow_step_id}: #{e.message}")
          nil
        end

        private

        def write_error(task, step, error)
          error = legible(error)
          reason = "#{error.class}: #{writable(error.message).lines.first&.chomp}"
          Fix.note(:stranded_steps, "step #{step.workflow_step_id} fails, for its end was interrupted: #{reason}", level: :error)
          start_over(step)
          yield :store_step_error_data, step, error
          yield :complete_error_step_execution, task, step
        end

        # A step that could not be claimed is pending, and would be tried again at once and for ever. The engine handles errors; what ends
        # the process is no fault of the step.
        def refused_to_begin?(step, error)
          return false if error.is_a?(StandardError) || error.is_a?(SignalException)

          Run.suspended { step.state_machine.current_state } == Tasker::Constants::WorkflowStepStatuses::PENDING
        end

        # @return [Exception] the same, or one that says of what class it is, if its own text cannot be read
        def legible(error)
          [error.message, error.to_s].each { |text| String(text) }
          error
        rescue StandardError => e
          Tasker::ProceduralError.new("#{error.class}, whose message cannot be read: #{e.class}: #{e.message}")
        end

        # What PostgreSQL takes as text.
        def writable(text)
          text.to_s.encode("UTF-8", invalid: :replace, undef: :replace).scrub.delete("\u0000")
        end
      end

      # For `Tasker::Orchestration::StepExecutor`.
      module Executor
        # What escapes from here was raised while the engine dealt with an error, or is none that it rescues.
        def execute_step_workflow_with_monitoring(task, sequence, step, task_handler, step_start_time)
          CLAIMED.with(nil) do
            result = MethodPatcher.call_original(
              Executor, :execute_step_workflow_with_monitoring, self, task, sequence, step, task_handler, step_start_time
            )
            over = true
            result
          rescue Exception => e # rubocop:disable Lint/RescueException -- raised again
            over = true
            StrandedSteps.end_in_error(task, step, e) { |*call| send(*call) } if Fix.on?(:stranded_steps)
            raise
          ensure
            left = !over && Fix.on?(:stranded_steps) && CLAIMED.value.equal?(step)
            StrandedSteps.end_in_error(task, step, StrandedSteps.left_without_error(step)) { |*call| send(*call) } if left
          end
        end

        def transition_step_to_in_progress!(step)
          MethodPatcher.call_original(Executor, :transition_step_to_in_progress!, self, step).tap { CLAIMED.value = step }
        end

        def store_step_error_data(step, error)
          if Fix.on?(:stranded_steps)
            step.results = StrandedSteps.extensible(step.results)
            error = StrandedSteps.traceable(error)
          end
          MethodPatcher.call_original(Executor, :store_step_error_data, self, step, error)
        end

        # What is raised takes the way of an error of the step's handler.
        def complete_step_execution(task, step)
          StrandedSteps.noting_refusals do
            completed = MethodPatcher.call_original(Executor, :complete_step_execution, self, task, step)
            next completed if completed || !Fix.on?(:stranded_steps)

            Native::QueryRunner.end_failed_transaction
            next unless StrandedSteps.stranded?(step)

            reason = StrandedSteps.reason_for(step)
            Fix.note(:stranded_steps, "step #{step.workflow_step_id} fails, for it cannot be completed: #{reason}")
            StrandedSteps.start_over(step)
            raise Tasker::ProceduralError, "Step #{step.workflow_step_id} was run and cannot be completed: #{reason}"
          end
        end

        def complete_error_step_execution(task, step)
          ended = MethodPatcher.call_original(Executor, :complete_error_step_execution, self, task, step)
          return ended if ended || !Fix.on?(:stranded_steps)

          Native::QueryRunner.end_failed_transaction
          return unless StrandedSteps.stranded?(step)

          Fix.note(:stranded_steps, "step #{step.workflow_step_id} fails without what else was to be saved")
          account = StrandedSteps.account_of(step)
          StrandedSteps.start_over(step, account)
          ended = MethodPatcher.call_original(Executor, :complete_error_step_execution, self, task, step)
          return ended if ended || !StrandedSteps.stranded?(step)

          StrandedSteps.start_over(step, account)
          step if StrandedSteps.end_apart(self, step)
        end
      end
    end
  end
end
