# frozen_string_literal: true

module TaskerCore
  module Recovery
    # What a sweep has done, or would do.
    #
    # @!attribute [r] workers
    #   @return [Array<Integer>] keys of dead workers whose claims were ended
    # @!attribute [r] steps
    #   @return [Array<Integer>] ids of steps that were moved to `error`
    # @!attribute [r] tasks
    #   @return [Array<Integer>] ids of tasks that were moved to `pending`
    # @!attribute [r] enqueued
    #   @return [Array<Integer>] ids of tasks for which a job was enqueued
    # @!attribute [r] failed
    #   @return [Array<String>] what could not be done, and why
    # @!attribute [r] suspects
    #   @return [Array<Integer>] keys of workers without their lock that may still live
    # @!attribute [r] dry_run
    #   @return [Boolean] whether nothing was changed
    Report = Data.define(:workers, :steps, :tasks, :enqueued, :failed, :suspects, :dry_run) do
      def self.empty(dry_run: false)
        new(workers: [], steps: [], tasks: [], enqueued: [], failed: [], suspects: [], dry_run:)
      end

      # @return [Hash{Symbol => Integer}] how many of each
      def counts
        to_h.except(:dry_run).transform_values(&:size)
      end

      # @return [Boolean] whether there was nothing to do
      def nothing?
        counts.except(:suspects).values.sum.zero?
      end

      # @param other [Report] later, of the same sweep
      # @return [Report] what both have done
      def +(other)
        both = to_h.except(:suspects, :dry_run).to_h { |name, ids| [name, ids | other.public_send(name)] }
        with(**both, suspects: other.suspects)
      end

      def to_s
        numbers = counts.map { |name, count| "#{count} #{name}" }.join(", ")
        dry_run ? "would recover #{numbers}" : "recovered #{numbers}"
      end
    end
  end
end
