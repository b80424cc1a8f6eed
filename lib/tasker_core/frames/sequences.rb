# frozen_string_literal: true

require_relative "unread_steps"

module TaskerCore
  module Frames
    # The steps of a running task, which the engine makes anew in each round. Few handlers read all of them, so they are made when a handler
    # reads them, as they were when the round began.
    #
    # An unread sequence is the engine's object with an empty Hash of attributes, whose default is an {UnreadSteps}. It is filled before
    # anything shows what is in it, and then nothing of the gem is left in it.
    module Sequences
      ATTRIBUTES = Object.instance_method(:instance_variable_get)
      # By which the engine finds a step by its name.
      SEARCH = { "WorkflowStep" => %i[find_step_by_name], "WorkflowStep::StepFinder" => %i[find_by_name find_direct_match] }.freeze
      private_constant :ATTRIBUTES, :SEARCH

      # For `Tasker::Types::StepSequence`: the methods by which everything else reads its attributes, and those that Ruby and its libraries
      # call before they read instance variables by themselves (`Marshal`, `YAML`).
      module Sequence
        %i[steps inspect attributes __attributes__].each do |name|
          define_method(name) do
            Sequences.fill(self)
            MethodPatcher.call_original(Sequence, name, self)
          end
        end

        %i[[] instance_variable_get].each do |name|
          define_method(name) do |key|
            Sequences.fill(self)
            MethodPatcher.call_original(Sequence, name, self, key)
          end
        end

        # Makes one step only.
        def find_step_by_name(name)
          Sequences.find(self, name) || MethodPatcher.call_original(Sequence, :find_step_by_name, self, name)
        end

        # `Marshal` and `YAML` ask each object for a method of its own first.
        def respond_to_missing?(name, include_private)
          Sequences.fill(self)
          MethodPatcher.call_original(Sequence, :respond_to_missing?, self, name, include_private)
        end
        public :respond_to_missing? # as all that is put in the place of the engine's
      end

      # For `Tasker::Orchestration::StepSequenceFactory`.
      module Factory
        def get_sequence(task, task_handler)
          Sequences.unread(task, task_handler) || MethodPatcher.call_original(Factory, :get_sequence, self, task, task_handler)
        end
      end

      class << self
        # @return [Tasker::Types::StepSequence, nil] nil where the steps must be looked for, or the application wants to see them
        def unread(task, task_handler)
          run = Run.current
          ids = run&.known_sequence(task.task_id, task_handler.step_templates)
          return unless ids && Stock::EngineCode.stock?(task_handler, :establish_step_dependencies_and_defaults) &&
                        MethodPatcher.patched?(Tasker::WorkflowStep.method(:get_steps_for_task))

          survey = run.outlook(task.task_id)
          of(run, ids, survey, task_handler.step_templates) if survey&.shows?(ids)
        end

        # @param sequence [Tasker::Types::StepSequence]
        # @return [Array<Integer>] the ids of its steps
        def ids(sequence)
          unread_steps(sequence)&.ids || sequence.steps.map(&:workflow_step_id)
        end

        # Gives a sequence its steps, if it has none yet.
        def fill(sequence)
          unread_steps(sequence)&.fill(attributes_of(sequence))
        end

        # @return [Tasker::WorkflowStep, nil] nil where the engine must search
        def find(sequence, name)
          unread_steps(sequence)&.find(name) if name.is_a?(String) && stock_search?
        end

        # @param run [Run]
        # @param ids [Array<Integer>] of the steps, in the order of their templates
        # @param survey [Run::Survey, WorkflowRun::ClaimedRows] of the round
        # @return [Tasker::Types::StepSequence] unread
        def of(run, ids, survey, templates)
          Override["WorkflowStep.get_steps_for_task"].answered
          run.keep_all_rows(wanted: false) # unless a handler reads this one, too
          Tasker::Types::StepSequence.load(Hash.new(UnreadSteps.new(run, ids, survey, templates)))
        end

        private

        def unread_steps(sequence)
          attributes = attributes_of(sequence)
          unread_steps = attributes.default if attributes.is_a?(Hash)
          unread_steps if unread_steps.is_a?(UnreadSteps)
        end

        def attributes_of(sequence)
          ATTRIBUTES.bind_call(sequence, :@attributes)
        end

        def stock_search?
          SEARCH.all? { |owner, names| Stock::EngineCode.stock?(Tasker.const_get(owner), *names) } &&
            Stock::EngineCode.unmodified?(Tasker::WorkflowStep.instance_method(:name))
        end
      end
    end
  end
end
