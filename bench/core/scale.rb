# frozen_string_literal: true

require_relative "program"

module Bench
  module Sections
    # What a step and a question cost the core by the size of the task, beside few finished tasks and beside many.
    module Scale
      # Cases of the program that have sizes, and what each is.
      GROWING = {
        "run" => "µs a step", "first touch" => "µs a question", "cached graph" => "µs a question", "task snapshot" => "µs a question"
      }.freeze
      # Those that have not.
      OTHERS = { "creation" => "creating 100 steps", "load" => "the load of the whole system" }.freeze
      TEXT = "Through sqlx, in two databases in turn: in the one the tables hold %s finished tasks of two steps beside what is measured, " \
             "in the other %s. Tasks are layers of five steps whatever their size, so that as many are done in a wave. *Run* is " \
             "claiming and completing all steps of a task a wave at a time, reading its graph included; a small task has fewer steps " \
             "to bear what is done once. *First touch* and *cached graph* list the steps that can run next in a task that is half " \
             "done; *task snapshot* reads everything of it, as the gem does once a round, so its result grows with the task."
      private_constant :GROWING, :OTHERS, :TEXT

      # @param program [Program] that has run in two databases
      # @param finished [Integer] tasks in the second one
      # @return [Array(String, Array<String>, Hash)] title, parts and plots
      def scale(program, finished)
        finished = [finished / Program::FEWER, finished].map { |tasks| Samples.short(tasks) }
        sides = finished.map { |tasks| "#{tasks} tasks" }
        tables = GROWING.flat_map do |name, unit|
          ["*#{name.capitalize}*:", Growth.table(unit, sides.zip([micros(program, name), micros(program, name, beside: true)]).to_h)]
        end
        parts = [format(TEXT, *finished), *tables, "Independent of the size of the task:", others(program, sides),
                 Markdown.plot("scale.svg", "microseconds by size")]
        ["Scale of the core", parts, { "scale.svg" => lines(program) }]
      end

      private

      def micros(program, name, beside: false)
        program.of(name, beside:).transform_values { |measured| measured.ms.map { |ms| ms * 1000 } }
      end

      def others(program, sides)
        rows = OTHERS.map do |name, title|
          little = program.of(name).values.first.ms
          much = program.of(name, beside: true).values.first.ms
          [title, little, much, Samples.ratio(much, little)]
        end
        Markdown.table(["", *sides.map { |side| "ms, #{side}" }, "much against little"], rows)
      end

      def lines(program)
        series = GROWING.keys.first(3).flat_map do |name|
          [[name, micros(program, name)], ["#{name}, many tasks", micros(program, name, beside: true)]]
        end
        Plot.new("Cost by size", across: "steps of the task", upward: "µs", series: series.to_h).lines
      end
    end
  end
end
