# frozen_string_literal: true

require_relative "../stock/listeners"
require_relative "callbacks"
require_relative "entity"
require_relative "lost_response"
require_relative "possible_transitions"
require_relative "refusal"
require_relative "storage"

module TaskerCore
  module Transitions
    # One `transition_to!` of a task or step.
    #
    # Rust compares the state, judges the engine's guard and writes the history. What the engine promises around that is kept
    # here: guards and callbacks that the application has added, the events, and the errors with their classes and messages.
    #
    # There are three roads. Where nobody could look in between, the transition is one statement and its events follow. Where somebody is
    # told of a step's move, and does no more than listen, the statement and its event have a transaction around them. Where a callback or a
    # guard of the application has a say, or a subscriber could look at a task before its rows are written, things happen as in the engine:
    # the guards, then callbacks, rows and event inside one transaction.
    class Transition
      class << self
        # Whether a transition is wholly the core's: nothing of the application runs amid it, stands in its place or is told of it.
        def unobserved?(machine, to)
          wholly_native?(machine, to) && !observed?(machine, to)
        end

        # Whether anybody of the application's is told of it, or has a say in it.
        def observed?(machine, to)
          Callbacks.new(machine, to).observed?
        end

        # Whether it is wholly the core's but for those who are told of it when its rows are there.
        def only_heard?(machine, to)
          wholly_native?(machine, to) && Callbacks.new(machine, to).only_heard?
        end

        # Does what follows a transition that was written with others, of a task or step whose history is not in memory.
        def begun(machine, from, to = "in_progress")
          Entity.new(machine).moved(to)
          Callbacks.new(machine, to).announce(from)
        end

        # Does what follows a transition that was written by itself, without metadata.
        # @param recorded [Array] its id, its sort key and its instant
        def announce(machine, from, to, recorded)
          Entity.new(machine).moved(to)
          storage = Storage.new(machine)
          storage.append(storage.row(to, {}, *recorded)) if storage.loaded?
          Callbacks.new(machine, to).announce(from)
        end

        private

        def wholly_native?(machine, to)
          MethodPatcher.patched?(machine.method(:transition_to!)) && Entity.new(machine).native? && Storage.new(machine).native? &&
            Callbacks.new(machine, to).native? && !Fix.on?(:from_state)
        end
      end

      # @param machine [Statesman::Machine] one of the engine's
      # @param to [String]
      # @param metadata [Hash, nil]
      # @param override [Override] on whose behalf
      def initialize(machine, to, metadata, override)
        @machine = machine
        @to = to
        @metadata = metadata || {}
        @override = override
        @entity = Entity.new(machine)
        @storage = Storage.new(machine)
        @callbacks = Callbacks.new(machine, to)
      end

      # @return [true, Object] {Override::DECLINED} where it takes the engine's own code
      # @raise [Statesman::TransitionFailedError, Statesman::GuardFailedError, Statesman::TransitionConflictError]
      def perform
        @claim = Claims.of(@machine.object)
        return decline unless feasible?

        @metadata = @claim.marked(@metadata) if claiming?
        perform_in_its_way.tap { |done| @claim&.moved(@to, @id) if done == true }
      rescue Statesman::TransitionFailedError => e
        @machine.execute_on_failure(:after_transition_failure, @from, @to, e)
        raise
      rescue Statesman::GuardFailedError => e
        @machine.execute_on_failure(:after_guard_failure, @from, @to, e)
        raise
      rescue ContentionError => e
        raise Statesman::TransitionConflictError, e.message
      rescue StandardError => e
        adopt(e) if claiming?
        raise
      ensure
        @machine.reset
      end

      private

      # What this worker has claimed is its own, though it never got the answer.
      def adopt(error)
        found = LostResponse.find(@entity.kind, @entity.id, @to, @at) if LostResponse.possible?(error)
        @claim.adopted(found.first) if found
      end

      # Whether a worker claims the task or step with it.
      def claiming?
        !@claim.nil? && @to == "in_progress"
      end

      def feasible?
        @metadata.is_a?(Hash) && @entity.native? && @storage.native? && @callbacks.native? && !@storage.triggers?
      end

      # The engine's own code compares states only.
      def decline
        raise Claims::LostError.new("in_progress", @to, @claim) if @claim&.token && !claiming? && @entity.known? && !@claim.stands?

        @claim.sending(Time.now) if claiming?
        Override::DECLINED
      end

      # Where nothing may be written, what is refused must be refused before that is noticed; and a row is given the state before only where
      # it is an object first.
      def perform_in_its_way
        return perform_observed if Native::QueryRunner.preventing_writes? || Fix.on?(:from_state)
        return Native::QueryRunner.with_savepoint { perform_at_once } unless @callbacks.observed?

        @callbacks.only_heard? ? in_transaction { perform_at_once } : perform_observed
      end

      # The engine takes the silent rollback of a failed transaction for success. With the repair it is an error, unless code of the
      # application has committed the transaction itself.
      def in_transaction(&)
        Native::QueryRunner.transaction(insist: Fix.on?(:stranded_steps), committed: -> { arrived? }, &)
      end

      def arrived?
        Native::QueryRunner.run(Native::Conversation.current_state(@override.name, @entity.kind, @entity.id), @entity.label) == @to
      end

      def perform_at_once
        verdict, @from, @id, sort_key = write(@metadata)
        return Override::DECLINED if verdict == :unknown_subject

        insist(verdict, :moved)
        @entity.moved(@to)
        @storage.append(@storage.row(@to, @metadata, @id, sort_key, @at)) if @storage.loaded?
        @callbacks.announce(@from)
        true
      end

      def perform_observed
        verdict, @from = check
        return Override::DECLINED if verdict == :unknown_subject

        insist(verdict, :permitted)
        @callbacks.run_guards(@from, @metadata)
        in_transaction { record }
        true
      ensure
        @entity.lent
      end

      def record
        # Statesman leaves the column for the state before empty. The engine names events by both states, so a retry looks like a start.
        draft = @storage.draft(@to, @metadata, (@from if Fix.on?(:from_state)))
        @callbacks.run_before(@from, draft)
        verdict, now_from, @id, sort_key = write(draft.metadata, @from)
        @from = now_from
        insist(verdict, :moved)
        @entity.moved(@to)
        row = @storage.complete(draft, @id, sort_key, @at)
        @storage.append(row) if @storage.loaded?
        @callbacks.run_after(@from, row)
        @callbacks.run_after_commit(@from, row)
      end

      def check
        conversation = Native::Conversation.check_transition(
          @override.name, @entity.kind, @entity.id, [@to, @entity.known_parents(@to), claims]
        )
        Native::QueryRunner.run(conversation, @entity.label)
      end

      def write(metadata, from = nil)
        @at = Time.now
        @claim.sending(@at) if claiming?
        wanted = [@to, from, Storage.encode(metadata), Native::TimestampCodec.to_micros(@at), @entity.known_parents(@to), claims]
        conversation = Native::Conversation.transition_to(@override.name, @entity.kind, @entity.id, wanted)
        converse(conversation)
      end

      # An answer that was lost with the connection is looked up.
      def converse(conversation)
        answer = Native::QueryRunner.run(conversation, @entity.label) { |error| @doubt = error }
        @doubt && answer.first != :moved ? moved_before || answer : answer
      rescue ActiveRecord::ConnectionFailed, ActiveRecord::ConnectionNotEstablished => e
        @doubt = e
        (moved_before if LostResponse.possible?(e)) || raise
      end

      def moved_before
        id, sort_key, from = LostResponse.find(@entity.kind, @entity.id, @to, @at)
        return if id.nil?

        LostResponse.note(@entity.kind, @entity.id, @to, @doubt)
        [:moved, from, id, sort_key]
      end

      # To be where one wanted to go is no refusal if that may be one's own doing, of which the server's word was lost.
      def insist(verdict, expected)
        raise @doubt if @doubt && verdict != expected && @from == @to
        return if verdict == expected

        @claim&.refused(verdict)
        raise Refusal.error(@machine, verdict, @from, @to, @claim)
      end

      def claims
        @claim ? @claim.tokens(@to) : [nil, nil]
      end
    end
  end
end
