# frozen_string_literal: true

module Demo
  # What must hold, and what does not.
  class Verdict
    # The engine's SQL functions and its view; each has a few versions.
    ENGINE_SQL = %w[
      get_step_readiness_status get_task_execution_context calculate_dependency_levels get_system_health_counts
      get_analytics_metrics get_slowest_steps get_slowest_tasks tasker_step_dag_relationships
    ].freeze

    # Methods that the gem leaves to the engine while a subscriber could read in between.
    HANDED_OVER = %w[
      StepExecutor#complete_step_execution StepExecutor#complete_error_step_execution TaskFinalizer#complete_task
    ].freeze

    # @param results [Array<Result>]
    # @param engine_statements [Hash{String => Array<String>}] statements that name {ENGINE_SQL}, executed while on, by database
    def initialize(results, engine_statements)
      @results = results
      @engine_statements = engine_statements
    end

    # @return [Array<Difference, String>] empty if all is well
    def problems
      @results.flat_map(&:differences) + too_many_statements + wrong_answers + missing_answers + statements_of_the_engine
    end

    # @return [Array<String>] shapes that did not run faster, which a busy machine can also be the reason of
    def slower
      @results.select { |result| result.ratio <= 1 }.map { |result| result.shape.name }
    end

    # @return [Hash{Symbol => Hash}] by method of the engine, how often Rust and the engine answered: off, on, and on with a subscriber
    def answers
      @answers ||= {
        off: sum(@results.flat_map { |result| result.answers("off").values }),
        on: sum(@results.flat_map { |result| result.answers("on").values }),
        on_with_a_subscriber: sum(@results.map(&:answers_subscribed))
      }
    end

    # @param when_ [Symbol] a key of {#answers}
    # @param who [String] "rust" or "engine"
    # @return [Integer]
    def answered(when_, who)
      answers.fetch(when_).values.sum { |counts| counts.fetch(who) }
    end

    private

    def too_many_statements
      @results.reject(&:fewer_statements?).map do |result|
        "#{result.shape.name}: expected fewer statements than the #{result.total("off")} with the gem off, got #{result.total("on")}"
      end
    end

    def wrong_answers
      nobody_but("off", "engine") + nobody_but("on", "rust") + handed_over
    end

    # With a subscriber Rust answers as well, but for {HANDED_OVER}.
    def handed_over
      wrong(answers[:on_with_a_subscriber].except(*HANDED_OVER), "rust").map { |text| "on, with a subscriber: #{text}" }
    end

    # Every method that Rust answers must have been called.
    def missing_answers
      { on: [], on_with_a_subscriber: HANDED_OVER }.flat_map do |mode, but|
        silent = answers[mode].except(*but).select { |_seam, counts| counts.fetch("rust").zero? }
        silent.map { |override, _counts| "#{override}: expected Rust to answer while #{mode.to_s.tr("_", " ")}, got no answer" }
      end
    end

    def sum(counts)
      counts.reduce({}) { |sum, more| sum.merge(more) { |_seam, one, other| one.merge(other) { |_who, left, right| left + right } } }
    end

    def nobody_but(mode, expected)
      problems = @results.flat_map do |result|
        result.answers(mode).flat_map do |what, answers|
          wrong(answers, expected).map { |text| "#{result.shape.name}: #{what}, #{mode}: #{text}" }
        end
      end
      problems << "expected #{expected} to answer while #{mode}, got no answer at all" if answered(mode.to_sym, expected).zero?
      problems
    end

    def wrong(answers, expected)
      answers.flat_map do |override, counts|
        others = counts.reject { |who, count| who == expected || count.zero? }
        others.map { |who, count| "#{override}: expected #{expected} to answer, got #{count} answers by #{who}" }
      end
    end

    def statements_of_the_engine
      @engine_statements.flat_map do |database, texts|
        texts.map { |text| "#{database}: expected no statement that names the engine's SQL functions or views while on, got `#{text}`" }
      end
    end
  end
end
