# frozen_string_literal: true

require_relative "program"
require_relative "rates"

module Bench
  module Sections
    # How many steps a second the core claims and completes, over several connections.
    module Throughput
      WAYS = ["insert of one row", "singly", "a wave at a time", "batched across tasks"].freeze
      TEXT = "Claiming and completing steps that do nothing, in tasks of ten, without Ruby: every claim and every completion is " \
             "committed to disk (with `synchronous_commit` or `fsync` off the bench refuses). Each connection has a thread of its own. " \
             "The insert of one row into a table with one index is the bound of the disk."
      private_constant :WAYS, :TEXT

      # @param program [Program]
      # @return [Array(String, Array<String>, Hash)] title, parts and plots
      def core(program)
        rates = Rates.of(program, WAYS)
        series = rates.transform_values { |by_connections| by_connections.transform_keys(&:to_s) }
        plot = Plot.new("Claim and complete, durable", across: "connections", upward: "steps a second", series:).bars
        ["Throughput of the core", [TEXT, Markdown.table(["", "connections", "a second", "against one", "per insert"], Rates.rows(rates)),
                                    Markdown.plot("core.svg", "steps a second")], { "core.svg" => plot }]
      end
    end
  end
end
