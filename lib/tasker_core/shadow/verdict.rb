# frozen_string_literal: true

module TaskerCore
  module Shadow
    # A transition that the engine performs or refuses, judged by the core beforehand.
    class Verdict
      # What the core says of a transition.
      Judgement = Data.define(:verdict, :from)

      def initialize(override, machine, to, metadata = {})
        @override = override
        @machine = machine
        @to = to.to_s
        @arguments = [to, metadata]
        @subject = Transitions::Entity.new(machine)
        @callbacks = Transitions::Callbacks.new(machine, @to)
      end

      # The engine's guard will load the parents; the core goes by what is known of them now.
      def before
        @parents = @subject.known_parents(@to)
        @judgement = judge if @subject.native? && @callbacks.native?
      end

      # The engine has performed it.
      # @return [Symbol, Difference]
      def done(_true)
        return :declined unless judged?

        @judgement.verdict == :permitted ? :alike : settle_performed
      end

      # The engine has not performed it. An error that may be of the application's code says nothing about the engine's rules.
      # @return [Symbol, Difference]
      def refused(error)
        engine = refusal(error)
        return :declined if engine.nil? || !judged? || @callbacks.added?
        return :alike if engine == @judgement

        settle_refused(engine)
      end

      private

      def judge
        conversation = Native::Conversation.check_transition(
          Beside.of(@override).name, @subject.kind, @subject.id, [@to, @parents, [nil, nil]]
        )
        Judgement.new(*Native::QueryRunner.run(conversation, @subject.label))
      end

      def judged?
        @judgement && @judgement.verdict != :unknown_subject
      end

      # The engine's errors for the guard do not say from which state.
      def refusal(error)
        case error
        when Statesman::TransitionFailedError then Judgement.new(:no_such_transition, error.from)
        when Statesman::GuardFailedError then Judgement.new(:guard_failed, @judgement&.from)
        end
      end

      # The engine has left everything as it is: the core can be asked again, and must stand by what it has said.
      def settle_refused(engine)
        again = Tasker::ApplicationRecord.uncached { judge }
        again == @judgement ? difference(engine) : :unsettled
      end

      # The state has changed: what was judged can only be seen from what has been written. A refusal is wrong if the owner was where the
      # core saw it, and if what the guard looks at is still as the core saw it.
      def settle_performed
        Tasker::ApplicationRecord.uncached do
          next :unsettled if state_before != @judgement.from
          next :unsettled if @judgement.verdict == :guard_failed && guard_content?

          difference(Judgement.new(:permitted, @judgement.from))
        end
      end

      def state_before
        history = Transitions::Storage.history(@machine.object).scope
        history.order(sort_key: :desc).offset(1).pick(:to_state) || @machine.class.initial_state
      end

      def guard_content?
        name = Beside.of(@override).name
        if @machine.object.is_a?(Tasker::Task)
          Native::QueryRunner.run(Native::Conversation.completion_statistics(name, @subject.id), @subject.label).last
        else
          conversation = Native::Conversation.step_readiness(name, @machine.object.task_id, [@subject.id])
          columns = Tasker::Functions::FunctionBasedStepReadinessStatus.attribute_names
          columns.zip(Native::QueryRunner.run(conversation, @subject.label).first).to_h["dependencies_satisfied"]
        end
      end

      def difference(engine)
        Difference.between(@machine, @arguments, engine.to_h, @judgement.to_h)
      end
    end
  end
end
