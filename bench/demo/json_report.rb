# frozen_string_literal: true

require "etc"
require "json"

module Demo
  # The results as data.
  class JsonReport
    # @param results [Array<Result>]
    # @param verdict [Verdict]
    # @param environment [Hash] versions and settings
    def initialize(results, verdict, environment)
      @results = results
      @verdict = verdict
      @environment = environment
    end

    # @return [Hash]
    def to_h
      {
        environment: @environment.merge(cpus: Etc.nprocessors), passed: @verdict.problems.empty?,
        problems: @verdict.problems.map { |problem| problem.respond_to?(:to_h) ? problem.to_h : problem },
        slower: @verdict.slower, answers: @verdict.answers,
        shapes: @results.map { |result| shape(result) }
      }
    end

    # Writes it so that the file is there as a whole or not at all.
    # @param file [String]
    def write(file)
      draft = "#{file}.#{Process.pid}.new"
      File.write(draft, "#{JSON.pretty_generate(to_h)}\n")
      File.rename(draft, file)
    end

    private

    def shape(result)
      {
        name: result.shape.name, steps: result.shape.size, rounds: result.rounds, off: mode(result, "off"), on: mode(result, "on"),
        ratio: result.ratio.round(3), same_end_state: result.differences.empty?, samples: result.samples.map(&:to_h)
      }
    end

    def mode(result, mode)
      {
        statements_to_create: result.statements(mode, :create), statements_to_run: result.statements(mode, :run),
        ms_to_create: result.ms(mode, :create).round(3), ms_to_run: result.ms(mode, :run).round(3),
        steps_per_second: result.steps_per_second(mode).round(3)
      }
    end
  end
end
