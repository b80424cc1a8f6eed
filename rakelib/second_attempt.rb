# frozen_string_literal: true

require "json"

# Decides whether the failures of a parallel run of RSpec get a second attempt, each example alone, and makes it.
#
# Continuous integration asks for it: an example that depends on chance costs a line that cannot be overlooked, not the whole run.
class SecondAttempt
  # More failures than that are no chance.
  LIMIT = 5
  VARIABLE = "TASKER_CORE_SECOND_ATTEMPT"
  Failure = Data.define(:id, :description, :message)

  # @return [Boolean] whether the environment asks for second attempts
  def self.wanted?(environment = ENV) = environment[VARIABLE] == "on"

  # @param files [Array<String>] what RSpec's JSON formatter has written, a file for each process
  # @param processes [Integer] how many there were
  def self.read(files, processes)
    reports = files.filter_map do |file|
      JSON.parse(File.read(file))
    rescue JSON::ParserError
      nil # the process has died
    end
    new(reports, processes)
  end

  # @param reports [Array<Hash>]
  # @param processes [Integer]
  def initialize(reports, processes)
    @reports = reports
    @processes = processes
  end

  # @return [Array<Failure>]
  def failures
    examples = @reports.flat_map { |report| report["examples"] }
    examples.select { |example| example["status"] == "failed" }.map do |example|
      Failure.new(id: example["id"], description: example["full_description"], message: example.dig("exception", "message").to_s)
    end
  end

  # @return [String, nil] why there is none
  def refusal
    outside = @reports.sum { |report| report.dig("summary", "errors_outside_of_examples_count").to_i }
    return "expected #{@processes} reports of RSpec, got #{@reports.size}" if @reports.size != @processes
    return "#{outside} errors outside of examples" if outside.positive?
    return "no example has failed" if failures.empty?

    "#{failures.size} examples have failed, more than #{LIMIT}" if failures.size > LIMIT
  end

  # @yieldparam failure [Failure] to be run again
  # @yieldreturn [Boolean] whether it passed
  # @return [String] what is to be printed, and kept for the end of the run
  # @raise [RuntimeError] if there is no second attempt, or if an example failed in it
  def make(&)
    raise "No second attempt: #{refusal}." if refusal

    again = failures.reject(&)
    raise "Failed twice: #{again.map(&:id).join(", ")}." if again.any?

    failures.map { |failure| <<~TEXT }.join
      !!! failed once, passed alone: #{failure.id} #{failure.description}
      #{failure.message.strip.gsub(/^/, "      ")}
    TEXT
  end
end
