# frozen_string_literal: true

module TaskerCore
  module Recovery
    # `rails tasker_core:recover`.
    class Command
      # @param env [Hash{String => String}] `DRY_RUN=1` changes nothing
      # @param out [IO] for the report
      # @param err [IO] for errors
      # @raise [ArgumentError] for a DRY_RUN that says neither on nor off
      def initialize(env, out, err)
        word = env.fetch("DRY_RUN", "")
        @dry_run = !word.empty? && !Configuration::Booleans.off?("DRY_RUN", word)
        @out = out
        @err = err
      end

      # @return [Integer] the exit status: 0, 1 if something could not be done, 2 if nothing could be looked at
      def run
        Extension.require!
        report = Recovery.sweep(wait: true, dry_run: @dry_run)
        print(report)
        report.failed.empty? ? 0 : 1
      rescue Error, ActiveRecord::ActiveRecordError => e
        @err.puts(e.message)
        2
      end

      private

      def print(report)
        @out.puts report.to_s
        report.to_h.except(:dry_run).each do |name, ids|
          @out.puts "  #{name}: #{ids.join(name == :failed ? "\n    " : ", ")}" if ids.any?
        end
      end
    end
  end
end
