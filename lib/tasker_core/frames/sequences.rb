# frozen_string_literal: true

module TaskerCore
  module Frames
    # The steps of a running task, which the engine has made anew in each round. A handler is given them, and few look: so they are made
    # once somebody does, as they were when the round began. Those that its round has not read are as they are then.
    module Sequences
      PENDING = :@tasker_core_pending
      private_constant :PENDING

      # The steps of a sequence that nobody has looked at.
      class Pending
        # @return [Array<Integer>]
        attr_reader :ids

        # @param run [Run]
        # @param ids [Array<Integer>]
        # @param rows [Hash{Integer => Hash}] the steps' attributes, as far as they were read when the round began
        def initialize(run, ids, rows)
          @run = run
          @ids = ids
          @rows = rows
          @mutex = Mutex.new
        end

        # @param attributes [Hash] of the sequence, to which the steps are added
        def settle(attributes)
          @mutex.synchronize { attributes[:steps] ||= made } unless attributes.key?(:steps)
        end

        private

        def made
          others = read(@ids.reject { |id| @rows.key?(id) })
          steps = @ids.filter_map { |id| others[id] || (Tasker::WorkflowStep.instantiate(@rows[id]) if @rows.key?(id)) }
          NamedSteps.attach(steps, @run)
        end

        # What a round does not wait for is read when it is asked for.
        def read(ids)
          return {} if ids.empty?

          Tasker::WorkflowStep.uncached { Tasker::WorkflowStep.where(workflow_step_id: ids).index_by(&:workflow_step_id) }
        end
      end

      # For `Tasker::Types::StepSequence`: whatever reads its attributes.
      module Sequence
        %i[steps inspect attributes __attributes__].each do |name|
          define_method(name) do
            Sequences.settle(self)
            InPlace.engine(Sequence, name, self)
          end
        end

        def [](name)
          Sequences.settle(self)
          InPlace.engine(Sequence, :[], self, name)
        end
      end

      # For `Tasker::Orchestration::StepSequenceFactory`.
      module Factory
        def get_sequence(task, task_handler)
          Sequences.pending(task, task_handler) || InPlace.engine(Factory, :get_sequence, self, task, task_handler)
        end
      end

      class << self
        # @return [Tasker::Types::StepSequence, nil] nil where the steps must be looked for, or the application wants to see them
        def pending(task, task_handler)
          run = Run.current
          ids = run&.known_sequence(task.task_id, task_handler.step_templates)
          return unless ids && EngineCode.untouched?(task_handler, :establish_step_dependencies_and_defaults) &&
                        InPlace.own?(Tasker::WorkflowStep.method(:get_steps_for_task))

          rows = run.outlook(task.task_id)&.rows_among(ids)
          made_of(Pending.new(run, ids, rows)) if rows
        end

        # @param sequence [Tasker::Types::StepSequence]
        # @return [Array<Integer>] the ids of its steps
        def ids(sequence)
          pending = sequence.instance_variable_get(PENDING)
          pending ? pending.ids : sequence.steps.map(&:workflow_step_id)
        end

        # Gives a sequence its steps.
        def settle(sequence)
          sequence.instance_variable_get(PENDING)&.settle(sequence.instance_variable_get(:@attributes))
        end

        private

        def made_of(pending)
          Seam["WorkflowStep.get_steps_for_task"].answered
          Tasker::Types::StepSequence.load({}).tap { |sequence| sequence.instance_variable_set(PENDING, pending) }
        end
      end
    end
  end
end
