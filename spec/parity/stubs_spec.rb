# frozen_string_literal: true

require_relative "../rails_helper"

# Applications and the engine's own suite replace methods of the engine in their tests. Whatever they replace must be called.
RSpec.describe TaskerCore do
  let(:task) { make_three_step_task }
  let(:step) { task.workflow_steps.order(:workflow_step_id).second }

  describe "a state machine" do
    it "takes stubs of any instance" do
      allow_any_instance_of(Tasker::StateMachine::StepStateMachine).to receive(:current_state).and_return("complete")
      expect(step.status).to eq("complete")
      expect(step.state_machine.in_state?("complete")).to be(true)
    end

    it "takes expectations of any instance" do
      expect_any_instance_of(Tasker::StateMachine::TaskStateMachine).to receive(:transition_to!).with("error", {}).and_return(:stubbed)
      expect(task.state_machine.transition_to!("error", {})).to be(:stubbed)
    end

    it "goes through a stubbed transition_to! when told to transition_to" do
      allow_any_instance_of(Tasker::StateMachine::StepStateMachine).to receive(:transition_to!).and_return(:stubbed)
      expect(step.state_machine.transition_to("error")).to be(:stubbed)
      allow_any_instance_of(Tasker::StateMachine::StepStateMachine)
        .to receive(:transition_to!).and_raise(Statesman::TransitionFailedError.new("a", "b"))
      expect(step.state_machine.transition_to("error")).to be(false)
    end

    it "calls the original where a stub asks for it" do
      allow(step.state_machine).to receive(:transition_to!).and_call_original
      expect(step.state_machine.transition_to!("in_progress")).to be(true)
      expect(step.state_machine).to have_received(:transition_to!).with("in_progress")
      allow_any_instance_of(Tasker::StateMachine::StepStateMachine)
        .to(receive(:current_state).and_wrap_original { |original| original.call.upcase })
      expect(Tasker::WorkflowStep.find(step.id).status).to eq("IN_PROGRESS")
    end

    # Statesman takes the from-state from its own reader.
    it "heeds a stubbed current_state when it judges a transition" do
      %i[transition_to! transition_to can_transition_to? allowed_transitions].each do |method|
        expect do
          moved = make_step(make_task, "b")
          allow(moved.state_machine).to receive(:current_state).and_return("error")
          arguments = method == :allowed_transitions ? [] : ["in_progress"]
          [Outcome.of { moved.state_machine.public_send(method, *arguments) }, Portrait.new(moved.task).rows]
        end.to answer_alike
      end
    end

    it "heeds a stubbed event" do
      %w[StepStateMachine TaskStateMachine].zip([step, task]).each do |name, owner|
        machine = Tasker::StateMachine.const_get(name)
        allow(machine).to receive(:safe_fire_event)
        owner.state_machine.transition_to!(name.start_with?("Task") ? "cancelled" : "error")
        expect(machine).to have_received(:safe_fire_event).at_least(:once)
      end
    end

    it "heeds a stubbed publisher" do
      allow(Tasker::Events::Publisher.instance).to receive(:publish)
      step.state_machine.transition_to!("error")
      expect(Tasker::Events::Publisher.instance).to have_received(:publish).with("step.failed", hash_including(step_id: step.id))
    end

    it "heeds a stubbed guard" do
      expect do
        blocked = make_three_step_task.workflow_steps.order(:workflow_step_id).last
        allow(Tasker::StateMachine::StepStateMachine).to receive(:step_dependencies_met?).and_return(true)
        [blocked.state_machine.can_transition_to?("in_progress"), blocked.state_machine.transition_to!("in_progress")]
      end.to answer_alike
      expect do
        open_task = make_three_step_task
        allow(open_task).to receive(:all_steps_complete?).and_return(true)
        [open_task.state_machine.allowed_transitions, open_task.state_machine.transition_to!("complete")]
      end.to answer_alike
    end

    it "heeds a stubbed answer below the guard" do
      expect do
        open_task = make_three_step_task
        allow(Tasker::StepReadinessStatus).to receive(:all_steps_complete_for_task?).and_return(true)
        open_task.state_machine.transition_to!("complete")
      end.to answer_alike
      expect do
        open_task = make_three_step_task
        allow(Tasker::Functions::FunctionBasedStepReadinessStatus).to receive(:complete_for_task).and_return([1, 2, 3])
        open_task.state_machine.transition_to!("complete")
      end.to answer_alike
    end

    it "heeds stubbed parents" do
      expect do
        steps = make_three_step_task.workflow_steps.order(:workflow_step_id).to_a
        allow(steps.last).to receive(:parents).and_return([])
        steps.last.state_machine.transition_to!("in_progress")
      end.to answer_alike
      expect do
        steps = make_three_step_task.workflow_steps.order(:workflow_step_id).to_a
        allow_any_instance_of(Tasker::WorkflowStep).to receive(:parents).and_return([steps.last])
        Outcome.of { steps.second.state_machine.transition_to!("in_progress") }
      end.to answer_alike
    end

    it "can be a double" do
      machine = instance_double(Tasker::StateMachine::StepStateMachine, current_state: "complete", transition_to!: true,
                                                                        can_transition_to?: true, allowed_transitions: [])
      allow(step).to receive(:state_machine).and_return(machine)
      expect(step.status).to eq("complete")
      expect { instance_double(Tasker::StateMachine::StepStateMachine, transition_to!: true).transition_to! }
        .to raise_error(ArgumentError)
    end

    it "refuses stubs of methods that do not exist, and calls with the wrong number of arguments" do
      expect { allow(step.state_machine).to receive(:no_such_method) }.to raise_error(RSpec::Mocks::MockExpectationError)
      allow(step.state_machine).to receive(:current_state)
      expect { step.state_machine.current_state(1) }.to raise_error(ArgumentError)
    end

    it "may be subclassed" do
      [Tasker::StateMachine::StepStateMachine, Tasker::StateMachine::TaskStateMachine].each do |machine|
        own = Class.new(machine) { def current_state = "#{super}!" }
        expect do
          owner = machine.name.include?("Step") ? make_step(make_task, "b", "in_progress") : make_task("in_progress")
          model = machine.name.include?("Step") ? Tasker::WorkflowStepTransition : Tasker::TaskTransition
          association = machine.name.include?("Step") ? :workflow_step_transitions : :task_transitions
          mine = own.new(owner, transition_class: model, association_name: association)
          [mine.current_state, mine.can_transition_to?("error"), mine.allowed_transitions, Outcome.of { mine.transition_to!("error") },
           mine.transition_to("error"), owner.status]
        end.to answer_alike
      end
    end

    it "may keep its history in memory" do
      expect do
        step = make_step(make_task, "b")
        machine = Tasker::StateMachine.initialize_step_state_machine(step)
        task = make_task
        task_machine = Tasker::StateMachine.initialize_task_state_machine(task)
        [machine, task_machine].map do |memory|
          [memory.current_state, memory.allowed_transitions, Outcome.of { memory.transition_to!("in_progress", "a" => 1) },
           memory.current_state, memory.can_transition_to?("error"), memory.history.map(&:to_state),
           Outcome.of { memory.transition_to("error") }, memory.last_transition&.to_state]
        end + [step.status, task.status]
      end.to answer_alike
    end
  end

  describe "the questions" do
    it "take stubs of class methods" do
      allow(Tasker::Functions::FunctionBasedStepReadinessStatus).to receive(:for_task).and_return([])
      expect(step.ready?).to be(false)
      expect(Tasker::StepReadinessStatus.ready_for_task(task.task_id)).to eq([])
      allow(Tasker::Functions::FunctionBasedTaskExecutionContext).to receive(:find).and_return(:stubbed)
      expect(Tasker::TaskExecutionContext.find(task.task_id)).to be(:stubbed)
    end

    it "refuse wrong numbers of arguments while stubbed" do
      allow(Tasker::Functions::FunctionBasedStepReadinessStatus).to receive(:for_task).and_return([])
      expect { Tasker::Functions::FunctionBasedStepReadinessStatus.for_task(1, 2, 3) }.to raise_error(ArgumentError)
    end

    it "work on subclasses of the engine's classes" do
      own = Class.new(Tasker::Functions::FunctionBasedStepReadinessStatus) { def shout = name.upcase }
      expect { own.for_task(task.task_id).sort_by(&:workflow_step_id).map { [_1.class, _1.shout] } }
        .to answer_alike.by("FunctionBasedStepReadinessStatus.for_task")
    end
  end

  describe "a workflow" do
    let(:workflow) { ShapeWorkflow.new(Shapes.diamond) }

    it "runs a stubbed coordinator by its own method" do
      original = Tasker::Orchestration::WorkflowCoordinator.instance_method(:execute_workflow)
      allow_any_instance_of(Tasker::Orchestration::WorkflowCoordinator)
        .to receive(:execute_workflow) { |coordinator, *arguments| original.bind_call(coordinator, *arguments) }
      task = workflow.create
      workflow.run(task)
      expect(task.status).to eq("complete")
    end

    it "heeds stubbed discovery" do
      task = workflow.create
      allow(Tasker::WorkflowStep).to receive(:get_viable_steps).and_return(Tasker::WorkflowStep.none)
      workflow.run(task)
      expect(task.workflow_steps.map(&:status)).to all(eq("pending"))
      expect(Tasker::WorkflowStep).to have_received(:get_viable_steps).at_least(:once)
    end

    it "heeds stubbed steps" do
      task = workflow.create
      allow_any_instance_of(Tasker::Orchestration::StepExecutor).to receive(:execute_single_step) { |_, *arguments| arguments[2].id && nil }
      allow(Tasker::WorkflowStep).to receive(:get_viable_steps).and_wrap_original do |original, *arguments|
        allow(Tasker::WorkflowStep).to receive(:get_viable_steps).and_return(Tasker::WorkflowStep.none)
        original.call(*arguments)
      end
      workflow.run(task)
      expect(task.workflow_steps.map(&:status)).to all(eq("pending"))
    end

    it "heeds stubbed handlers" do
      task = workflow.create
      allow_any_instance_of(ShapeWorkflow::Succeed).to receive(:process).and_return({ "stubbed" => true })
      workflow.run(task)
      expect(task.workflow_steps.reload.map(&:results)).to all(eq("stubbed" => true))
    end
  end
end
