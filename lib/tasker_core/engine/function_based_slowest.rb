# frozen_string_literal: true

module TaskerCore
  module Engine
    # What the two have in common: the engine's SQL functions for them fail each time, so the repair `slowest` decides.
    module Slowest
      INSTANTS = %i[created_at completed_at].freeze
      private_constant :INSTANTS

      class << self
        # @param choice [Hash{Symbol => Object}] the engine's keyword arguments
        # @return [Array, nil] as the conversation wants it; nil for what is the engine's to refuse
        def choice(since_timestamp:, limit_count:, **filters)
          return unless Fix.on?(:slowest)
          return unless instant?(since_timestamp) && limit?(limit_count) && filters.values.all? { |filter| text?(filter) }

          [since_timestamp && Native::TimestampCodec.to_micros(since_timestamp), limit_count, *filters.values]
        end

        # @param struct [Class] the engine's
        # @param rows [Array<Array>] its attributes in order, those of the definition as an Array
        # @param same [Array] the attributes behind, which are the same for all
        def structs(struct, rows, *same)
          rows.map do |row|
            attributes = struct.attribute_names.zip([*row.flatten, *same]).to_h
            attributes[:attempts] ||= 0 if attributes.key?(:attempts)
            # The engine hands over a time, which its own structs refuse: they read a DateTime from a text.
            INSTANTS.each { |name| attributes[name] = Native::TimestampCodec.to_time(attributes[name]).in_time_zone.iso8601(6) }
            struct.new(attributes)
          end
        end

        private

        def instant?(time)
          time.nil? || time.acts_like?(:time)
        end

        def text?(filter)
          filter.nil? || filter.is_a?(String)
        end

        def limit?(count)
          count.nil? || (count.is_a?(Integer) && count.between?(0, (2**31) - 1))
        end
      end
    end

    # The class method of `FunctionBasedSlowestSteps`.
    module FunctionBasedSlowestSteps
      def call(since_timestamp: nil, limit_count: 10, namespace_filter: nil, task_name_filter: nil, version_filter: nil)
        arguments = { since_timestamp:, limit_count:, namespace_filter:, task_name_filter:, version_filter: }
        Override["FunctionBasedSlowestSteps.call"].ask(self, **arguments) do |override|
          choice = Slowest.choice(**arguments) if Stock::EngineCode.stock?(self, :connection)
          next Override::DECLINED unless choice

          rows = Native::QueryRunner.run_bulk(Native::Conversation.slowest_steps(override.name, choice), "SlowestSteps Load")
          Slowest.structs(self::SlowestStep, rows, Tasker::Constants::WorkflowStepStatuses::COMPLETE)
        end
      end
    end

    # The class method of `FunctionBasedSlowestTasks`.
    module FunctionBasedSlowestTasks
      def call(since_timestamp: nil, limit_count: 10, namespace_filter: nil, task_name_filter: nil, version_filter: nil)
        arguments = { since_timestamp:, limit_count:, namespace_filter:, task_name_filter:, version_filter: }
        Override["FunctionBasedSlowestTasks.call"].ask(self, **arguments) do |override|
          choice = Slowest.choice(**arguments) if Stock::EngineCode.stock?(self, :connection)
          next Override::DECLINED unless choice

          rows = Native::QueryRunner.run_bulk(Native::Conversation.slowest_tasks(override.name, choice), "SlowestTasks Load")
          Slowest.structs(self::SlowestTask, rows)
        end
      end
    end
  end
end
