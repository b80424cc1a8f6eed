# frozen_string_literal: true

require "concurrent/map"
require "forwardable"
require_relative "local"
require_relative "run/book"
require_relative "run/definitions"
require_relative "run/held_step"
require_relative "run/prospects"
require_relative "run/surveys"

module TaskerCore
  # What is known of a workflow while the engine runs it.
  #
  # The engine asks the database for the state of a task or step again and again, mostly to write it into a log line. A run remembers
  # what the core has last read or written, and the engine's own frames are answered from that. Decisions are not: every transition
  # compares with the database, each round begins with a fresh look at the task and each step with one at itself, the end of a workflow is
  # decided by the look that found nothing more to do, and code of the application (handlers, subscribers) is answered from the database.
  class Run
    extend Forwardable

    # The models whose callbacks would run in the middle of a run.
    MODELS = %w[Tasker::Task Tasker::WorkflowStep].freeze
    CURRENT = Local.new(:tasker_core_run)
    private_constant :CURRENT

    @followers = Book.new

    class << self
      # @return [Run, nil] of the workflow that the engine is running here, unless the application's code is
      def current
        CURRENT.value
      end

      # @param run [Run, nil]
      def within(run, &)
        CURRENT.with(run, &)
      end

      # Ends the run here, until the end of the {within} around.
      def leave
        CURRENT.value = nil
      end

      # Whether a run may be begun here. Callbacks of an application on the engine's models would run amid it.
      def possible?
        TaskerCore.active? && MODELS.all? { |model| Stock::Models.stock?(model.constantize) }
      end

      # Runs the block in a run of that task: the one that it is in, or a new one.
      def of(task_id, &)
        return yield if current&.task_id == task_id

        run = new(task_id)
        within(run) { follow(run, "task", task_id, &) }
      end

      # For calls from the engine into the application.
      def suspended(&)
        within(nil, &)
      end

      # Tells whoever is running a task or step that it has moved. What is not committed may yet be undone.
      def moved(kind, id, state)
        return unsure(kind, id) if Native::QueryRunner.transaction_open?

        followers(kind, id).each do |run|
          run.learn(kind, id, state)
          kind == "task" && run.equal?(current) ? run.advance(id, state) : run.unsettle
        end
      end

      # Tells whoever is running a task or step that its state must be read again.
      def unsure(kind, id)
        followers(kind, id).each do |run|
          run.forget(kind, id)
          run.unsettle
        end
      end

      # Has `run` told of a task or step while the block runs.
      def follow(run, kind, id)
        @followers[kind].compute(id) { |runs| [*runs, run] }
        yield
      ensure
        @followers[kind].compute(id) { |runs| (runs - [run]).presence }
      end

      private

      def followers(kind, id)
        [*@followers[kind][id], current].compact.uniq
      end
    end

    # @return [Definitions]
    attr_reader :definitions

    # @return [Concurrent::Map{Module => Boolean}] what has been found out about the application, which holds as long as a run
    attr_reader :verdicts
    # @return [Integer, nil] nil where the task is yet to be created
    attr_reader :task_id

    def_delegators :@surveys, :survey, :outlook, :look_at, :make_steps, :unsettle, :advance, :state_of, :learn, :forget,
                   :claimed, :keep_all_rows, :row_triggers, :row_triggers=

    # @param value [Integer, nil] the step up to which those of the task were found to have names of their own
    attr_writer :distinct_to

    # @param task_id [Integer, nil]
    def initialize(task_id = nil)
      @task_id = task_id
      @surveys = Surveys.new(task_id) { |step_id| @held.key?(step_id) }
      @held = Concurrent::Map.new
      @expected = Concurrent::Map.new
      @verdicts = Concurrent::Map.new
      @sequences = {}
      @places = Concurrent::Map.new
      @definitions = Definitions.new
    end

    # @param type [Class] of the engine's, or an application's that was made from it
    # @param names [Array<Symbol>] of its methods
    # @return [Boolean] whether they are the engine's or what the gem has put in their place; asked once in a run
    def known_methods?(type, names)
      @verdicts.compute_if_absent([type, names]) { names.all? { |name| Stock::EngineCode.unmodified?(type.instance_method(name)) } }
    end

    # @param record [Object]
    # @return [String, nil] the state that it was in when the core last saw it, for what may be a task or a step
    def state_in_hand(record)
      case record
      when Tasker::WorkflowStep then state_of("step", record.workflow_step_id) if record.persisted?
      when Tasker::Task then state_of("task", record.task_id) if record.persisted?
      end
    end

    # A fresh object for one that is to be read anew.
    # @param record [Tasker::Task, Tasker::WorkflowStep]
    # @return [Tasker::Task, Tasker::WorkflowStep, nil] nil where the database must be asked
    def found(record)
      record.is_a?(Tasker::Task) ? task(record.task_id) : held(record.workflow_step_id)&.found
    end

    # @return [Tasker::Task, nil] a fresh object; nil where the database must be asked
    def task(task_id)
      survey = outlook(task_id)
      survey && @definitions.introduce(survey.task)
    end

    # Whether the task is being created, and its steps have not been handed to anybody.
    def creating?
      @task_id.nil?
    end

    # A step, seen in `survey`, will be held next.
    def expect(step_id, survey)
      survey ? @expected[step_id] = survey : @expected.delete(step_id)
    end

    # The ids of a task's steps. Once the steps and edges are complete they stay so, unless a look at all of them shows otherwise.
    #
    # @param task_id [Integer]
    # @param templates [Array] what the steps are made of
    # @yieldreturn [Array<Integer>, nil]
    def sequence(task_id, templates)
      known_sequence(task_id, templates) || yield.tap { |found| @sequences[task_id] = [templates, @surveys.edges, found] if found }
    end

    # @return [Array<Integer>, nil] the same, if it has been found already
    def known_sequence(task_id, templates)
      entry = @sequences[task_id] or return
      entry[1] ||= @surveys.edges
      known_templates, edges, ids = entry
      ids if known_templates.equal?(templates) && edges.equal?(@surveys.edges)
    end

    # @param templates [Array<Tasker::Types::StepTemplate>]
    # @return [Hash{String => Integer}] the place of the first template of each name
    def places_of(templates)
      @places.compute_if_absent(templates.object_id) do
        templates.each_with_index.reverse_each.to_h { |template, place| [template.name, place] }
      end
    end

    # @return [Integer, nil] the step up to which a step that is ended need not be compared with others of its task
    def distinct_to(task_id)
      @distinct_to if @task_id == task_id
    end

    def forget_sequence(task_id)
      @sequences.delete(task_id)
    end

    # Keeps the objects of a step at hand while a worker runs it.
    def hold(step, &)
      id = step.workflow_step_id
      @held[id] = HeldStep.new(self, step, @expected.delete(id))
      Run.follow(self, "step", id, &)
    ensure
      @held.delete(id)
    end

    # @return [HeldStep, nil]
    def held(step_id)
      @held[step_id]
    end
  end
end
