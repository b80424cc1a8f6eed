# frozen_string_literal: true

require_relative "book"

module TaskerCore
  class Run
    # The states that the core has last read or written, of a task and its steps. What was learnt after the last look comes before what that
    # look has shown.
    class States
      UNKNOWN = Object.new.freeze
      private_constant :UNKNOWN

      # @return [Survey, nil] the last one of everything
      attr_reader :last_look

      def initialize
        @learnt = Book.new
      end

      # @param kind [String] `"task"` or `"step"`
      # @return [String, nil] nil where it must be asked for
      def of(kind, id)
        state = @learnt[kind][id]
        return @last_look&.state_of(kind, id) if state.nil?

        state unless state.equal?(UNKNOWN)
      end

      def learn(kind, id, state)
        @learnt[kind][id] = state
      end

      def forget(kind, id)
        @learnt[kind][id] = UNKNOWN
      end

      # Takes over what a survey of everything has shown.
      # @yieldparam step_id [Integer]
      # @yieldreturn [Boolean] whether more may be known of that step
      def look(survey)
        @last_look = survey
        @learnt["task"].clear
        @learnt["step"].each_key { |step_id| @learnt["step"].delete(step_id) unless yield step_id }
      end

      # Takes over what a survey of some steps, or of another task, has shown.
      # @yieldparam (see look)
      # @yieldreturn (see look)
      def glance(survey)
        learn("task", survey.task_id, survey.state)
        survey.states.each { |step_id, state| learn("step", step_id, state) unless yield step_id }
      end
    end
  end
end
