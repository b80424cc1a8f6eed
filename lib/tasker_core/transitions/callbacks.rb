# frozen_string_literal: true

require "concurrent/map"

module TaskerCore
  module Transitions
    # Guards, callbacks and events around a transition: the engine's own, and those that an application has added.
    class Callbacks
      PHASES = %i[guards before after after_commit].freeze
      MACHINES = %w[Tasker::StateMachine::TaskStateMachine Tasker::StateMachine::StepStateMachine].freeze
      # By phase, the method of Statesman that adds to it.
      NAMES = { guards: "guard_transition", before: "before_transition", after: "after_transition",
                after_commit: "after_transition(after_commit: true)" }.freeze
      private_constant :PHASES, :MACHINES, :NAMES

      # What the engine's callbacks read of a transition that records no from-state.
      Moved = Struct.new(:to_state) do
        def from_state = nil
      end

      # What has been found out about the callbacks of a machine, and about which ones.
      Judged = Data.define(:callbacks, :native, :added)

      @judged = Concurrent::Map.new

      class << self
        # Machines are asked about their callbacks several times a step, and hardly ever get new ones.
        # @param machine_class [Class]
        # @return [Judged] of the callbacks that it has now
        def judged(machine_class)
          callbacks = machine_class.callbacks
          known = @judged[machine_class]
          return known if known && known.callbacks == callbacks

          @judged[machine_class] = judge(callbacks)
        end

        # @return [Array<Compatibility::Reason>] guards and callbacks that the application has added to the engine's machines
        def reasons
          MACHINES.map(&:constantize).flat_map do |machine|
            PHASES.flat_map do |phase|
              machine.callbacks[phase].reject { |callback| own?(callback) }.map do |callback|
                Compatibility::Reason.of_callback(machine, NAMES.fetch(phase), callback.callback, scope: :transitions)
              end
            end
          end
        end

        # @param callback [Statesman::Callback]
        # @return [Boolean] whether it is the engine's
        def own?(callback)
          Stock::EngineCode.defines?(callback.callback)
        end

        # @param kind [String] `"task"` or `"step"`
        # @return [Hash{String => String}] the event that announces each state
        def events(kind)
          (@events ||= {})[kind] ||= Native.events(kind).freeze
        end

        private

        def judge(callbacks)
          Judged.new(
            callbacks: callbacks.transform_values(&:dup),
            native: %i[guards before after].all? { |phase| callbacks[phase].any? { |callback| own?(callback) } },
            added: PHASES.select { |phase| callbacks[phase].any? { |callback| !own?(callback) } }
          )
        end
      end

      # @param machine [Statesman::Machine]
      # @param to [String]
      def initialize(machine, to)
        @machine = machine
        @to = to
      end

      # Whether the engine's own guard and callbacks are in place.
      def native?
        judged.native
      end

      # Whether code of the application runs amid the transition, or could be told of it.
      def observed?
        added? || events.any? { |event| Stock::Listeners.any?(event) }
      end

      # Whether the application is told of it, and has no say in it. Who is told of a task is told before its rows are written, too.
      def only_heard?
        !task? && !added?
      end

      # Whether the application has added guards or callbacks.
      # @param phases [Array<Symbol>] of which kinds
      def added?(phases = PHASES)
        judged.added.intersect?(phases)
      end

      # Calls the application's guards; the engine's own has been judged by the core.
      # @raise [Statesman::GuardFailedError]
      def run_guards(from, metadata)
        added(:guards, from).each { |guard| guard.call(@machine.object, @machine.last_transition, metadata) }
      end

      # Runs what comes before the rows are written, in order of declaration.
      def run_before(from, row)
        applicable(:before, from).each do |callback|
          own?(callback) ? announce_before(from, row.from_state) : callback.call(@machine.object, row)
        end
      end

      # Runs what comes after, the event included.
      def run_after(from, row)
        applicable(:after, from).each { |callback| callback.call(@machine.object, row) }
      end

      # Runs what waits for the commit of the outermost transaction.
      def run_after_commit(from, row)
        return if applicable(:after_commit, from).empty?

        row.class.with_connection do |connection|
          connection.add_transaction_record(
            Statesman::Adapters::ActiveRecordAfterCommitWrap.new(connection) do
              @machine.execute(:after_commit, from, @to, row)
            end
          )
        end
      end

      # Publishes what the engine publishes, where it publishes nothing else in between.
      def announce(from)
        return log_move(from) if unheard?

        announce_before(from, nil)
        own = all(:after).find { |callback| own?(callback) }
        own.call(@machine.object, Moved.new(@to))
      end

      private

      def judged
        Callbacks.judged(@machine.class)
      end

      def all(phase)
        @machine.class.callbacks[phase]
      end

      def applicable(phase, from)
        all(phase).select { |callback| callback.applies_to?(from:, to: @to) }
      end

      def added(phase, from)
        applicable(phase, from).reject { |callback| own?(callback) }
      end

      def own?(callback)
        Callbacks.own?(callback)
      end

      def task?
        @machine.object.is_a?(Tasker::Task)
      end

      def events
        event = Callbacks.events(task? ? "task" : "step")[@to]
        task? ? [Tasker::Constants::TaskEvents::BEFORE_TRANSITION, event] : [event]
      end

      # Whether a run tells of this move in vain.
      def unheard?
        !Run.current.nil? && events.all? { |event| Stock::Listeners.none?(event) }
      end

      # What the engine's callback before a transition does, apart from asking for the state again.
      def announce_before(from, from_state)
        log_move(from)
        return unless task?

        @machine.class.safe_fire_event(
          Tasker::Constants::TaskEvents::BEFORE_TRANSITION,
          { task_id: @machine.object.task_id, from_state:, to_state: @to,
            transition_event: @machine.class.determine_transition_event_name(from_state, @to) }
        )
      end

      def log_move(from)
        Rails.logger.debug { "#{task? ? "Task" : "Step"} #{@machine.object.id} transitioning from #{from} to #{@to}" }
      end
    end
  end
end
