# frozen_string_literal: true

require "concurrent/map"
require_relative "local"
require_relative "run/held_step"

module TaskerCore
  # What is known of a workflow while the engine runs it.
  #
  # The engine asks the database for the state of a task or step again and again, mostly to write it into a log line. A run remembers
  # what the core has last read or written, and the engine's own frames are answered from that. Decisions are not: every transition
  # compares with the database, each round and the end of a workflow begin with a fresh look at the task, each step with a fresh look
  # at itself, and code of the application (handlers, subscribers) is answered from the database.
  class Run
    CURRENT = Local.new(:tasker_core_run)
    private_constant :CURRENT

    @followers = Concurrent::Map.new

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

      # For calls from the engine into the application.
      def suspended(&)
        within(nil, &)
      end

      # Tells whoever is running a task or step that it has moved. What is not committed may yet be undone.
      def moved(kind, id, state)
        return unsure(kind, id) if Host.transaction_open?

        followers(kind, id).each { |run| run.learn(kind, id, state) }
      end

      # Tells whoever is running a task or step that its state must be read again.
      def unsure(kind, id)
        followers(kind, id).each { |run| run.forget(kind, id) }
      end

      # Has `run` told of a task or step while the block runs.
      def follow(run, kind, id)
        @followers.compute([kind, id]) { |runs| [*runs, run] }
        yield
      ensure
        @followers.compute([kind, id]) { |runs| (runs - [run]).presence }
      end

      private

      def followers(kind, id)
        [*@followers[[kind, id]], current].compact.uniq
      end
    end

    # @return [Hash{Integer => Tasker::NamedStep}] definitions that have been read
    attr_reader :named_steps
    # @return [Hash{Integer => Tasker::NamedTask}]
    attr_reader :named_tasks

    def initialize
      @states = Concurrent::Map.new
      @held = Concurrent::Map.new
      @sequences = {}
      @named_steps = {}
      @named_tasks = {}
    end

    # @param kind [String] `"task"` or `"step"`
    # @return [String, nil] the state that it was in when the core last saw it
    def state_of(kind, id)
      @states[[kind, id]]
    end

    def learn(kind, id, state)
      @states[[kind, id]] = state
    end

    def forget(kind, id)
      @states.delete([kind, id])
    end

    # The ids of a task's steps. Steps and edges are not taken away while a workflow runs, so once complete they stay so.
    #
    # @param task_id [Integer]
    # @param templates [Array] what the steps are made of
    # @yieldreturn [Array<Integer>, nil]
    def sequence(task_id, templates)
      known_templates, ids = @sequences[task_id]
      return ids if known_templates.equal?(templates)

      yield.tap { |found| @sequences[task_id] = [templates, found] if found }
    end

    def forget_sequence(task_id)
      @sequences.delete(task_id)
    end

    # Keeps the objects of a step at hand while a worker runs it.
    def hold(task, sequence, step, &)
      id = step.workflow_step_id
      @held[id] = HeldStep.new(self, task, sequence, step)
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
