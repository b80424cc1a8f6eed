# frozen_string_literal: true

require_relative "horizon"
require_relative "states"
require_relative "survey"

module TaskerCore
  class Run
    # The looks that a run takes at its task, and what is known from them.
    class Surveys
      # @return [Array, nil] {Survey#edges}, the same object as long as looks at everything show the same
      attr_reader :edges

      # @return [Array<String>, nil] the engine's tables with row triggers; nil until {RowTriggers} or a survey has looked
      attr_accessor :row_triggers

      # @param task_id [Integer, nil] of the run
      # @yieldparam step_id [Integer]
      # @yieldreturn [Boolean] whether a worker has that step in its hands, so that it may move on at any time
      def initialize(task_id, &held)
        @task_id = task_id
        @held = held
        @thread = Thread.current
        @states = States.new
        @rows = {}
        @lock = Mutex.new
        @events = 0
        @all_rows = true # the engine itself makes the first sequence, which tells nothing of who reads it
      end

      # The task with everything that is asked about it. Questions that follow each other have one answer: it holds until something happens
      # of which the core knows that it may have changed anything.
      #
      # @param task_id [Integer]
      # @return [Survey, nil] nil where the database must be asked otherwise
      def survey(task_id)
        return unless Thread.current.equal?(@thread)

        last = last_of(task_id)
        return last if last&.whole?

        # Who asks for everything after an outlook does so in the next round, too.
        @wholly = true if last
        kept { taken(task_id) }
      end

      # The same for what a round needs: the task as it is, and steps that may be run now, if there are any. In a large task that is a look
      # at a few of its steps.
      #
      # @param (see survey)
      # @return (see survey)
      def outlook(task_id)
        return unless Thread.current.equal?(@thread)

        last_of(task_id) || kept { glimpsed(task_id) || taken(task_id) }
      end

      # A look at steps that are about to be run.
      # @return [Survey, nil] one in which these steps are
      def look_at(task_id, step_ids)
        last_of(task_id) || taken(task_id, step_ids)
      end

      # Runs the block, which creates the steps of a task. What it tells of the task is asked for while the task itself is created, where
      # nothing is decided by it: there nobody has to look.
      #
      # @yieldreturn [Array(Array<Integer>, (Array, nil)), nil] ids, and what a {Survey} is made of; nil if nothing was created
      # @return [Array<Integer>, nil] the ids
      def make_steps(task_id)
        unsettle
        ids = nil
        kept do
          ids, answer = yield
          Survey.new(task_id, rows(task_id), answer) if answer && readable?(task_id)
        end
        ids
      end

      # Takes over the rows that came with the claims of steps; until something happens, they tell how the task and these steps are.
      # @param executions [Array<Native::StepExecution>]
      # @return [WorkflowRun::ClaimedRows]
      def claimed(executions)
        records = WorkflowRun::ClaimedRows.new(@task_id, rows(@task_id), executions)
        records.current if @all_rows && taken(@task_id, executions.map(&:step_id), changed: true)
        happen do
          @last = records
          executions.each { |execution| @states.learn("step", execution.step_id, execution.was) }
          @last
        end
      end

      # Something has happened: what is asked next is asked of the database. From any thread.
      def unsettle
        happen { @last = nil }
      end

      # The task of this run has moved by itself, and nobody has been told of it.
      def advance(task_id, state)
        happen { @last = last_of(task_id)&.moved(state) }
      end

      # Has an {outlook} at a few steps read the rows of all others that have changed. From any thread.
      # @param wanted [Boolean] false: no longer
      def keep_all_rows(wanted: true)
        @all_rows = wanted
      end

      # @param kind [String] `"task"` or `"step"`
      # @return [String, nil] the state that it was in when the core last saw it
      def state_of(kind, id)
        @last&.state_of(kind, id) || @states.of(kind, id)
      end

      # It is known to have moved. From any thread.
      def learn(kind, id, state)
        happen do
          @states.learn(kind, id, state)
          @horizon&.heard_of(id) if kind == "step"
        end
      end

      # What is known of it may be wrong. From any thread.
      def forget(kind, id)
        happen do
          @states.forget(kind, id)
          @horizon = nil if kind == "step"
        end
      end

      private

      # @return [Survey, nil] the one that holds, if it is of that task
      def last_of(task_id)
        last = @last
        last if last && last.task_id == task_id
      end

      # What happens while a survey is taken may not be in it: then it answers whoever has asked for it, and nobody else.
      # @yieldreturn [Survey, nil]
      def kept
        before = @events
        survey = yield
        @lock.synchronize { @last = survey if @events == before }
        survey
      end

      # Takes down what no survey that is being taken can be trusted to show.
      def happen
        @lock.synchronize do
          @events += 1
          yield
        end
      end

      def taken(task_id, chosen = nil, changed: false)
        return unless readable?(task_id)

        before = @events
        rows = rows(task_id)
        survey = Survey.of(task_id, rows, chosen, rows.known(with_parents(chosen), changed:, tables: unknown_tables), changed:)
        keep_row_triggers(survey) if chosen.nil?
        remember(survey, before)
        survey
      rescue InternalError => e
        failed(task_id, e)
      end

      # The first look at everything takes the one for row triggers along.
      def unknown_tables = @row_triggers ? [] : Stock::RowTriggers::TABLES

      def keep_row_triggers(survey)
        @row_triggers ||= Stock::RowTriggers.found(survey.row_triggers) if survey
      end

      def readable?(task_id)
        Native::Ids.id?(task_id) && Rows.complete?(Tasker::Task, Tasker::WorkflowStep)
      end

      def rows(task_id)
        @rows[task_id] ||= Rows.new
      end

      def failed(task_id, error)
        Rails.logger.error("tasker-core: a survey of task #{task_id} failed: #{error.class}: #{error.message}")
        nil
      end

      # A look at what comes next, if that is known. If none of it may be run, only a look at everything tells why.
      def glimpsed(task_id)
        nearby = next_steps(task_id)
        survey = nearby && taken(task_id, nearby, changed: @all_rows)
        survey unless survey.nil? || survey.ready.empty?
      end

      def next_steps(task_id)
        @horizon&.steps if task_id == @task_id && !@wholly
      end

      def remember(survey, before)
        return if survey.nil? || Native::QueryRunner.transaction_open? # what is not committed may yet be undone

        whole = survey.whole? && survey.task_id == @task_id
        @lock.synchronize do
          next if @events != before

          whole ? take_in(survey) : glance(survey)
        end
      end

      def glance(survey)
        @states.glance(survey, &@held)
        @horizon&.heard_of(*survey.states.keys)
      end

      def take_in(survey)
        @edges = survey.edges unless @edges == survey.edges
        @states.look(survey, &@held)
        @horizon = Horizon.new(survey, @states)
      end

      # @return [Array<Integer>, nil] these steps and what they waited for when all were last looked at; nil for all of them
      def with_parents(step_ids)
        look = @states.last_look if step_ids
        look ? step_ids | step_ids.flat_map { |id| look.parents(id) } : step_ids
      end
    end
  end
end
