# frozen_string_literal: true

require_relative "../measures"

module Demo
  # Describes an event's payload by keys and values, so that two runs that did the same have the same description.
  #
  # Ids become `<step 5>` and `<task 2>`, for the reader to put names in; instants and durations only tell their class; of a backtrace
  # only its first frame is compared, since it is cut off at ten frames and the gem's own may be among them.
  module Payload
    IDS = { "step_id" => "step", "step_ids" => "step", "task_id" => "task", "task_ids" => "task" }.freeze
    # Names in the order in which PostgreSQL happens to find the rows: the engine asks for none.
    UNORDERED = %w[step_dependencies].freeze
    private_constant :IDS, :UNORDERED

    class << self
      # @param payload [Hash]
      # @return [String] whose event it is: `<step 5>` or `<task>`
      def owner(payload)
        payload[:step_id] ? "<step #{payload[:step_id]}>" : "<task>"
      end

      # @return [Hash, Array, String]
      def describe(value, key = nil)
        case value
        when Hash then value.to_h { |name, part| [name.inspect, describe(part, name.to_s)] }
        when Array then array(value, key)
        when String then string(value, key)
        when Numeric then number(value, key)
        when true, false, nil, Symbol then value.inspect
        else "<#{value.class}>"
        end
      end

      private

      def array(value, key)
        return "<Array from #{value.first}>" if key == "backtrace"

        parts = value.map { |part| describe(part, key) }
        UNORDERED.include?(key) ? parts.sort : parts
      end

      def string(value, key)
        return "<String from #{value.lines.first.strip}>" if key == "backtrace"
        return "<String: #{key}>" if key == "correlation_id" || Measures.instant?(value)

        value.inspect
      end

      def number(value, key)
        return "<#{IDS.fetch(key)} #{value}>" if IDS.key?(key) && value.is_a?(Integer)

        Measures.duration?(key) ? "<#{value.class}: #{key}>" : value.inspect
      end
    end
  end
end
