# frozen_string_literal: true

require "etc"

module Bench
  # What the figures were taken on, in one line.
  module Machine
    class << self
      # @param server [Demo::Server]
      # @param more [Array<String>] what else matters
      # @return [String]
      def describe(server, *more)
        connection = server.connect
        postgres = connection.exec("SHOW server_version").getvalue(0, 0).split.first
        durable = connection.exec("SHOW synchronous_commit").getvalue(0, 0)
        connection.close
        parts = [processor, "PostgreSQL #{postgres}", "synchronous_commit #{durable}", *more]
        "Taken on #{Time.now.utc.strftime("%Y-%m-%d")} with #{parts.join(", ")}."
      end

      private

      def processor
        model = File.file?("/proc/cpuinfo") ? File.read("/proc/cpuinfo")[/^model name\s*: (.*)$/, 1] : nil
        [model, "#{Etc.nprocessors} cores"].compact.join(", ")
      end
    end
  end
end
