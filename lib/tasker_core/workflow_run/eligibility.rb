# frozen_string_literal: true

module TaskerCore
  module WorkflowRun
    # Whether a workflow can be run by the core's loop: everything that the loop stands for is the engine's own, and nobody listens or reads
    # along between two steps.
    module Eligibility
      # What the core's loop does in the place of the engine's methods, by class.
      STARTING = %i[start_task! safe_transition_to publish_task_started publish_event_with_logging log_task_event log_structured].freeze
      MOVES = { "Tasker::Task" => %w[in_progress complete pending error], "Tasker::WorkflowStep" => %w[in_progress complete error] }.freeze
      private_constant :STARTING, :MOVES

      # Of the reasons where none of the others is one.
      UNCOVERED = "changes something that the core's loop does not cover"
      private_constant :UNCOVERED

      class << self
        # @param task [Object]
        # @return [Boolean] whether the caller's object is a task of the engine's, with nothing on it that the loop would miss
        def of_task?(task)
          task.instance_of?(Tasker::Task) && task.persisted? && Native::Ids.id?(task.task_id) && !task.complete &&
            task.singleton_methods(false).empty? && !task.association(:task_transitions).loaded?
        end

        # @param task_handler [Tasker::TaskHandler]
        def of_handler?(task_handler)
          TaskerCore.active? && marks_alike? && stock?(task_handler) && Run.possible?
        end

        # Whether it can be run here and now, by the run that has just begun.
        # @param task_handler [Tasker::TaskHandler]
        def here?(task_handler)
          quiet?(task_handler) && engine_initializes? && moves_natively? && rows_are_stock? && connection_is_free?
        end

        # Made for a run that is native and not in the core's loop.
        #
        # @param task [Object]
        # @param task_handler [Tasker::TaskHandler]
        # @return [Array<Compatibility::Reason>] why the core's loop does not run it; none for a handler whose workflows are not native
        def reasons(task, task_handler)
          return [] unless TaskerCore.active? && stock?(task_handler)

          found = [*standing_reasons(task_handler), *of_transitions, *of_tables, *of_object(task), *of_connection]
          uncovered = found.empty? && !(of_handler?(task_handler) && Run.within(Run.current || Run.new) { here?(task_handler) })
          uncovered ? [reason("the application", UNCOVERED)] : found
        end

        # Those of them that concern all tasks of a task handler in this process.
        # @param task_handler [Tasker::TaskHandler]
        # @return [Array<Compatibility::Reason>]
        def standing_reasons(task_handler)
          [*Stock::Listeners.reasons, *of_log(task_handler), *of_claims, *of_initializer]
        end

        private

        def reason(subject, problem, location = nil)
          Compatibility::Reason.new(subject:, problem:, location:, scope: :loop)
        end

        def of_log(task_handler)
          logs = %i[workflow_coordinator step_executor].any? { |name| task_handler.send(name).send(:should_log?, :debug) }
          [reason("the engine's log", "has the level debug")] if logs
        end

        def of_claims
          [reason("TaskerCore::Claims.marker", "is the application's")] unless marks_alike?
        end

        def of_initializer
          methods = STARTING.map { |name| Tasker::Orchestration::TaskInitializer.instance_method(name) }
          changed = methods.reject { |method| Stock::EngineCode.unmodified?(method) }
          changed.map { |method| Compatibility::Reason.of_method(method, scope: :loop) }
        end

        def of_transitions
          return if !Stock::Listeners.empty? || Run.within(Run.current || Run.new) { moves_natively? }

          [reason("tasks or steps", "change their states by more than the core's statements: a guard, a callback, or the fix from_state")]
        end

        # Those that the run has found.
        def of_tables
          Run.current&.row_triggers.to_a.map { |table| reason(table, "has row triggers") }
        end

        def of_object(task)
          return [reason("the task object", "has methods of its own")] unless task.singleton_methods(false).empty?

          loaded = task.is_a?(Tasker::Task) && task.association(:task_transitions).loaded?
          [reason("the task object", "has its transitions loaded")] if loaded
        end

        def of_connection
          [reason("the connection", "has a transaction open, or refuses writes")] unless connection_is_free?
        end

        def stock?(task_handler)
          collaborators = Frames::Collaborators
          Stock::EngineCode.stock?(task_handler, :establish_step_dependencies_and_defaults, :step_templates) &&
            !task_handler.is_a?(RustSteps) &&
            collaborators.engine_starts?(task_handler, of_its_class: false) && collaborators.engine_runs?(task_handler)
        end

        def quiet?(task_handler)
          %i[workflow_coordinator step_executor].all? { |name| Frames::Quiet.run(task_handler.send(name)) }
        end

        def rows_are_stock?
          Run::Rows.complete?(Tasker::Task, Tasker::WorkflowStep) &&
            MethodPatcher.patched?(Tasker::WorkflowStep.method(:get_steps_for_task))
        end

        # Rails' transactional tests pin a connection that a thread has not leased yet.
        def connection_is_free?
          !Fixes::SecondaryDatabase.left_to_the_engine? && Tasker::ApplicationRecord.with_connection do
            !Native::QueryRunner.transaction_open? && !Native::QueryRunner.preventing_writes?
          end
        end

        # Claims of the core's loop have one mark for a run; the gem's own marker makes no difference between them.
        def marks_alike?
          Claims.marker.nil? || (Claims.marker.is_a?(Proc) && MethodPatcher.patched?(Claims.marker))
        end

        def engine_initializes?
          initializer = Tasker::Orchestration::TaskInitializer
          Stock::EngineCode.stock?(initializer, :start_task!) && Run.current.known_methods?(initializer, STARTING)
        end

        # Whether nothing of the application's is called amid a transition of the task or a step, or told of it.
        def moves_natively?
          MOVES.all? do |model, states|
            model = model.constantize
            machine = model.instantiate({ model.primary_key => 1 }).state_machine
            states.all? { |state| Transitions::Transition.unobserved?(machine, state) }
          end
        end
      end
    end
  end
end
