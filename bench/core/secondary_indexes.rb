# frozen_string_literal: true

module Bench
  # The indexes of a table that keep no rows apart: those that are not unique. Questions may want them; the core's transitions do not.
  module SecondaryIndexes
    FIND = <<~SQL
      SELECT i.indexrelid::regclass, i.indisunique FROM pg_index i WHERE i.indrelid = $1::text::regclass
    SQL
    private_constant :FIND

    # @param server [Demo::Server]
    # @param database [String]
    # @param table [String]
    # @return [Array(Integer, Integer)] how many indexes the table had, and how many of them were dropped
    def self.drop(server, database, table)
      connection = server.connect(database)
      all = connection.exec_params(FIND, [table]).values
      secondary = all.select { |_name, unique| unique == "f" }
      secondary.each { |name,| connection.exec("DROP INDEX #{name}") }
      [all.size, secondary.size]
    ensure
      connection&.close
    end
  end
end
