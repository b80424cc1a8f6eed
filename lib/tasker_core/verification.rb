# frozen_string_literal: true

require_relative "comparison"
require_relative "verification/checks"
require_relative "verification/tally"

module TaskerCore
  # Asks the engine and the core the same questions about the tasks of a database, and compares.
  #
  # Nothing is written. Each task, and each batch of tasks, has a read-only transaction of its own, in which both see one snapshot and one
  # clock; so what differs there differs for good, and no snapshot is held for long.
  class Verification
    # The engine's functions enumerate paths, and may not come to an end.
    TIMEOUT = 10
    # So many tasks are asked about at once, where the engine can do that.
    BATCH = 100
    private_constant :BATCH

    # @!attribute subject
    #   @return [String] whom it is about
    # @!attribute check
    #   @return [String] the question
    # @!attribute engine
    #   @return [Object] what the engine says that the core does not
    # @!attribute core
    #   @return [Object] what the core says that the engine does not
    Difference = Data.define(:subject, :check, :engine, :core)

    # What became of one side's question.
    Answer = Data.define(:value, :error, :seconds)

    # @return [Array<Difference>]
    attr_reader :differences
    # @return [Hash{String => Tally}] by check
    attr_reader :tallies

    # @param timeout [Numeric] seconds that a statement of either side may take
    def initialize(timeout: TIMEOUT)
      @timeout = timeout
      @differences = []
      @tallies = Hash.new { |tallies, name| tallies[name] = Tally.new }
    end

    # @param task_ids [Array<Integer>]
    # @yieldparam task_id [Integer] that has been compared
    def compare(task_ids)
      Engine::Registry.load_models
      snapshot { compare_all(Checks::SYSTEM, nil) }
      task_ids.each_slice(BATCH) do |batch|
        snapshot { compare_all(Checks::BATCH, batch) }
        batch.each do |task_id|
          snapshot { compare_task(task_id) }
          yield task_id if block_given?
        end
      end
    end

    private

    def snapshot(&)
      Tasker::ApplicationRecord.transaction(isolation: :repeatable_read) do
        connection = Tasker::ApplicationRecord.connection
        connection.execute("SET TRANSACTION READ ONLY")
        connection.execute("SET LOCAL statement_timeout = #{Integer(@timeout * 1000)}")
        Tasker::ApplicationRecord.uncached(&)
      end
    end

    # A task that has been deleted since it was listed has nothing to compare.
    def compare_task(task_id)
      task = Tasker::Task.find_by(task_id:)
      return if task.nil?

      steps = task.workflow_steps.load # for both
      compare_all(Checks::TASK, task)
      steps.sort_by(&:workflow_step_id).each { |step| compare_all(Checks::STEP, step) }
    end

    # The core is asked first: the engine loads associations, and the core would go by them.
    def compare_all(checks, subject)
      checks.each do |check|
        override = Override[check.override]
        declined = override.engine_answers
        core = ask(:on, check, subject)
        declined = override.engine_answers > declined
        judge(check, subject, ask(:off, check, subject), core, declined)
      end
    end

    def ask(mode, check, subject)
      started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
      error = nil
      value = begin
        Switch.put(mode) { Native::QueryRunner.transaction { answer(check, subject) } }
      rescue StandardError => e
        error = e
      end
      Answer.new(value:, error:, seconds: Process.clock_gettime(Process::CLOCK_MONOTONIC) - started)
    end

    def answer(check, subject)
      Comparison.plain(Comparison.comparable(check.override, check.question.call(subject)))
    end

    def judge(check, subject, engine, core, declined)
      tally = @tallies[check.name]
      return tally.skip(Comparison.plain(engine.error)) if engine.error
      return tally.skip("the core leaves it to the engine") if declined

      tally.add(engine.seconds, core.seconds)
      answers = [engine.value, core.error ? Comparison.plain(core.error) : core.value]
      differ(check, subject, *Comparison.difference(*answers)) unless answers.first.eql?(answers.last)
    end

    def differ(check, subject, engine, core)
      @tallies[check.name].differ
      subject = Checks.name_of(subject)
      @differences << Difference.new(subject:, check: check.name, engine:, core:)
    end
  end
end
