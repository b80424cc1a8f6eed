# frozen_string_literal: true

module Bench
  # What the disk allows at the least: a row in a transaction of its own, in a table without indexes.
  module DurableInsert
    COUNT = 200
    private_constant :COUNT

    class << self
      # @param server [Demo::Server]
      # @param database [String]
      # @return [Float] milliseconds for a row
      def ms(server, database)
        connection = server.connect(database)
        connection.exec("CREATE TABLE inserts (number integer)")
        from = now
        COUNT.times { |number| connection.exec_params("INSERT INTO inserts VALUES ($1)", [number]) }
        ((now - from) / COUNT).tap { connection.exec("DROP TABLE inserts") }
      ensure
        connection&.close
      end

      private

      def now = Process.clock_gettime(Process::CLOCK_MONOTONIC, :float_millisecond)
    end
  end
end
