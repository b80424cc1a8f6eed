# frozen_string_literal: true

module TaskerCore
  class Run
    # A step in the hands of a worker, with the objects that the engine would otherwise load again: its task, its definition and
    # its parents.
    #
    # Tasks and parents are new objects, as if they had been loaded; what a handler does to them shows nowhere else. Definitions are shared.
    class HeldStep
      class << self
        # Tells whoever holds a step that code of the application has had it in hands.
        # @param step [Object]
        # @param handler [Object, nil] who is going to tell of it
        def handed_out(step, handler = nil)
          held(step)&.handed_out(handler)
        end

        # Tells whoever holds a step that its handler is done with it.
        def handed_back(step)
          held = held(step)
          held&.handed_out unless held&.told_by_the_engine?
        end

        private

        def held(step)
          Run.current&.held(step.workflow_step_id) if step.is_a?(Tasker::WorkflowStep)
        end
      end

      # @param run [Run]
      # @param step [Tasker::WorkflowStep]
      # @param survey [Survey, nil] in which the step was seen just now
      def initialize(run, step, survey)
        @run = run
        @step = step
        @survey = survey
        @named_step = step.named_step
        introduce_task(step)
      end

      # Reads the step anew, as the engine does before it runs it.
      #
      # @param override [Override] on whose behalf
      # @return [String, nil] the state it is in; nil if nothing is known of it
      def refresh(override)
        state = @survey&.states&.[](@step.workflow_step_id)
        return if state.nil?

        override.answered
        @step.reload
        equip(@step)
        @task = nil # what is the handler's from now on
        @words = nil unless @step.named_step_id == @named_step.named_step_id
        state
      end

      # @return [Tasker::WorkflowStep, nil] what a reader of the database would have found at the time of the survey; nil once somebody else
      #   may have written it
      def found
        @survey&.steps([@step.workflow_step_id])&.first unless @away
      end

      # @param step [Tasker::WorkflowStep]
      # @return [Frames::StepWords, nil] what the log says of it; nil if it is another object, or not the engine's alone
      def words(step)
        return unless @survey && step.equal?(@step)

        @words = Frames::StepWords.of(step, @run) || false if @words.nil?
        @words || nil
      end

      # Somebody else has had the step in hands.
      # @param handler [Object, nil] who is going to tell of it
      def handed_out(handler = nil)
        @away = true
        @words = nil
        @handler = handler
      end

      # Whether a handler that has had the step has told of it since, by nothing but the engine's methods.
      def told_by_the_engine?
        !@handler.nil? && @words ? @words.for?(@handler) : false
      end

      # Makes {copy} give none any more: somebody else may have written what the object does not know.
      def outdated
        @outdated = true
      end

      # The step as a reader of the database would find it.
      # @return [Tasker::WorkflowStep, nil] nil while object and database may differ
      def copy
        return if @outdated || @step.has_changes_to_save?

        equip(@step.class.instantiate(@step.attributes_before_type_cast))
      end

      private

      def equip(step)
        introduce(step)
        parents = parents_of(step.workflow_step_id)
        put(step, :parents, parents) if parents
        step
      end

      # What log lines say of a step. Its parents are needed from {refresh} on, which makes the step forget them.
      def introduce(step)
        put(step, :named_step, @named_step) if step.named_step_id == @named_step.named_step_id
        introduce_task(step)
      end

      def introduce_task(step)
        put(step, :task, @task ||= @run.definitions.equip(@survey.task)) if @survey
      end

      def put(record, association, target)
        record.association(association).target = target
      end

      # @return [Array<Tasker::WorkflowStep>, nil] nil if one of them is a step of another task
      def parents_of(id)
        parents = @survey&.steps(@survey.parents(id))
        parents && Records::NamedSteps.attach(parents, @run)
      end
    end
  end
end
