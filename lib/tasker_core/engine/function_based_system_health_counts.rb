# frozen_string_literal: true

module TaskerCore
  module Backing
    # The class method of `FunctionBasedSystemHealthCounts`.
    module SystemHealthCounts
      def call
        Seam["FunctionBasedSystemHealthCounts.call"].ask(self) do |seam|
          next Seam::DECLINED unless EngineCode.untouched?(self, :connection)

          counts = Host.converse(Native::Conversation.system_load(seam.name), "SystemHealthCounts Load")
          self::HealthMetrics.new(self::HealthMetrics.attribute_names.zip(counts).to_h)
        end
      end
    end
  end
end
