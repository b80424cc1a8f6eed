# frozen_string_literal: true

require_relative "comparison"
require_relative "override"
require_relative "shadow/ledger"
require_relative "shadow/question"
require_relative "shadow/sequence"
require_relative "shadow/verdict"

module TaskerCore
  # The mode `:shadow`: the engine answers and writes, the core computes beside it on the same connection and in the same transaction, and
  # what differs is counted, logged and instrumented.
  #
  # The application notices nothing but the additional statements: the core only reads, in a savepoint where a transaction is open; whatever
  # goes wrong there is counted and stays there.
  module Shadow
    # What is compared where the engine changes something. The methods of the step executor are not named: the transitions that they
    # perform are compared by themselves.
    CHANGES = {
      "TaskStateMachine#transition_to!" => Verdict,
      "StepStateMachine#transition_to!" => Verdict,
      "WorkflowStep.get_steps_for_task" => Sequence
    }.freeze
    private_constant :CHANGES

    # On whose behalf a conversation is held: it is not counted as an answer.
    Beside = Data.define(:name) do
      def self.of(override) = new("#{override.name} (shadow)")

      def answered = nil
    end

    @ledger = Ledger.new

    class << self
      # @return [Ledger] what has come of all comparisons
      attr_reader :ledger

      # @param native [Proc] gives the core's answer
      # @return [Object] the engine's answer
      def question(override, receiver, arguments, keywords, native)
        question = Question.new(override, receiver, arguments, keywords, native)
        answer = override.engine(receiver, *arguments, **keywords)
        note(override) { question.compare(answer) }
        answer
      rescue *Question.answers => e
        note(override) { question.compare(e) } unless no_answer?(e)
        raise
      end

      # @return [Object] what the engine returns
      def change(override, receiver, arguments, keywords)
        engine = -> { override.engine(receiver, *arguments, **keywords) }
        watch = CHANGES[override.name]&.new(override, receiver, *arguments)
        watch ? watched(override, watch, &engine) : engine.call
      end

      private

      def watched(override, watch)
        ready = beside(override) { watch.before || true }
        done = yield
        note(override) { watch.done(done) } if ready
        done
      rescue StandardError => e
        note(override) { watch.refused(e) } if ready && !no_answer?(e)
        raise
      end

      # Whether an error says nothing about the question, or has left no transaction in which the core could be asked.
      def no_answer?(error)
        case error
        when ActiveRecord::QueryAborted, ActiveRecord::ConnectionFailed, ActiveRecord::TransactionRollbackError then true
        when ActiveRecord::StatementInvalid then Native::QueryRunner.transaction_open?
        else false
        end
      end

      # @yieldreturn [Symbol, Difference] see {Ledger#note}
      def note(override, &)
        result = beside(override, &)
        beside(override) { ledger.note(override.name, result) } if result
      end

      # Runs the block where it can do no harm. Errors end here, but for those that another thread raises in this one, as
      # `Timeout.timeout` does: they wait until the block is over.
      def beside(override, &)
        Thread.handle_interrupt(StandardError => :never) do
          Switch.put(:off) { Native::QueryRunner.refusing_writes { Native::QueryRunner.with_savepoint(&) } }
        rescue StandardError => e
          ledger.fail(override.name, e)
          nil
        end
      end
    end

    Override.shadow = self
  end
end
