# frozen_string_literal: true

module TaskerCore
  module Records
    # Definitions of steps, which are read once in a run.
    module NamedSteps
      class << self
        # Gives each step its definition, with one statement for all that are not known yet.
        #
        # @param steps [Array<Tasker::WorkflowStep>]
        # @param run [Run, nil]
        # @return [Array<Tasker::WorkflowStep>] the steps
        def attach(steps, run)
          known = run ? run.definitions.steps : {}
          missing = steps.map(&:named_step_id).uniq.reject { |id| known.key?(id) }
          known.merge!(Tasker::NamedStep.where(named_step_id: missing).index_by(&:named_step_id)) if missing.any?
          steps.each { |step| step.association(:named_step).target = known[step.named_step_id] }
        end
      end
    end
  end
end
