# frozen_string_literal: true

module TaskerCore
  class Dashboard
    # What a visitor looks for among the tasks. Words that mean nothing count as absent.
    #
    # @!attribute [r] state
    #   @return [String, nil] one of {STATES}
    # @!attribute [r] namespace
    #   @return [String, nil] its whole name
    # @!attribute [r] name
    #   @return [String, nil] a part of the name of the definition, in whatever case
    # @!attribute [r] from
    #   @return [ActiveSupport::TimeWithZone, nil] the earliest creation
    # @!attribute [r] to
    #   @return [ActiveSupport::TimeWithZone, nil] the end of the creations, exclusive
    TaskFilter = Data.define(:state, :namespace, :name, :from, :to)

    # Reads and compares.
    class TaskFilter
      STATES = %w[pending in_progress error complete cancelled resolved_manually].freeze
      # States of tasks with `complete = false`. A complete task may be cancelled, and stays flagged as complete.
      UNFINISHED = (STATES - %w[complete cancelled]).freeze
      LONGEST_NAME = 128
      private_constant :LONGEST_NAME

      class << self
        # @param params [ActionController::Parameters]
        # @return [TaskFilter]
        def read(params)
          state, namespace, name, from, to = %i[state namespace name from to].map { |key| text(params[key]) }
          new(state: (state if STATES.include?(state)), namespace:, name:, from: time(from), to: time(to))
        end

        private

        def text(value)
          value.strip.scrub.delete("\0").presence&.first(LONGEST_NAME) if value.is_a?(String)
        end

        def time(value)
          Time.zone.parse(value) if value&.match?(/\A\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?\z/)
        rescue ArgumentError
          nil
        end
      end

      # @param definition [Definitions::Definition]
      def fits?(definition)
        (namespace.nil? || definition.namespace == namespace) && (name.nil? || definition.name.downcase.include?(name.downcase))
      end

      # @return [Array<Boolean>] the values of the column `complete` that tasks of the state have
      def flags
        return [false] if UNFINISHED.include?(state)

        state == "complete" ? [true] : [false, true]
      end

      # @return [Hash{Symbol => String}] for an address
      def to_params
        times = { from:, to: }.transform_values { |time| time&.strftime("%Y-%m-%dT%H:%M") }
        { state:, namespace:, name:, **times }.compact
      end

      def none? = to_params.empty?
    end
  end
end
