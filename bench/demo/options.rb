# frozen_string_literal: true

require "optparse"
require_relative "../../spec/dummy/lib/shapes"

module Demo
  # What was asked for on the command line.
  #
  # @!attribute rounds
  #   @return [Integer] runs per small shape and mode
  # @!attribute shapes
  #   @return [Array<Shapes::Shape>]
  # @!attribute json
  #   @return [String, nil] the file to write
  # @!attribute help
  #   @return [Boolean]
  Options = Data.define(:rounds, :shapes, :json, :help)

  # Reads {Options} from the command line.
  class OptionsReader
    # Names the option, what was expected and what was given.
    class Invalid < StandardError; end

    NAMES = %w[--rounds --shapes --json --help].freeze
    ROUNDS = (1..99)

    # @param arguments [Array<String>]
    # @return [Options]
    # @raise [Invalid]
    def read(arguments)
      @given = { rounds: 3, shapes: Shapes.all, json: nil, help: false }
      rest = parser.parse(arguments)
      raise Invalid, "unexpected argument: expected only options, got #{rest.first.inspect}" unless rest.empty?

      Options.new(**@given)
    rescue OptionParser::MissingArgument => e
      raise Invalid, "#{e.args.first}: expected a value, got none"
    rescue OptionParser::ParseError => e
      raise Invalid, "unknown option: expected one of #{NAMES.join(", ")}, got #{e.args.first.inspect}"
    end

    private

    def parser
      OptionParser.new do |parser|
        parser.require_exact = true
        parser.on("--rounds N") { |value| @given[:rounds] = rounds(value) }
        parser.on("--shapes LIST") { |value| @given[:shapes] = shapes(value) }
        parser.on("--json FILE") { |value| @given[:json] = json(value) }
        parser.on("-h", "--help") { @given[:help] = true }
      end
    end

    def rounds(value)
      number = Integer(value, 10, exception: false)
      return number if ROUNDS.cover?(number)

      raise Invalid, "--rounds: expected a whole number from #{ROUNDS.min} to #{ROUNDS.max}, got #{value.inspect}"
    end

    def shapes(value)
      names = value.split(",").map(&:strip).uniq
      known = Shapes.all.to_h { |shape| [shape.name, shape] }
      unknown = names - known.keys
      return names.map { |name| known.fetch(name) } if names.any? && unknown.empty?

      got = unknown.empty? ? value : unknown.join(", ")
      raise Invalid, "--shapes: expected names out of #{known.keys.join(", ")}, separated by commas, got #{got.inspect}"
    end

    def json(value)
      folder = File.dirname(value)
      return value if File.directory?(folder) && File.writable?(folder) && !File.directory?(value)

      raise Invalid, "--json: expected the name of a file in a folder that can be written to, got #{value.inspect}"
    end
  end
end
