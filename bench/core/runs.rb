# frozen_string_literal: true

require_relative "program"
require_relative "rates"

module Bench
  module Sections
    # How many steps a second one process without Ruby executes, as whole workflows.
    module Runs
      WAYS = ["insert of one row", "steps in a row", "layers of three"].freeze
      TEXT = "Whole workflows of ten steps by `run_workflow`, in one process of one thread without Ruby, with handlers that do " \
             "nothing: start, claims, ends and the end of the task, each committed to disk (with `synchronous_commit` or `fsync` off " \
             "the bench refuses). Of several connections each runs one workflow after the other. The insert of one row over as many " \
             "connections is the bound of the disk."
      private_constant :WAYS, :TEXT

      # @param program [Program]
      # @return [Array(String, Array<String>, Hash)] title, parts and plots
      def run(program)
        rows = Rates.rows(Rates.of(program, WAYS))
        ["Workflows in Rust", [TEXT, Markdown.table(["", "connections", "rows or steps a second", "against one", "per insert"], rows)], {}]
      end
    end
  end
end
