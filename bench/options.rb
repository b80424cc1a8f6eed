# frozen_string_literal: true

require "optparse"
require_relative "demo/measurement"

module Bench
  # What was asked for on the command line of a bench.
  #
  # @!attribute tiny
  #   @return [Boolean] only prove that it works; nothing is written
  # @!attribute rounds
  #   @return [Integer, nil] where not as many as usual
  # @!attribute finished
  #   @return [Integer] finished tasks to fill the tables with, for the scale
  Options = Data.define(:tiny, :rounds, :finished) do
    # @param arguments [Array<String>]
    # @return [Options]
    def self.read(arguments)
      given = { tiny: ENV["TINY"] == "1", rounds: nil, finished: 1_000_000 }
      parser = OptionParser.new do |options|
        options.on("--tiny") { given[:tiny] = true }
        options.on("--rounds N", Integer) { |number| given[:rounds] = number }
        options.on("--finished N", Integer) { |number| given[:finished] = number }
      end
      rest = parser.parse(arguments)
      abort "bench: expected only options, got #{rest.first.inspect}" unless rest.empty?

      new(**given)
    rescue OptionParser::ParseError => e
      abort "bench: expected --tiny, --rounds N or --finished N, got #{e.args.join(" ").inspect}"
    end

    # @param usual [Object]
    # @param little [Object] where it is only to be proved that it works
    def pick(usual, little) = tiny ? little : usual

    # @return [Integer] tasks that a worker runs before it is measured
    def warm_tasks = pick(Demo::Measurement::WARM, 1)

    # @param usual [Integer]
    # @return [Integer]
    def rounds_of(usual) = rounds || pick(usual, 1)
  end
end
