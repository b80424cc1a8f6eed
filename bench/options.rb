# frozen_string_literal: true

require "optparse"
require_relative "demo/measurement"
require_relative "../spec/dummy/lib/shapes"

module Bench
  # What was asked for on the command line of a bench. A bench takes what it knows and leaves the rest.
  #
  # @!attribute tiny
  #   @return [Boolean] only prove that it works; nothing is written
  # @!attribute rounds
  #   @return [Integer, nil] where not as many as usual
  # @!attribute finished
  #   @return [Integer] finished tasks to fill the tables with, for the scale
  # @!attribute sizes
  #   @return [Array<Integer>, nil] steps of a task, where not the usual ones, for the scale in an application
  # @!attribute shapes
  #   @return [Array<Shapes::Shape>, nil] where not the usual ones
  Options = Data.define(:tiny, :rounds, :finished, :sizes, :shapes) do
    # @param arguments [Array<String>]
    # @return [Options]
    def self.read(arguments)
      given = { tiny: ENV["TINY"] == "1", rounds: nil, finished: 1_000_000, sizes: nil, shapes: nil }
      rest = parser(given).parse(arguments)
      abort "bench: expected only options, got #{rest.first.inspect}" unless rest.empty?

      new(**given)
    rescue OptionParser::ParseError => e
      abort "bench: expected --tiny, --rounds N, --finished N, --sizes N,N or --shapes NAME,NAME, got #{e.args.join(" ").inspect}"
    rescue ArgumentError => e
      abort "bench: --shapes: #{e.message}"
    end

    def self.parser(given)
      OptionParser.new do |options|
        options.on("--tiny") { given[:tiny] = true }
        options.on("--rounds N", Integer) { |number| given[:rounds] = number }
        options.on("--finished N", Integer) { |number| given[:finished] = number }
        options.on("--sizes LIST", /\A\d+(,\d+)*\z/) { |list,| given[:sizes] = list.split(",").map { |size| Integer(size, 10) } }
        options.on("--shapes LIST", Array) { |names| given[:shapes] = names.map { |name| Shapes.named(name) } }
      end
    end
    private_class_method :parser

    # @param usual [Object]
    # @param little [Object] where it is only to be proved that it works
    def pick(usual, little) = tiny ? little : usual

    # @param usual [Array<Shapes::Shape>]
    # @param little [Array<Shapes::Shape>] where it is only to be proved that it works
    # @return [Array<Shapes::Shape>] those that were asked for, if any were
    def shapes_of(usual, little) = shapes || pick(usual, little)

    # @return [Integer] tasks that a worker runs before it is measured
    def warm_tasks = pick(Demo::Measurement::WARM, 1)

    # @param usual [Integer]
    # @return [Integer]
    def rounds_of(usual) = rounds || pick(usual, 1)
  end
end
