# frozen_string_literal: true

module TaskerCore
  module Backing
    # The class method of `FunctionBasedAnalyticsMetrics`.
    module AnalyticsMetrics
      def call(since_timestamp = nil)
        Seam["FunctionBasedAnalyticsMetrics.call"].ask(self, since_timestamp) do |seam|
          next Seam::DECLINED unless EngineCode.untouched?(self, :connection)
          next Seam::DECLINED unless !since_timestamp || since_timestamp.acts_like?(:time)

          since = Instant.to_micros(since_timestamp) if since_timestamp
          next Seam::DECLINED unless since.nil? || Ids.id?(since)

          metrics = Host.bulk(Native::Conversation.analytics_metrics(seam.name, since), "AnalyticsMetrics Load")
          self::AnalyticsMetrics.new(self::AnalyticsMetrics.attribute_names.zip(metrics).to_h)
        end
      end
    end
  end
end
