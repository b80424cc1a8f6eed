# frozen_string_literal: true

require "delegate"

module Bench
  # A process of the application that runs workflows in one way: with the fixes off or as they are by default, and with one of the
  # handlers of `ShapeWorkflow::READING`. Several of them may share the process.
  class Series < SimpleDelegator
    # @!attribute mode
    #   @return [String] of the process
    # @!attribute repairs
    #   @return [Boolean] whether they are as by default
    # @!attribute reading
    #   @return [String] what the handlers read
    Way = Data.define(:mode, :repairs, :reading)

    # By the name of the series.
    WAYS = {
      "off" => Way.new(mode: "off", repairs: false, reading: "nothing"),
      "fixes off" => Way.new(mode: "on", repairs: false, reading: "nothing"),
      "on" => Way.new(mode: "on", repairs: true, reading: "nothing"),
      "parents" => Way.new(mode: "on", repairs: true, reading: "parents"),
      "sequence" => Way.new(mode: "on", repairs: true, reading: "sequence")
    }.freeze
    COMMANDS = %w[warm_up create run].freeze
    private_constant :COMMANDS

    # @param workers [Array<Demo::Worker>]
    # @return [Array<Series>]
    def self.of(workers)
      WAYS.map { |name, way| new(name, way, workers.find { |worker| worker.mode == way.mode }) }
    end

    # @return [String] the name of the series, which distinguishes samples
    attr_reader :mode

    def initialize(mode, way, worker)
      super(worker)
      @mode = mode
      @way = way
      @warm = []
    end

    # (see Demo::Worker#ask)
    def ask(command, **)
      return super unless COMMANDS.include?(command)

      super(command, reading: @way.reading, repairs: @way.repairs, **)
    end

    # (see Demo::Worker#warm_up)
    def warm_up(shape, tasks: 1)
      return if @warm.include?(shape.name)

      ask("warm_up", shape: shape.name, run: !Demo::Measurement.large?(shape) || @way.mode == "on", tasks:)
      @warm << shape.name
    end
  end
end
