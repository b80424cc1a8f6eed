# frozen_string_literal: true

require_relative "finding"
require_relative "tables"

module TaskerCore
  module Doctor
    # Whether the SQL functions are the engine's own, as installed with its last migration. The engine calls them wherever the core does
    # not answer; where it does, it answers as they would.
    class Functions
      DEFINITION = /CREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\s+(?:public\.)?(\w+)\s*\(.*?\bAS\s+(\$\w*\$)(.*?)\2/mi

      INSTALLED = <<~SQL
        SELECT proname, prosrc FROM pg_proc
        WHERE proname = ANY (string_to_array($1, ',')) AND pg_function_is_visible(oid)
      SQL

      # @return [Hash{String => String}] the sources of the engine's functions by name, the latest version of each
      def self.of_the_engine
        files = Tasker::Engine.root.glob("db/functions/*.sql").sort_by { |file| [file.to_s[/_v(\d+)\.sql\z/, 1].to_i, file.to_s] }
        files.flat_map { |file| file.read.scan(DEFINITION) }.to_h { |name, _quote, source| [name, source] }
      end

      # @param connection [ActiveRecord::ConnectionAdapters::PostgreSQLAdapter, nil] the engine's, unless given
      def initialize(connection: nil)
        @connection = connection
      end

      def title = "functions"

      def findings
        expected = self.class.of_the_engine
        installed = connection.select_rows(INSTALLED, "tasker-core", [expected.keys.join(",")]).to_h
        faults = expected.filter_map { |name, source| fault(name, source, installed[name]) }
        faults.any? ? faults : [Finding.ok("#{expected.size}, all the engine's own")]
      end

      private

      def fault(name, expected, source)
        return Finding.fail("function #{name} is missing", Tables::CURE) if source.nil?
        return if source.squish == expected.squish

        Finding.warn("function #{name} is not the engine's own of version #{Tasker::VERSION}; the core answers as that one would",
                     "#{Tables::CURE} If it was changed on purpose, take the gem out: the core does not call it.")
      end

      def connection = @connection ||= Tasker::ApplicationRecord.lease_connection
    end
  end
end
