# frozen_string_literal: true

module TaskerCore
  module Fixes
    # Two runs of one task want the same step, and one of them gets it. The engine treats the other one's refusal as a failure of the
    # step: it writes `error` over the winner's `in_progress`, counts an attempt, and the winner's results are lost.
    #
    # The loser leaves the step alone. A step that is still pending was refused for other reasons, and is the engine's to fail. The same for
    # tasks, which the engine runs all the same when it has lost their start.
    module RaceLoser
      class << self
        # @param subject [Tasker::Task, Tasker::WorkflowStep] the very object that may be given up
        # @return [Object] what the block returns; nil if it has given up
        def may_lose(subject, &)
          catch(subject, &)
        end

        # @return [Boolean] whether another worker has the step
        def lost?(step)
          return false if Claims.of(step)&.token

          return false unless step.is_a?(Tasker::WorkflowStep)

          Run.suspended { step.state_machine.current_state } != Tasker::Constants::WorkflowStepStatuses::PENDING
        rescue ActiveRecord::ActiveRecordError
          false
        end

        # Ends the block of {may_lose}; outside of one, it does nothing.
        def give_up(subject)
          Fix.note(:race_loser, "#{subject.class.name} #{subject.id} is #{subject.status} by somebody else and is left alone")
          throw subject
        rescue UncaughtThrowError
          nil
        end
      end

      # For `Tasker::TaskHandler::InstanceMethods`.
      module TaskHandler
        def handle(task)
          RaceLoser.may_lose(task) { MethodPatcher.call_original(TaskHandler, :handle, self, task) }
        end

        def start_task(task)
          started = MethodPatcher.call_original(TaskHandler, :start_task, self, task)
          RaceLoser.give_up(task) if started == false && task.is_a?(Tasker::Task) && Fix.on?(:race_loser)
          started
        end
      end

      # For `Tasker::Orchestration::StepExecutor`.
      module Executor
        def execute_single_step(task, sequence, step, task_handler)
          RaceLoser.may_lose(step) { MethodPatcher.call_original(Executor, :execute_single_step, self, task, sequence, step, task_handler) }
        end

        def transition_step_to_in_progress!(step)
          MethodPatcher.call_original(Executor, :transition_step_to_in_progress!, self, step)
        rescue StandardError
          RaceLoser.give_up(step) if Fix.on?(:race_loser) && RaceLoser.lost?(step)
          raise
        end
      end
    end
  end
end
