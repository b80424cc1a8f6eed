# frozen_string_literal: true

require "concurrent/map"
require_relative "log_lines"

module TaskerCore
  module Frames
    # Parts of log lines, as the engine writes them, that are the same in many of them.
    module LineParts
      # All keys that the line of a step has, whatever it tells.
      KEYS = %i[
        timestamp correlation_id component message environment tasker_version process_id thread_id request_id
        entity_type entity_id entity_name event_type step_status task_id task_name
      ].freeze
      USUAL = KEYS.to_h { |key| [key, true] }.freeze
      WORD = /\A\w+\z/
      # States and components are few; of what tells tasks apart, only the last ones are asked for again.
      LIMIT = 1_000
      private_constant :USUAL, :WORD, :LIMIT

      @texts = Concurrent::Map.new
      @words = Concurrent::Map.new

      class << self
        # @return [Boolean] whether it is one of {KEYS}
        def usual?(key)
          USUAL.key?(key)
        end

        # @param config [Tasker::Types::TelemetryConfig]
        # @param keys [Array<Symbol>] beyond {KEYS}
        # @return [Boolean] whether lines are JSON in which nothing is masked
        def usable?(config, keys)
          filter = Logs.filter(config)
          return false unless filter && config.log_format == "json" && FlatJson.usable?

          filter.lets_through_steps? && (keys.empty? || filter.lets_through?(keys))
        end

        # @param data [Hash]
        # @return [String, nil] its JSON without the braces; nil where it takes more than to write it down
        def inner(data)
          text = FlatJson.text(data)
          text && text[1..-2]
        end

        # @param string [Object]
        # @return [String, nil] its JSON; nil for what is no text, or takes more than to write it down
        def text(string)
          return unless string.instance_of?(String)

          known = @texts[string]
          return known if known

          @texts.clear if @texts.size > LIMIT
          text = inner(it: string)
          @texts[string] = text.delete_prefix('"it":').freeze if text
        end

        # @param name [Object]
        # @return [Boolean] whether it is a Symbol whose JSON is its name in quotes
        def word?(name)
          return false unless name.instance_of?(Symbol)

          known = @words[name]
          known.nil? ? @words[name] = name.match?(WORD) : known
        end

        # @param teller [Object] who logs
        # @return [String, nil] what the engine adds to each of its lines
        def standard(teller)
          return inner(teller.send(:extract_standard_context)) if current?

          %(#{constant},"thread_id":"#{Thread.current.object_id.to_s(16)}")
        end

        private

        # Whether the application has what the engine asks for the request. It looks from within.
        def current?
          Tasker::Concerns::StructuredLogging.const_defined?(:Current) || Tasker::Concerns.const_defined?(:Current, false) ||
            Tasker.const_defined?(:Current, false)
        end

        def constant
          environment = Rails.env
          pid = Process.pid
          known, known_pid, text = @constant
          return text if known.equal?(environment) && known_pid == pid

          text = inner(environment:, tasker_version: Tasker::Version, process_id: pid)
          @constant = [environment, pid, text].freeze
          text
        end
      end
    end
  end
end
