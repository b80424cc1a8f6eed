# frozen_string_literal: true

module TaskerCore
  # Indexes of the engine's tables that another index of the same table equals in everything but its name.
  #
  # Equal are method, columns, expressions, operator classes, collations, order, included columns, predicate, storage parameters and
  # tablespace. A unique index does all that a plain one of the same definition does; it is never taken for a duplicate itself, nor
  # is one that a constraint rests on, that the table is clustered by or replicated by, or that is not valid.
  class DuplicateIndexes
    # @!attribute name
    #   @return [String] quoted, with its schema
    # @!attribute definition
    #   @return [String] the statement that creates it
    # @!attribute kept
    #   @return [String] the index that does the same and stays, quoted
    Duplicate = Data.define(:name, :definition, :kept)

    # PostgreSQL writes a definition in one way only, so that equal texts are equal indexes.
    QUERY = <<~SQL
      WITH named AS (
        SELECT i.indexrelid, i.indrelid, i.indisunique, quote_ident(n.nspname) || '.' || quote_ident(x.relname) AS name,
               pg_get_indexdef(i.indexrelid) AS definition, quote_ident(x.relname) AS bare, x.reltablespace,
               i.indisunique OR i.indisclustered OR i.indisreplident OR x.reltablespace <> 0
                 OR EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid) AS stays
          FROM pg_index i
          JOIN pg_class x ON x.oid = i.indexrelid
          JOIN pg_class t ON t.oid = i.indrelid
          JOIN pg_namespace n ON n.oid = x.relnamespace
         WHERE t.relname LIKE 'tasker\\_%' AND n.nspname = ANY (current_schemas(false)) AND i.indisvalid AND i.indisready
      ), compared AS (
        SELECT *, regexp_replace(replace(definition, ' INDEX ' || bare || ' ON ', ' INDEX ON '), '^CREATE UNIQUE ', 'CREATE ') AS sense
          FROM named
      ), ranked AS (
        SELECT *, row_number() OVER same AS place, first_value(name) OVER same AS kept
          FROM compared
        WINDOW same AS (PARTITION BY indrelid, sense, reltablespace ORDER BY indisunique DESC, stays DESC, name)
      )
      SELECT name, definition, kept FROM ranked WHERE place > 1 AND NOT stays ORDER BY name
    SQL
    private_constant :QUERY

    # @param connection [ActiveRecord::ConnectionAdapters::PostgreSQLAdapter]
    def initialize(connection)
      @connection = connection
    end

    # @return [Array<Duplicate>] by name
    def to_a
      @connection.select_rows(QUERY).map { |name, definition, kept| Duplicate.new(name:, definition:, kept:) }
    end
  end
end
