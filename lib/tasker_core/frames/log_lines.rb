# frozen_string_literal: true

module TaskerCore
  module Frames
    # Instants in UTC with their milliseconds. Many fall into one second, whose text is made once.
    module Second
      class << self
        # @param time [Time]
        # @return [String] such as `2026-11-25T13:36:22.437Z`
        def text(time)
          second = time.to_i
          known, prefix = @last
          @last = [second, prefix = time.getutc.strftime("%FT%T")].freeze unless known == second
          "#{prefix}.#{(time.nsec / 1_000_000).to_s.rjust(3, "0")}Z"
        end
      end
    end

    # JSON as ActiveSupport makes it, without its steps in between, of data in which no object has a say.
    module FlatJson
      # ActiveSupport hands these to the JSON library as they are.
      PLAIN = [
        String, Symbol, Integer, NilClass, TrueClass, FalseClass, ActiveSupport::StringInquirer, ActiveSupport::EnvironmentInquirer
      ].to_h { |plain| [plain, true] }.compare_by_identity.freeze
      # What ActiveSupport writes in another way than the JSON library, as characters of ASCII and beyond.
      ESCAPED = "<>&"
      ESCAPED_BEYOND = /[\u2028\u2029]/
      private_constant :PLAIN, :ESCAPED, :ESCAPED_BEYOND

      class << self
        # Whether JSON is made by ActiveSupport's own encoder.
        def usable?
          ActiveSupport.json_encoder.equal?(ActiveSupport::JSON::Encoding::JSONGemEncoder)
        end

        # @param data [Object]
        # @return [String, nil] nil where it takes ActiveSupport's own code
        def text(data)
          return unless usable? && flat?(data)

          text = ::JSON.generate(data)
          text unless text.count(ESCAPED).positive? || (!text.ascii_only? && text.match?(ESCAPED_BEYOND))
        rescue ::JSON::GeneratorError, EncodingError
          nil
        end

        private

        def flat?(data)
          return false unless data.instance_of?(Hash) && data.keys.all?(Symbol)

          data.each_value { |value| return false unless PLAIN[value.class] || (value.instance_of?(Float) && value.finite?) }
          true
        end
      end
    end

    # A parameter filter that remembers which keys it lets through.
    class KeyFilter
      PROBE = Object.new.freeze
      # Keys are words of the engine's and the application's code; anything beyond that is data.
      LIMIT = 1_000
      private_constant :PROBE, :LIMIT

      # @param config [Tasker::Types::TelemetryConfig]
      def initialize(config)
        @parameters = config.filter_parameters.dup
        @mask = config.filter_mask
        @filter = config.parameter_filter
        @harmless = {}
        @let_through = {}
      end

      # Whether it is made of a configuration's present values.
      def for?(config)
        @parameters == config.filter_parameters && @mask == config.filter_mask
      end

      # Whether keys decide by themselves. Blocks look at values, and patterns with a dot at what is around.
      def usable?
        @usable = @filter && @parameters.none? { |filter| filter.is_a?(Proc) || filter.to_s.include?(".") } if @usable.nil?
        @usable
      end

      # @param keys [Array<Symbol>] of plain values
      # @return [Boolean] whether none of them is masked
      def lets_through?(keys)
        known = @let_through[keys]
        return known unless known.nil?
        return false unless usable?

        let_through = keys.all? { |key| harmless?(key) }
        @let_through[keys] = let_through if @let_through.size < LIMIT
        let_through
      end

      # @return [Boolean] whether none of the keys is masked that a step's lines always have
      def lets_through_steps?
        @lets_through_steps = lets_through?(LineParts::KEYS) if @lets_through_steps.nil?
        @lets_through_steps
      end

      # @param data [Hash]
      # @return [Hash] a new one, with masks in the place of what must not be seen
      def filter(data)
        filtered = data.dup
        data.each_pair do |key, value|
          filtered[key] = @filter.filter_param(key, value) if value.is_a?(Hash) || value.is_a?(Array) || !harmless?(key)
        end
        filtered
      end

      private

      def harmless?(key)
        known = @harmless[key]
        known.nil? ? judge(key) : known
      end

      def judge(key)
        harmless = @filter.filter_param(key, PROBE).equal?(PROBE)
        @harmless[key] = harmless if @harmless.size < LIMIT
        harmless
      end
    end
  end
end
