# frozen_string_literal: true

module TaskerCore
  # Publishes to the application's monitoring, by `ActiveSupport::Notifications`.
  #
  # - `fallback.tasker_core`: a question met a defect of the core, and the engine's own code answered. `{ method:, error: }`
  # - `repair.tasker_core`: a repair has done something. `{ repair:, message: }`
  # - `run.tasker_core`: see {Compatibility}.
  # - `mismatch.tasker_core`: see {Shadow::Ledger}.
  module Instrumentation
    class << self
      # A question met a defect of the core, and the engine's own code answers.
      #
      # @param method [String] name of an {Override}; the payload repeats it under its former key `seam`
      # @param error [InternalError]
      # @return [void]
      def fell_back(method, error)
        Rails.logger.error("tasker-core: #{method} fell back to the engine: #{error.class}: #{error.message}")
        tell("fallback", method:, seam: method, error:)
      end

      # A failure of a subscriber is logged, and stops nothing.
      #
      # @param event [String] without `.tasker_core`
      # @param payload [Hash{Symbol => Object}]
      # @return [void]
      def tell(event, **payload)
        ActiveSupport::Notifications.instrument("#{event}.tasker_core", payload)
        nil
      rescue StandardError => e
        Rails.logger.error("tasker-core: a subscriber to #{event}.tasker_core failed: #{e.class}: #{e.message.lines.first&.chomp}")
      end
    end
  end
end
