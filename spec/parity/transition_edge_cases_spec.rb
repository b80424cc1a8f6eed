# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe Tasker::StateMachine do
  shared_examples "a machine over unusual histories" do
    histories = {
      "keys with gaps" => [%w[pending in_progress], { sort_keys: [3, 8] }],
      "keys from zero" => [%w[pending in_progress], { sort_keys: [0, 1] }],
      "a negative key" => [%w[in_progress], { sort_keys: [-5] }],
      "no flag" => [%w[pending in_progress], { flagged: nil }],
      "a flag on an earlier row" => [%w[in_progress error], { flagged: 0 }],
      "a blank state" => [[""], {}],
      "a blank state after others" => [["in_progress", ""], {}],
      "an unknown state" => [["skipped"], {}],
      "metadata from elsewhere" => [%w[in_progress], { metadata: [1, 2] }]
    }

    histories.each do |what, (states, options)|
      (WorkflowRows::STATES - ["resolved_manually"]).each do |to|
        it "goes to #{to} from #{what} as the engine does" do
          expect { observe(owner_with(states, **options)) { _1.state_machine.transition_to!(to) } }
            .to answer_alike.by(override(:transition_to!)).or_raise_alike
        end
      end

      it "answers questions about #{what} as the engine does" do
        expect do
          machine = owner_with(states, **options).state_machine
          [machine.current_state, machine.allowed_transitions, machine.can_transition_to?("error")]
        end.to answer_alike.by(override(:current_state), override(:allowed_transitions), override(:can_transition_to?))
      end
    end

    it "takes the highest key for the next one, not the flagged one" do
      owner = owner_with(%w[in_progress error], flagged: 0)
      owner.state_machine.transition_to!(:cancelled)
      expect(transitions_of(owner).pluck(:sort_key).max).to eq(30)
    end

    it "keeps a from-state that the application has written" do
      expect do
        owner = owner_with(%w[pending in_progress])
        transitions_of(owner).update_all(from_state: "pending")
        observe(owner) { _1.state_machine.transition_to!("error") }
      end.to answer_alike.by(override(:transition_to!))
    end
  end

  shared_examples "a machine given metadata" do
    {
      "nil" => nil, "none" => {}, "nested" => { "a" => { "b" => [1, nil, true, 2.5] } }, "symbol keys" => { a: { b: :c } },
      "instants" => { at: Time.utc(2024, 2, 29, 1, 2, 3.456789r), on: Date.new(2024, 2, 29) }, "numbers" => { big: 10**30, pi: 3.14r.to_d },
      "markup" => { html: "<a href='x'>&\u2028\u2029</a>", "é" => "ü", quote: "'\"\\\n" }, "integer keys" => { 1 => 2 },
      "an indifferent hash" => { a: 1 }.with_indifferent_access, "a duration" => { wait: 5.minutes }, "not a number" => { value: Float::NAN }
    }.each do |what, metadata|
      it "writes #{what} as the engine does" do
        expect { observe(owner) { _1.state_machine.transition_to!("cancelled", metadata) } }.to answer_alike.by(override(:transition_to!))
      end
    end

    {
      "an array" => [1], "a string" => "text", "a number" => 5, "true" => true, "an empty array" => [], "an empty string" => "",
      "false" => false, "broken text" => { "a" => "\xff" }, "an object" => Struct.new(:a).new(1)
    }.to_a.product([false, true]).each do |(what, metadata), inside|
      it "takes or refuses #{what} as the engine does#{", inside a transaction" if inside}" do
        expect { observe(owner, inside:) { _1.state_machine.transition_to!("cancelled", metadata) } }.to answer_alike.or_raise_alike
      end
    end

    # The engine leaves what it could not save in the owner's history, where it spoils every later save.
    it "raises what the engine raises for what PostgreSQL cannot store" do
      expect { owner.state_machine.transition_to!("cancelled", "a" => "\u0000") }
        .to answer_alike.raising(ActiveRecord::StatementInvalid).whatever_the_message
      refused = observe(owner, inside: true) { _1.state_machine.transition_to!("cancelled", "a" => "\u0000") }
      expect(refused).to include(usable: true, saved: true)
    end

    it "does not change the caller's metadata" do
      metadata = { reason: "none" }.freeze
      owner.state_machine.transition_to!("cancelled", metadata)
      expect(metadata).to eq(reason: "none")
    end
  end

  shared_examples "a machine given names of states" do
    it "takes symbols" do
      expect { observe(owner) { _1.state_machine.transition_to!(:cancelled) } }.to answer_alike.by(override(:transition_to!))
      expect { observe(owner) { _1.state_machine.transition_to(:complete) } }.to answer_alike.or_raise_alike
      expect do
        machine = owner("error").state_machine
        [machine.can_transition_to?(:pending), machine.in_state?(:error, :pending), machine.in_state?([:error])]
      end.to answer_alike.by(override(:can_transition_to?))
    end

    [nil, 5, :"", "Cancelled", "cancelled ", "cancelled}", Object.new].each do |state|
      it "refuses #{state.inspect.sub(/0x\h+/, "…")} as the engine does" do
        expect { observe(owner) { _1.state_machine.transition_to!(state) } }.to answer_alike.or_raise_alike
        expect { owner.state_machine.can_transition_to?(state) }.to answer_alike
        expect { observe(owner) { _1.state_machine.transition_to(state) } }.to answer_alike.or_raise_alike
      end
    end

    it "refuses wrong numbers of arguments as the engine does" do
      expect { owner.state_machine.current_state(force_reload: true) }.to answer_alike.raising(ArgumentError)
      expect { owner.state_machine.transition_to! }.to answer_alike.raising(ArgumentError)
      expect { owner.state_machine.transition_to!("error", {}, 1) }.to answer_alike.raising(ArgumentError)
      expect { owner.state_machine.allowed_transitions({}, 1) }.to answer_alike.raising(ArgumentError)
    end

    it "takes keywords for metadata" do
      expect { observe(owner) { _1.state_machine.transition_to!("error", reason: "none") } }.to answer_alike.by(override(:transition_to!))
    end
  end

  shared_examples "a machine whose owner is not as stored" do
    it "refuses or saves an unsaved owner as the engine does" do
      expect do
        task = make_task("in_progress")
        unsaved = kind == "task" ? Tasker::Task.new : Tasker::WorkflowStep.new(task:, named_step: make_step(make_task, "n").named_step)
        [unsaved.state_machine.current_state, unsaved.status, unsaved.state_machine.can_transition_to?("error"),
         unsaved.state_machine.allowed_transitions, Outcome.of { unsaved.state_machine.transition_to!("in_progress") },
         unsaved.persisted?, NormalizedRows.new(task, times: true).rows]
      end.to answer_alike.by_the_engine(override(:transition_to!))
    end

    [false, true].each do |inside|
      it "refuses a deleted owner as the engine does#{", inside a transaction" if inside}" do
        expect do
          deleted = owner("in_progress")
          other = kind == "task" ? make_task : deleted.task
          deleted.class.find(deleted.id).tap { |found| found.is_a?(Tasker::Task) ? purge(found) : found.destroy! }
          observed = nil
          Tasker::ApplicationRecord.transaction { observed = call(deleted) } if inside
          [observed || call(deleted), NormalizedRows.new(other).rows]
        end.to answer_alike
      end
    end

    def call(owner)
      %w[in_progress error nonsense].map { |to| Outcome.of { owner.state_machine.transition_to!(to) } } +
        [owner.state_machine.current_state, owner.state_machine.allowed_transitions, owner.state_machine.can_transition_to?("error")]
    end

    def purge(task)
      task.workflow_steps.destroy_all
      Tasker::TaskTransition.where(task_id: task.task_id).delete_all
      task.delete
    end

    it "moves an owner that was destroyed in memory as the engine does" do
      expect do
        deleted = owner("in_progress")
        kind == "task" ? purge(deleted) : deleted.destroy!
        [deleted.destroyed?, *call(deleted)]
      end.to answer_alike
    end

    it "moves a read-only owner as the engine does" do
      expect { observe(owner.tap(&:readonly!)) { _1.state_machine.transition_to!("error") }.except(:saved) }.to answer_alike.or_raise_alike
    end
  end

  shared_examples "a machine whose history is in memory" do
    it "adds to a loaded history" do
      expect { observe(owner("in_progress")) { |o| transitions_of(o).load && o.state_machine.transition_to!("error") } }
        .to answer_alike.by(override(:transition_to!))
    end

    it "moves twice, thrice, with one object" do
      expect { observe(owner) { |o| %w[in_progress error pending].map { |to| o.state_machine.transition_to!(to) } } }
        .to answer_alike.by(override(:transition_to!))
    end

    it "asks the database for the state, whatever is loaded" do
      expect do
        stale = owner("in_progress")
        transitions_of(stale).load
        stale.class.find(stale.id).state_machine.transition_to!("error")
        [stale.state_machine.current_state, stale.state_machine.allowed_transitions,
         Outcome.of { stale.state_machine.transition_to!("cancelled") }, transitions_of(stale).reload.sort_by(&:sort_key).map(&:to_state)]
      end.to answer_alike
    end

    it "gives the history of before and after" do
      expect do
        moved = owner("in_progress")
        machine = moved.state_machine
        seen = [machine.history.map(&:to_state), machine.last_transition.sort_key]
        machine.transition_to!("error")
        seen + [machine.history.map(&:to_state), machine.last_transition.sort_key, machine.last_transition_to("error").most_recent]
      end.to answer_alike.by(override(:transition_to!))
    end

    it "keeps unsaved rows of the caller" do
      expect do
        owner = owner("in_progress")
        transitions_of(owner).build(to_state: "error", sort_key: 500, most_recent: false)
        observe(owner) { _1.state_machine.transition_to!("cancelled") }
      end.to answer_alike.or_raise_alike
    end

    it "moves an owner that has unsaved changes, and leaves them unsaved" do
      expect do
        changed = owner
        changed.updated_at = Time.utc(2020)
        observed = observe(changed) { [_1.state_machine.transition_to!("error"), _1.changed?] }
        [observed, changed.reload && nil]
      end.to answer_alike.by(override(:transition_to!))
    end
  end

  [
    "a machine over unusual histories", "a machine given metadata", "a machine given names of states",
    "a machine whose owner is not as stored", "a machine whose history is in memory"
  ].each { |examples| it_behaves_like_both examples }
end
