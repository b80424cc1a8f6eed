# frozen_string_literal: true

module TaskerCore
  module Engine
    # The class method of `FunctionBasedAnalyticsMetrics`.
    module FunctionBasedAnalyticsMetrics
      def call(since_timestamp = nil)
        Override["FunctionBasedAnalyticsMetrics.call"].ask(self, since_timestamp) do |override|
          next Override::DECLINED unless Stock::EngineCode.stock?(self, :connection)
          next Override::DECLINED unless !since_timestamp || since_timestamp.acts_like?(:time)

          since = Native::TimestampCodec.to_micros(since_timestamp) if since_timestamp
          next Override::DECLINED unless since.nil? || Native::Ids.id?(since)

          metrics = Native::QueryRunner.run_bulk(Native::Conversation.analytics_metrics(override.name, since), "AnalyticsMetrics Load")
          self::AnalyticsMetrics.new(self::AnalyticsMetrics.attribute_names.zip(metrics).to_h)
        end
      end
    end
  end
end
