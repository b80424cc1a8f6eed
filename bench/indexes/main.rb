# frozen_string_literal: true

# What the engine's duplicate indexes cost: the crate's benches with them and without. DATABASE_URL names the server.

require_relative "../../spec/dummy/config/boot"
require_relative "../../lib/tasker_core/duplicate_indexes"
require_relative "../core/program"
require_relative "../demo/server"
require_relative "../options"

# What TaskerCore::DuplicateIndexes asks of a connection.
Rows = Data.define(:connection) do
  def select_rows(sql) = connection.exec(sql).values
end

options = Bench::Options.read(ARGV)
server = Demo::Server.new(ENV.fetch("DATABASE_URL", ""))
databases = { "with" => "tasker_core_bench_indexes_with", "without" => "tasker_core_bench_indexes_without" }

server.with_fresh(databases.values) do
  connection = server.connect(databases.fetch("without"))
  duplicates = TaskerCore::DuplicateIndexes.new(Rows.new(connection)).to_a
  duplicates.each { |duplicate| connection.exec("DROP INDEX #{duplicate.name}") }
  connection.close

  measured = %w[transitions creation].to_h do |subject|
    [subject, databases.transform_values { |name| Bench::Program.run(subject, server.url(name), options) }]
  end
  rows = { "transitions" => %w[single batch], "creation" => %w[core] }.flat_map do |subject, names|
    with, without = measured.fetch(subject).values_at("with", "without")
    names.flat_map do |name|
      with.of(name).map do |size, before|
        after = without.of(name).fetch(size)
        what = subject == "creation" ? "creating #{size} steps" : "transitions, #{size} at once"
        [what, before.ms, after.ms, Bench::Samples.ratio(before.ms, after.ms)]
      end
    end
  end
  text = "The engine's tables have #{duplicates.size} indexes that equal another one in everything but the name. `rails generate " \
         "tasker_core:indexes` writes a migration that drops them, and brings them back on the way down. Milliseconds of the core, durable:"
  table = Bench::Markdown.table(["", "as installed", "without duplicates", "gain"], rows)
  section = Bench::Markdown.section("Duplicate indexes", "rake bench:indexes", [text, table, Bench::Machine.describe(server)])
  puts section
  Bench::Document.new.write("indexes", section) unless options.tiny
end
