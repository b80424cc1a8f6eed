# frozen_string_literal: true

require_relative "difference"

module TaskerCore
  module Shadow
    # A question that the engine has answered, asked of the core as well.
    class Question
      # Errors that are the engine's answer. The second one says that an edge would close a circle.
      def self.answers
        [ActiveRecord::StatementInvalid, ActiveRecord::RecordInvalid]
      end

      # @param native [Proc] gives the core's answer
      def initialize(override, receiver, arguments, keywords, native)
        @override = override
        @receiver = receiver
        @arguments = fresh(arguments)
        @keywords = keywords
        @native = native
      end

      # @param answer [Object] the engine's, or the error that it raised
      # @return [Symbol, Difference]
      def compare(answer)
        return :declined if judged_by_the_application?

        core = ask_core
        return :declined if core.equal?(Override::DECLINED)

        alike?(answer, core) ? :alike : settle
      end

      private

      # Another session may have written between the two answers, time may have passed, and one of them may be a query cache's. A
      # difference counts where it is still there without the cache, and the engine says the same before and after.
      def settle
        Tasker::ApplicationRecord.uncached do
          before = ask_engine
          core = ask_core
          next :unsettled unless alike?(before, ask_engine)

          alike?(before, core) ? :unsettled : Difference.between(@receiver, [*@arguments, *@keywords.presence], before, core)
        end
      end

      def alike?(engine, core)
        Comparison.alike?(*[engine, core].map { |answer| Comparison.comparable(@override.name, answer) })
      end

      def ask_core
        @native.call(Beside.of(@override))
      rescue ActiveRecord::RecordInvalid => e
        e
      end

      def ask_engine
        Native::QueryRunner.with_savepoint { @override.engine(@receiver, *fresh(@arguments), **@keywords) }
      rescue *Question.answers => e
        e
      end

      # The engine fills a set as it goes, and would find itself at the end when it is asked again.
      def fresh(arguments)
        arguments.map { |argument| argument.is_a?(Set) ? argument.dup : argument }
      end

      # Guards of the application would run a second time.
      def judged_by_the_application?
        @receiver.is_a?(Statesman::Machine) && Transitions::Callbacks.new(@receiver, nil).added?(%i[guards])
      end
    end
  end
end
