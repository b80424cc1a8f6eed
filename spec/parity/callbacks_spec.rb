# frozen_string_literal: true

require_relative "../rails_helper"

# What an application has added to the engine's state machines and models runs as it runs with the engine, in the same order, with the
# same arguments, inside the same transaction.
RSpec.describe Tasker::StateMachine do
  # What a callback was given and what it could see.
  def seen(name, owner, second)
    untold = %w[id task_id workflow_step_id created_at updated_at]
    about = second.respond_to?(:attributes) ? second.attributes.except(*untold) : second.class
    [name, owner.class, owner.state_machine.current_state, about, second.try(:persisted?),
     Tasker::ApplicationRecord.connection.open_transactions]
  end

  # Adds one of each to the machine and makes an outcome of everything that they were given.
  def with_all(machine, to)
    calls = []
    with_callbacks(machine) do
      %i[before_transition after_transition after_transition_failure after_guard_failure].each do |hook|
        machine.public_send(hook, to:) { |owner, second| calls << seen(hook, owner, second) }
        machine.public_send(hook) { |owner, second| calls << seen("any #{hook}", owner, second) }
      end
      machine.after_transition(to:, after_commit: true) { |owner, transition| calls << seen(:after_commit, owner, transition) }
      machine.guard_transition(to:) { |owner, last, metadata| calls << [:guard, owner.class, last&.to_state, metadata] }
      [yield, calls]
    end
  end

  hooks = %i[before_transition after_transition]
  errors = [ArgumentError, ActiveRecord::Rollback, Statesman::TransitionFailedError, Interrupt]
  refusals = [-> { false }, -> {}, -> { raise Statesman::GuardFailedError.new("a", "b", nil) }, -> { raise "no" }]
  ways = { "cancelled" => ["pending"], "in_progress" => ["pending"] }

  shared_examples "a machine with callbacks of the application" do
    [false, true].each do |inside|
      context "when #{inside ? "inside" : "outside of"} a transaction" do
        ways.each do |to, states|
          it "calls them on the way to #{to}" do
            expect { with_all(machine, to) { observe(owner(*states), inside:) { _1.state_machine.transition_to!(to, "why" => 1) } } }
              .to answer_alike.by(override(:transition_to!))
          end
        end

        it "calls them over a loaded history" do
          expect do
            with_all(machine, "error") do
              observe(owner("in_progress"), inside:) { transitions_of(_1).load && _1.state_machine.transition_to!("error") }
            end
          end.to answer_alike.by(override(:transition_to!))
        end

        it "calls those for failures" do
          expect { with_all(machine, "complete") { observe(owner("cancelled"), inside:) { _1.state_machine.transition_to!("complete") } } }
            .to answer_alike.by(override(:transition_to!))
          expect { with_all(machine, guarded_state) { observe(guarded_owner, inside:) { _1.state_machine.transition_to!(guarded_state) } } }
            .to answer_alike.by(override(:transition_to!))
          expect { with_all(machine, guarded_state) { observe(guarded_owner, inside:) { _1.state_machine.transition_to(guarded_state) } } }
            .to answer_alike.by(override(:transition_to))
        end

        hooks.product(errors).each do |hook, error|
          it "rolls everything back when #{hook} raises #{error}" do
            expect do
              with_callbacks(machine) do
                machine.public_send(hook) { raise(error == Statesman::TransitionFailedError ? error.new("a", "b") : error) }
                observe(owner("in_progress"), inside:) { rescued { _1.state_machine.transition_to!("error") } }.except(:memory, :saved)
              end
            end.to answer_alike
          end
        end

        it "does not move when an added guard says no, or raises" do
          refusals.each do |verdict|
            expect do
              with_callbacks(machine) do
                machine.guard_transition(to: "cancelled") { verdict.call }
                asked = Outcome.of { owner.state_machine.then { [_1.can_transition_to?("cancelled"), _1.allowed_transitions] } }
                [asked, observe(owner, inside:) { _1.state_machine.transition_to("cancelled") },
                 observe(owner, inside:) { _1.state_machine.transition_to!("cancelled") }]
              end
            end.to answer_alike
          end
        end

        it "writes what a callback before has changed" do
          expect do
            with_callbacks(machine) do
              machine.before_transition { |_, transition| transition.metadata = { "changed" => true } }
              observe(owner, inside:) { _1.state_machine.transition_to!("error", "changed" => false) }
            end
          end.to answer_alike
          expect do
            with_callbacks(machine) do
              machine.before_transition { |_, transition| transition.metadata["added"] = [1] }
              observe(owner, inside:) { _1.state_machine.transition_to!("error") }
            end
          end.to answer_alike
        end

        it "lets a callback move another owner" do
          expect do
            other = owner("in_progress")
            with_callbacks(machine) do
              machine.after_transition(to: "cancelled") { other.state_machine.transition_to!("error") }
              [observe(owner, inside:) { _1.state_machine.transition_to!("cancelled") }, other.state_machine.current_state]
            end
          end.to answer_alike
        end
      end
    end

    it "waits for the outermost commit" do
      expect do
        order = []
        with_callbacks(machine) do
          machine.after_transition(after_commit: true) { order << :committed }
          Tasker::ApplicationRecord.transaction do
            owner.state_machine.transition_to!("error")
            order << :end_of_transaction
          end
        end
        order
      end.to answer_alike.by(override(:transition_to!))
    end

    it "forgets what was to follow the commit of a transaction that is rolled back" do
      expect do
        order = []
        with_callbacks(machine) do
          machine.after_transition(after_commit: true) { order << :committed }
          Tasker::ApplicationRecord.transaction do
            owner.state_machine.transition_to!("error")
            raise ActiveRecord::Rollback
          end
        end
        order
      end.to answer_alike.by(override(:transition_to!))
    end

    it "rolls its own work back alone where the caller rescues" do
      expect do
        first = owner
        with_callbacks(machine) do
          machine.after_transition(to: "error") { raise "no" }
          Tasker::ApplicationRecord.transaction do
            first.state_machine.transition_to!("cancelled")
            Outcome.of { owner.state_machine.transition_to!("error") }
          end
        end
        first.state_machine.current_state
      end.to answer_alike
    end

    {
      "a callback" => ->(model, calls) { model.before_create { calls << to_state } },
      "a callback that changes the row" => ->(model, _) { model.before_save { self.metadata = { "by" => "callback" } } },
      "a callback after the commit" => ->(model, calls) { model.after_commit { calls << persisted? } },
      "a validation" => ->(model, _) { model.validate { errors.add(:to_state, "is not wanted") if to_state == "error" } },
      "a callback that aborts" => ->(model, _) { model.before_create { throw :abort } }
    }.each do |what, add|
      it "heeds #{what} on the rows" do
        expect do
          calls = []
          with_model_callbacks(transition_model) do |model|
            add.call(model, calls)
            [observe(owner("in_progress")) { _1.state_machine.transition_to!("error") }.except(:memory, :saved), calls]
          end
        end.to answer_alike.by_the_engine(override(:transition_to!)).or_raise_alike
      end
    end

    it "passes subscribers the same payload, inside the transaction" do
      WorkflowRows::STATES.each do |to|
        states = to == "complete" ? ["in_progress"] : []
        expect { observe(owner(*states), subscribed: true) { _1.state_machine.transition_to(to) } }.to answer_alike
      end
    end

    it "is not stopped by a subscriber that raises" do
      expect do
        subscription = ->(_) { raise "not my day" }
        events = Tasker::Events::Publisher.instance.__bus__.listeners
        name = "#{kind}.failed"
        events[name] << [subscription, Dry::Events::Filter.new({})]
        observe(owner("in_progress")) { _1.state_machine.transition_to!("error") }
      ensure
        events[name].delete_if { |listener, _| listener.equal?(subscription) }
      end.to answer_alike
    end
  end

  # A block that may raise anything, an interrupt included.
  def rescued
    yield
  rescue Exception => e # rubocop:disable Lint/RescueException
    [e.class, e.message]
  end

  it_behaves_like_both "a machine with callbacks of the application"
end
