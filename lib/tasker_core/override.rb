# frozen_string_literal: true

require "concurrent/atomic/atomic_fixnum"
require_relative "instrumentation"

module TaskerCore
  # One overridden method: an engine method whose result the core computes, with the engine's own definition.
  class Override
    # Returned by a native implementation for input that the engine's own code must handle or refuse.
    DECLINED = Object.new.freeze

    @by_name = {}

    class << self
      # @return [Shadow] what runs a call in the mode `:shadow`
      attr_accessor :shadow

      # @return [Array<Override>] in the order in which they were patched
      def all
        @by_name.values
      end

      # @param name [String] such as `"WorkflowStep.get_viable_steps"`
      # @return [Override]
      def [](name)
        @by_name.fetch(name) do
          raise ArgumentError, "unknown overridden method: expected one of #{@by_name.keys.join(", ")}, got #{name.inspect}"
        end
      end

      # @return [Override] the one of that name, with the definition to keep
      def keep(name, original, replacement = nil)
        (@by_name[name] ||= new(name)).tap { |override| override.stand_for(original, replacement) }
      end
    end

    attr_reader :name

    # @return [UnboundMethod] the engine's own definition
    attr_reader :original

    def initialize(name)
      @name = name
      @engine_answers = Concurrent::AtomicFixnum.new
    end

    # @param original [UnboundMethod] the engine's own definition
    # @param replacement [Module] the native answers in its place
    def stand_for(original, replacement)
      @original = original
      @replacement = replacement
    end

    # Runs a query. After a defect of the core, which is published ({Instrumentation}) and logged, the engine's own code runs.
    #
    # @param receiver [Object] on whom the method was called
    # @param arguments [Array] with which ones
    # @param keywords [Hash] and which keywords
    # @yieldreturn [Object] Rust's answer, or {DECLINED}
    def ask(receiver, *arguments, **keywords, &native)
      case TaskerCore.mode
      when :on then answer(receiver, *arguments, **keywords, &native)
      when :shadow then self.class.shadow.question(self, receiver, arguments, keywords, native)
      else engine(receiver, *arguments, **keywords)
      end
    rescue InternalError => e
      Instrumentation.fell_back(name, e)
      engine(receiver, *arguments, **keywords)
    end

    # Runs a change of state. A defect of the core is raised, since what was written by then is unknown.
    def change(receiver, *arguments, **keywords, &native)
      case TaskerCore.mode
      when :on then answer(receiver, *arguments, **keywords, &native)
      when :shadow then self.class.shadow.change(self, receiver, arguments, keywords)
      else engine(receiver, *arguments, **keywords)
      end
    end

    # Runs the engine's own definition.
    def engine(receiver, *, **)
      @engine_answers.increment
      MethodPatcher.original_for(original, @replacement, receiver).bind_call(receiver, *, **)
    end

    # Counts an answer of the core that was given from what it has read before.
    def answered
      Native.count(name)
    end

    # @return [Integer] how often the engine's own code has answered
    def engine_answers
      @engine_answers.value
    end

    def reset
      @engine_answers.value = 0
    end

    private

    def answer(receiver, *arguments, **keywords)
      answer = yield self
      answer.equal?(DECLINED) ? engine(receiver, *arguments, **keywords) : answer
    end
  end
end
