# frozen_string_literal: true

require_relative "finding"

module TaskerCore
  module Doctor
    # Which workflows run natively, and why the others do not.
    class Workflows
      # @param handlers [Array<Compatibility::RegisteredHandler>] the application's task handlers
      def initialize(handlers: Compatibility::RegisteredHandler.all)
        @handlers = handlers.uniq(&:handler)
      end

      def title = "workflows"

      def findings
        return [Finding.ok("no task handler is registered")] if @handlers.empty?

        judged = @handlers.to_h { |handler| [handler, handler.reasons] }
        native, others = judged.partition { |_, reasons| reasons.empty? }
        natively = Finding.ok("#{native.size} of #{judged.size} task handlers run natively")
        [natively, *grouped(others), *loops(native.map(&:first)), *triggers]
      end

      private

      # Handlers with the same reasons share a finding: what is added to a model concerns all of them.
      def grouped(judged)
        judged.group_by { |_, reasons| reasons }.map do |reasons, handlers|
          scope = reasons.any? { |reason| reason.scope == :run } ? :run : :transitions
          finding(handlers.map(&:first), scope, reasons,
                  "They are correct, and slower. Move what is listed to handlers or subscribers of events, if speed matters.")
        end
      end

      # What keeps native workflows out of the core's loop in this process; a process of job workers may have other listeners.
      def loops(handlers)
        by_reasons = handlers.group_by { |handler| WorkflowRun::Eligibility.standing_reasons(handler.instance) }
        by_reasons.except([]).map do |reasons, of_reasons|
          finding(of_reasons, :loop, reasons,
                  "They are correct, and take two statements a step instead of one, and more for each event with a listener.")
        end
      end

      def finding(handlers, scope, reasons, cure)
        names = handlers.map(&:to_s).sort.join(", ")
        effect = Compatibility::EFFECTS.fetch(scope)
        Finding.warn("workflows of #{names} #{effect}, because:#{reasons.map { |reason| "\n#{reason}" }.join}", cure)
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
