# frozen_string_literal: true

require_relative "program"

module Bench
  module Sections
    # Queries over the crate's models.
    module Models
      QUERIES = "The same by the crate and by the engine's models in a Rails application with the gem off, on the same rows, in " \
                "milliseconds a call. *Scoped* is `in_namespace`, `by_current_state` and `created_since`, which find 20 of 2,000 tasks; " \
                "*build* makes only its SQL; *create* validates and inserts a task, within an open transaction; *eager* reads 100 tasks " \
                "with their steps and transitions. Through sqlx alone, the statement of *scoped* has its text given, and fills the same " \
                "struct."
      private_constant :QUERIES

      # @param program [Program]
      # @param rails [ActiveRecordReads]
      # @return [Array(String, Array<String>, Hash)] title, parts and plots
      def models(program, rails)
        own = %w[build scoped create find eager].to_h { |name| [name, program.of(name).values.first.ms] }
        bare = program.of("bare").values.first.ms
        rows = own.map do |name, ms|
          theirs = rails.ms.fetch(name)
          [name, theirs, ms, Samples.ratio(theirs, ms), *(name == "scoped" ? [bare, Samples.ratio(ms, bare)] : ["", ""])]
        end
        head = ["", "ActiveRecord", "crate", "times as fast", "sqlx alone", "crate against sqlx"]
        ["Queries", [QUERIES, Markdown.table(head, rows), streamed(program)], {}]
      end

      private

      def streamed(program)
        stream, memory = ["stream", "stream: megabytes"].map { |name| program.of(name).values.first }
        "#{Samples.short(stream.size)} steps, streamed one by one as records: #{stream.seconds} s; meanwhile the program grows by " \
          "#{memory.seconds} MB at its peak."
      end
    end
  end
end
