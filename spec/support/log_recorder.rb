# frozen_string_literal: true

# What the engine logs at the level of production.
class LogRecorder
  # Differs from run to run.
  IGNORED = %w[timestamp correlation_id process_id thread_id performance_category].freeze
  # Are written where a workflow is slow, by Active Job, and by the gem once a process and reason (TaskerCore::Compatibility).
  OTHERS = /"Performance measurement"|"Intelligent GC triggered"|\AEnqueued|\[ActiveJob\]|\Atasker-core: workflows of /
  private_constant :IGNORED, :OTHERS

  class << self
    # @return [Array<String>] the lines that are logged in the block, on whatever thread
    def lines(level: :info)
      output = StringIO.new
      logger = ActiveSupport::Logger.new(output, level:)
      Rails.logger.broadcast_to(logger)
      yield
      output.string.lines(chomp: true)
    ensure
      Rails.logger.stop_broadcasting_to(logger)
    end

    # @param lines [Array<String>]
    # @param normalized [NormalizedRows] of the tasks that they name
    # @return [Array] lines that two runs of one workflow have in common, sorted, because threads write in any order
    def sorted(lines, normalized) = in_order(lines, normalized).sort
    alias told sorted # the former name, in spec/frames

    # @return [Array] the same, as they were written; for what runs on one thread at a time
    def in_order(lines, normalized)
      lines.grep_v(OTHERS).map { |line| line.start_with?("{") ? structured(line, normalized) : normalized.text(line) }
    end

    private

    def structured(line, normalized)
      fields = JSON.parse(line).except(*IGNORED).reject { |name, _| name.end_with?("_ms") }
      fields["#{fields["entity_type"]}_id"] = fields.delete("entity_id") if fields["entity_id"]
      normalized.payload(fields).inspect
    end
  end
end
