# frozen_string_literal: true

require_relative "../rails_helper"

# Every move from every state, on both machines.
RSpec.describe Tasker::StateMachine do
  targets = [*WorkflowRows::STATES, "nonsense", ""]

  shared_examples "every transition" do |machine|
    # A step's parents and a task's steps are done, so that no guard is in the way.
    def owner_in(state)
      owner(*history_to(state))
    end

    def history_to(state)
      long = { nil => [], "complete" => %w[in_progress complete], "resolved_manually" => %w[in_progress error resolved_manually] }
      long.fetch(state, [state])
    end

    [nil, *WorkflowRows::STATES, ""].each do |from|
      targets.each do |to|
        describe "from #{from.inspect} to #{to.inspect}" do
          it "moves or refuses, and leaves the same behind" do
            expect { observe(owner_in(from)) { _1.state_machine.transition_to!(to) } }.to answer_alike.by("#{machine}#transition_to!")
          end

          it "moves or refuses inside a transaction, and leaves it usable" do
            expect { observe(owner_in(from), inside: true) { _1.state_machine.transition_to(to) } }
              .to answer_alike.by("#{machine}#transition_to")
          end

          it "takes the state as a Symbol for what the engine takes it for" do
            expect do
              asked = owner_in(from).state_machine
              [asked.can_transition_to?(to.to_sym), asked.in_state?(to.to_sym),
               observe(owner_in(from)) { _1.state_machine.transition_to!(to.to_sym) }]
            end.to answer_alike.by("#{machine}#transition_to!", "#{machine}#can_transition_to?")
          end

          it "knows whether it would" do
            expect { owner_in(from).state_machine.then { [_1.can_transition_to?(to), _1.in_state?(to), _1.current_state] } }
              .to answer_alike.by("#{machine}#can_transition_to?", "#{machine}#current_state")
          end
        end
      end

      it "lists where to go from #{from.inspect}" do
        expect { owner_in(from).state_machine.allowed_transitions }.to answer_alike.by("#{machine}#allowed_transitions")
      end
    end
  end

  describe Tasker::StateMachine::TaskStateMachine do
    it_behaves_like "every transition", "TaskStateMachine" do
      def owner(*states)
        make_task(*states).tap { |task| make_step(task, "a", "complete") }
      end
    end
  end

  describe Tasker::StateMachine::StepStateMachine do
    it_behaves_like "every transition", "StepStateMachine" do
      def owner(*states)
        task = make_task("in_progress")
        make_step(task, "b", *states, parents: [make_step(task, "a", "complete")])
      end
    end
  end
end
