# frozen_string_literal: true

require_relative "booleans"
require_relative "seconds"

module TaskerCore
  class Configuration
    # The settings of the dashboard.
    #
    # @example
    #   TaskerCore.configure do |config|
    #     config.dashboard.authenticate = ->(controller) { controller.request.env["warden"].user&.admin? }
    #     config.dashboard.actions = true
    #   end
    class Dashboard
      STUCK_AFTER = 900 # seconds
      private_constant :STUCK_AFTER

      # @return [#call, nil] decides who may come in. It is called with the dashboard's controller before every page and action; the visitor
      #   is refused where it returns nil or false. A String that it returns names the visitor in the audit line. It may render or redirect
      #   itself, for example by `controller.send(:authenticate_or_request_with_http_basic)`. Without one, production refuses every visitor.
      attr_reader :authenticate

      # @return [Boolean] whether visitors may retry, resolve, cancel and run again; off by default
      attr_reader :actions

      # @return [Numeric] seconds after which a step in progress, or a task without progress, counts as stuck; 900 by default
      attr_reader :stuck_after

      def initialize
        @actions = false
        @stuck_after = STUCK_AFTER
      end

      # @param callable [#call, nil] takes the controller
      # @raise [ArgumentError] for anything that cannot be called
      def authenticate=(callable)
        unless callable.nil? || callable.respond_to?(:call)
          raise ArgumentError, "config.dashboard.authenticate: expected a callable or nil, got #{callable.inspect}"
        end

        @authenticate = callable
      end

      # @param value [Boolean]
      # @raise [ArgumentError] for anything but true and false
      def actions=(value)
        @actions = Booleans.strict("config.dashboard.actions", value)
      end

      # @param seconds [Numeric]
      # @raise [ArgumentError] for anything but a positive number
      def stuck_after=(seconds)
        @stuck_after = Seconds.positive("config.dashboard.stuck_after", seconds)
      end
    end
  end
end
