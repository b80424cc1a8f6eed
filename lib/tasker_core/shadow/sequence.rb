# frozen_string_literal: true

module TaskerCore
  module Shadow
    # The steps of a task: what the engine has found or created, the core must find.
    class Sequence
      def initialize(override, model, task, templates)
        @override = override
        @model = model
        @task = task
        @templates = templates
      end

      def before; end

      # @param steps [Array<Tasker::WorkflowStep>]
      # @return [Symbol, Difference]
      def done(steps)
        return :declined if @templates.empty?

        ids = StepSequence.new(@model, @task, @templates, Beside.of(@override)).established_ids
        found = steps.map(&:workflow_step_id)
        return :declined if ids.nil?

        ids == found ? :alike : Difference.between(@model, [@task], found, ids)
      end

      def refused(_error)
        :declined
      end
    end
  end
end
