# frozen_string_literal: true

require_relative "../core/program"
require_relative "../report/report"

module Bench
  # The crate's benches of transitions and of creation in two databases, of which one has no duplicate indexes.
  class Indexes
    DATABASES = %w[tasker_core_bench_indexes_with tasker_core_bench_indexes_without].freeze
    # Cases of each subject, and what one of them is called.
    SUBJECTS = {
      "transitions" => { "single" => "one transition", "batch" => "%s transitions at once" },
      "creation" => { "core" => "creating %s steps" }
    }.freeze
    private_constant :DATABASES, :SUBJECTS

    # What TaskerCore::DuplicateIndexes asks of a connection.
    Rows = Data.define(:connection) do
      def select_rows(sql) = connection.exec(sql).values
    end
    private_constant :Rows

    # @param server [Demo::Server]
    # @param options [Bench::Options]
    def initialize(server, options)
      @server = server
      @options = options
    end

    # @return [Array(String, Hash)] the section and its plots
    def perform
      @server.with_fresh(DATABASES) do
        dropped = drop
        measured = SUBJECTS.flat_map { |subject, cases| measure(subject, cases) }
        [section(dropped, measured), { "indexes.svg" => plot(measured) }]
      end
    end

    private

    # @return [Integer] how many there were
    def drop
      connection = @server.connect(DATABASES.last)
      duplicates = TaskerCore::DuplicateIndexes.new(Rows.new(connection)).to_a
      duplicates.each { |duplicate| connection.exec("DROP INDEX #{duplicate.name}") }
      duplicates.size
    ensure
      connection&.close
    end

    # @return [Array<Array(String, Samples, Samples)>] titles, with milliseconds of one unit with the duplicates and without
    def measure(subject, cases)
      url, beside = DATABASES.map { |name| @server.url(name) }
      program = Program.run(subject, url, @options, beside:)
      cases.flat_map do |name, title|
        program.of(name).map do |size, with|
          [format(title, Samples.short(size)), with.ms, program.of(name, beside: true).fetch(size).ms]
        end
      end
    end

    def section(dropped, measured)
      rows = measured.map { |title, with, without| [title, with, without, Samples.ratio(with, without)] }
      text = "The engine's tables have #{dropped} indexes that equal another one in everything but the name. `rails generate " \
             "tasker_core:indexes` writes a migration that drops them, and brings them back on the way down. Milliseconds of the core, " \
             "durable, of one transition and of one task; rounds with and without them take turns."
      table = Markdown.table(["", "as installed", "without duplicates", "gain"], rows)
      Markdown.section("Duplicate indexes", "rake bench:indexes",
                       [text, table, Markdown.plot("indexes.svg", "milliseconds"), Machine.describe(@server)])
    end

    def plot(measured)
      series = ["as installed", "without duplicates"].each_with_index.to_h do |name, side|
        [name, measured.to_h { |title, *sides| [mark(title), sides[side]] }]
      end
      Plot.new("Duplicate indexes", across: "transitions at once, and steps of a new task", upward: "ms", series:).bars
    end

    # A title short enough to stand below its bars.
    def mark(title) = title.sub("one transition", "1").sub(" transitions at once", "").sub("creating ", "")
  end
end
