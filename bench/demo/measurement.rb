# frozen_string_literal: true

require_relative "sample"

module Demo
  # The timed part: tasks of each shape are created and run by the two workers in turn, so that what disturbs the machine disturbs both.
  #
  # Every task begins with warm names and classes in a database without other tasks, which suits the engine best: some of its statements
  # read the rows of all tasks.
  class Measurement
    # Steps from which on a shape is large. The engine takes seconds for such a one.
    LARGE = 40
    # Tasks after which a worker is as one that has been at work for a while: Ruby compiles methods that are called often.
    WARM = 20
    private_constant :LARGE

    class << self
      # @param shape [Shapes::Shape]
      def large?(shape) = shape.size >= LARGE

      # @param shape [Shapes::Shape]
      # @param rounds [Integer] as asked for
      # @return [Integer] how often it is measured
      def rounds_of(shape, rounds)
        large?(shape) ? (rounds / 3.0).ceil : rounds
      end

      # @param (see #measure)
      # @return [Integer] how many samples that makes, of both modes
      def samples_of(shape, rounds, once: nil)
        of_each = rounds_of(shape, rounds)
        once ? of_each + 1 : of_each * 2
      end
    end

    # @param workers [Array<Worker>] one for each mode
    # @param counter [StatementCounter]
    # @param progress [Progress]
    # @param steps [Integer] that a worker does in a round at least, if need be in several tasks, one after the other
    def initialize(workers, counter, progress, steps: 1)
      @workers = workers
      @counter = counter
      @progress = progress
      @steps = steps
    end

    # Makes the code warm with which every shape runs.
    # @param shape [Shapes::Shape] a small one
    def begin_with(shape)
      @workers.each { |worker| worker.warm_up(shape, tasks: WARM) }
    end

    # @param shape [Shapes::Shape]
    # @param rounds [Integer] as asked for
    # @param once [String, nil] the mode that is measured in the first round only
    # @return [Array<Sample>]
    def measure(shape, rounds, once: nil)
      @workers.each { |worker| worker.warm_up(shape) }
      (1..self.class.rounds_of(shape, rounds)).flat_map do |round|
        due = round == 1 ? @workers : @workers.reject { |worker| worker.mode == once }
        due.map { |worker| sample(worker, shape, round) }
      end
    end

    private

    def sample(worker, shape, round)
      @progress.now(shape.name, worker.mode, "round #{round}")
      worker.end_state.clear
      count = tasks(shape)
      created, create = phase(worker, "create", count, shape: shape.name, batch: round, count:)
      ran, run = phase(worker, "run", count, shape: shape.name)
      @progress.advance(shape.size)
      Sample.new(
        mode: worker.mode, round:, create:, run:,
        state: worker.end_state.read(created["task_id"]), answers: { "create" => created["answers"], "run" => ran["answers"] }
      )
    end

    def tasks(shape) = @steps.fdiv(shape.size).ceil

    # What one of so many tasks has taken.
    def phase(worker, command, count, **arguments)
      answer, statements = @counter.count(worker.name) { worker.ask(command, **arguments) }
      [answer, Phase.new(statements: statements.fdiv(count).round, ms: answer["ms"])]
    end
  end
end
