# frozen_string_literal: true

module TaskerCore
  module Engine
    # The class method of `FunctionBasedSystemHealthCounts`.
    module FunctionBasedSystemHealthCounts
      def call
        Override["FunctionBasedSystemHealthCounts.call"].ask(self) do |override|
          next Override::DECLINED unless Stock::EngineCode.stock?(self, :connection)

          counts = Native::QueryRunner.run(Native::Conversation.system_load(override.name), "SystemHealthCounts Load")
          self::HealthMetrics.new(self::HealthMetrics.attribute_names.zip(counts.flatten).to_h)
        end
      end
    end
  end
end
