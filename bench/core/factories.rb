# frozen_string_literal: true

require_relative "program"

module Bench
  module Sections
    # Workflows by the factory of the crate.
    module Factories
      TEXT = "A thousand workflows of a hundred steps in a row, with their edges, in one transaction: by the factory " \
             "(`tasker_core::factories::workflows`) and by one `INSERT … SELECT` on the server, which is the least that PostgreSQL " \
             "needs for the same rows and indexes. *Memory* is what the program has grown by at its peak."
      private_constant :TEXT

      # @param program [Program]
      # @return [Array(String, Array<String>, Hash)] title, parts and plots
      def factories(program)
        factory, server, memory = ["factory", "server", "factory: megabytes"].map { |name| program.of(name).values.first }
        rows = [[Samples.short(factory.size), factory.seconds, server.seconds, Samples.ratio(factory.seconds, server.seconds),
                 memory.seconds]]
        ["Factories", [TEXT, Markdown.table(["steps", "s, factory", "s, server", "factory against server", "MB"], rows)], {}]
      end
    end
  end
end
