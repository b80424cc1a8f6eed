# frozen_string_literal: true

module TaskerCore
  module Fixes
    # Has the engine's subscriber for metrics connected at boot.
    module Metrics
      # What the engine names then and does not load; the autoloader is not set up yet.
      FEATURES = %w[tasker/cache_strategy tasker/telemetry].freeze

      # The class methods of the coordinator.
      module Setup
        def setup_telemetry_subscriber
          FEATURES.each { |feature| require feature } if Fix.on?(:metrics)
          MethodPatcher.call_original(Setup, :setup_telemetry_subscriber, self)
        end
      end
    end
  end
end
