# frozen_string_literal: true

require_relative "finding"

module TaskerCore
  module Doctor
    # Which workflows run natively, and why the others do not.
    class Workflows
      # @param handlers [Array<Class>] the application's task handlers
      def initialize(handlers: self.class.registered)
        @handlers = handlers
      end

      # @return [Array<Class>] all task handlers that the engine has registered, in whatever namespace and version
      def self.registered
        Tasker::HandlerFactory.instance.handler_classes.values.flat_map { |named| named.values.flat_map(&:values) }
                              .uniq.map { |handler| handler.is_a?(Class) ? handler : handler.constantize }
      end

      def title = "workflows"

      def findings
        return [Finding.ok("no task handler is registered")] if @handlers.empty?

        judged = @handlers.to_h { |handler| [handler, reasons(handler)] }
        native, others = judged.partition { |_, reasons| reasons.empty? }
        [Finding.ok("#{native.size} of #{judged.size} task handlers run natively"), *grouped(others), *triggers]
      end

      private

      def reasons(handler)
        Compatibility.reasons(handler.new)
      rescue StandardError, NotImplementedError => e
        problem = "cannot be instantiated: #{e.class}: #{e.message.lines.first&.chomp}"
        [Compatibility::Reason.new(subject: Compatibility::Reason.name_of(handler), problem:)]
      end

      # Handlers with the same reasons share a finding: what is added to a model concerns all of them.
      def grouped(judged)
        judged.group_by { |_, reasons| reasons }.map do |reasons, handlers|
          names = handlers.map { |handler, _| Compatibility::Reason.name_of(handler) }
          effect = Compatibility::EFFECTS.fetch(reasons.any? { |reason| reason.scope == :run } ? :run : :transitions)
          Finding.warn("workflows of #{names.sort.join(", ")} #{effect}, because:#{reasons.map { |reason| "\n#{reason}" }.join}",
                       "They are correct, and slower. Move what is listed to handlers or subscribers of events, if speed matters.")
        end
      end

      def triggers
        tables = Stock::RowTriggers::TABLES.select { |table| Stock::RowTriggers.on?([table]) }
        return [] if tables.empty?

        [Finding.warn("row triggers on #{tables.join(", ")}: the engine's own statements write to #{tables.one? ? "it" : "them"}",
                      "Use triggers for each statement, or subscribers of events, if speed matters.")]
      end
    end
  end
end
