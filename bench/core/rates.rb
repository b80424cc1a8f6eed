# frozen_string_literal: true

module Bench
  module Sections
    # Rates of several ways over several connections; the first way is the insert of one row.
    module Rates
      class << self
        # @param program [Program]
        # @param ways [Array<String>] names of its measures
        # @return [Hash{String => Hash{Integer => Samples}}] by way and connections
        def of(program, ways) = ways.to_h { |name| [name, program.of(name).transform_values(&:rate)] }

        # @return [Array<Array>] way, connections, rate, against one connection, against the insert over as many connections
        def rows(rates)
          _, inserts = rates.first
          rates.flat_map do |name, by_connections|
            by_connections.map do |connections, rate|
              [name, connections, rate, Samples.ratio(rate, by_connections.fetch(1)), Samples.ratio(rate, inserts.fetch(connections))]
            end
          end
        end
      end
    end
  end
end
