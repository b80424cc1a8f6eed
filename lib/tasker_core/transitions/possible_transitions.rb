# frozen_string_literal: true

module TaskerCore
  class Transition
    # Which transitions would be possible now. One statement, whatever the guards of the engine look at.
    class Inquiry
      # @param machine [Statesman::Machine] one of the engine's
      # @param seam [Seam] on whose behalf
      def initialize(machine, seam)
        @machine = machine
        @seam = seam
        @subject = Subject.new(machine)
      end

      # @param to [String]
      # @param metadata [Object] for guards that the application has added
      # @return [Boolean, Object] or {Seam::DECLINED}
      def possible?(to, metadata)
        return Seam::DECLINED unless feasible?(to)

        verdict, from = Host.converse(
          Native::Conversation.check_transition(
            @seam.name, @subject.kind, @subject.id, [to, @subject.known_parents(to), [nil, nil]]
          ), @subject.label
        )
        return Seam::DECLINED if verdict == :unknown_subject

        verdict == :permitted && guards_pass?(from, to, metadata)
      end

      # @return [Array<String>, Object] or {Seam::DECLINED}
      def allowed(metadata)
        return Seam::DECLINED unless feasible?(nil)

        from, states = Host.converse(
          Native::Conversation.allowed_transitions(
            @seam.name, @subject.kind, @subject.id, @subject.known_parents("in_progress")
          ), @subject.label
        )
        return Seam::DECLINED if from.nil?

        states.select { |to| guards_pass?(from, to, metadata) }
      end

      private

      def feasible?(to)
        @subject.native? && Callbacks.new(@machine, to).native?
      end

      def guards_pass?(from, to, metadata)
        Callbacks.new(@machine, to).run_guards(from, metadata)
        true
      rescue Statesman::GuardFailedError, Statesman::TransitionFailedError
        false
      end
    end
  end
end
