# frozen_string_literal: true

require_relative "rows"

module TaskerCore
  class Run
    # A task with everything that the engine asks about it in one round, as it was at one moment: one statement. Or with some of its steps
    # and their parents.
    class Survey
      class << self
        # @param task_id [Integer]
        # @param rows [Rows] of that task; what is new is added to them
        # @param chosen [Array<Integer>, nil] only these steps and their parents
        # @param known [Array] as {Rows#known} has it
        # @param changed [Boolean] whether steps whose row has changed are read besides the chosen ones
        # @return [Survey, nil] nil if there is no such task, or its steps are the engine's to judge
        def of(task_id, rows, chosen = nil, known = rows.known, changed: false)
          conversation = Native::Conversation.task_survey("Run#survey", task_id, chosen, known)
          # A query cache knows of its own thread's writes only, and steps run on others.
          answer = Tasker::ApplicationRecord.uncached { Native::QueryRunner.run(conversation, "Tasker::Task Load") }
          survey = answer && new(task_id, rows, answer, whole: chosen.nil?, current: chosen.nil? || changed)
          survey unless survey.nil? || Fixes::BackoffOverflow.left_to_the_engine? { rows.attempts(survey.states.keys) }
        end
      end

      attr_reader :task_id

      # @return [String] the task's state
      attr_reader :state

      # @return [Hash{Integer => String}] the steps' states
      attr_reader :states

      # @return [Array<Integer>] the steps that may be run now
      attr_reader :ready

      # @return [Array] the task's execution context, in the order of its attributes; of all its steps only where it is {whole?}
      attr_reader :context

      # @return [Array] the counts of the task's steps; of all of them only where it is {whole?}
      attr_reader :statistics

      # @return [Array<String>] those of the wanted tables that have row triggers
      attr_reader :row_triggers

      def initialize(task_id, rows, answer, whole: true, current: whole)
        @task_id = task_id
        @whole = whole
        @current = current
        @rows = rows
        task, steps, @from, @to, @ready, @context, @statistics, @row_triggers = answer
        @state, version, row = task
        rows.take_task(version, row)
        @states = steps.to_h do |id, state, step_version, step_row|
          rows.take_step(id, step_version, step_row)
          [id, state]
        end
      end

      # Whether it shows all of the task's steps.
      def whole?
        @whole
      end

      # @param ids [Array<Integer>] many
      # @return [Array<Integer>] those of them that may be run now, in ascending order
      def ready_among(ids)
        @ready.empty? ? [] : (ids & @ready).sort
      end

      # @return [Boolean] whether a look at what comes next would see this step: it may be run now, or one that may be run waits for it
      def near?(id)
        @near ||= @ready.flat_map { |step| [step, *parents(step)] }.to_set
        @near.include?(id)
      end

      # @return [Integer]
      def step_count
        @statistics.first
      end

      # @return [String] what the task waits for, in the engine's words; right if it is {whole?}, or a step may be run
      def execution_status
        @context[9]
      end

      # @param kind [String] `"task"` or `"step"`
      # @return [String, nil]
      def state_of(kind, id)
        kind == "step" ? @states[id] : (@state if id == @task_id)
      end

      # The task has moved, and nothing else has happened.
      def moved(state)
        dup.tap { |survey| survey.move(state) }
      end

      # @return [Tasker::Task] a new object
      def task
        @rows.task
      end

      # @return [Array<Tasker::WorkflowStep>, nil] new objects; nil if one of them was not seen
      def steps(ids)
        rows(ids)&.map { |row| Tasker::WorkflowStep.instantiate(row) }
      end

      # @return [Array<Hash>, nil] the attributes of these steps; nil if one of them was not seen
      def rows(ids)
        ids.map { |id| @rows.step_attributes(id) } if ids.all? { |id| @states.key?(id) }
      end

      # @param ids [Array<Integer>]
      # @return [Boolean] false if it was a look at everything, and did not see one of these
      def shows?(ids)
        !@whole || ids.all? { |id| @states.key?(id) }
      end

      # The attributes of steps as they were at that moment. To be called before another survey is made of the same rows.
      #
      # @param ids [Array<Integer>] of the task's steps
      # @return [Array<Hash, nil>] nil for steps that were not seen
      def rows_among(ids)
        ids.map { |id| @rows.step_attributes(id) if @current || @states.key?(id) }
      end

      # @return [Array(Array<Integer>, Array<Integer>)] where the edges begin and where they end, in the order in which they were made
      def edges
        [@from, @to]
      end

      # @return [Array<Integer>] the steps that a step waits for, in the order of their edges
      def parents(step_id)
        (@parents ||= linked(@to, @from)).fetch(step_id, [])
      end

      # @return [Array<Integer>] the steps that wait for a step, each as often as it does
      def children(step_id)
        (@children ||= linked(@from, @to)).fetch(step_id, [])
      end

      protected

      def move(state)
        @state = state
        @context = @context.dup.tap { |context| context[2] = state }
      end

      private

      # @return [Hash{Integer => Array<Integer>}] by step, what the edges lead to from there
      def linked(steps, others)
        steps.zip(others).group_by(&:first).transform_values { |pairs| pairs.map(&:last) }
      end
    end
  end
end
