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

    it "goes through a stubbed transition_to! when transition_to is called" do
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
          [Outcome.of { moved.state_machine.public_send(method, *arguments) }, NormalizedRows.new(moved.task).rows]
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

  # Methods that the gem has put in the place of the engine's, by what they are defined on.
  replaced = lambda do
    TaskerCore::Engine::Registry.load_models
    modules = ObjectSpace.each_object(Module).select { |owner| owner.instance_variable_defined?(:@tasker_core_originals) }
    modules.to_h { |owner| [owner, owner.instance_variable_get(:@tasker_core_originals).values.flat_map(&:keys).uniq] }
  end

  describe "every method that the gem replaces" do
    # @return [String] where a method comes from
    def place_of(owner, name) = owner.instance_method(name).source_location.first

    it "takes stubs of any instance that call the original, and is the gem's again afterwards" do
      classes = replaced.call.select { |owner, _| owner.is_a?(Class) && !owner.singleton_class? }
      # The engine itself has prepended something to one of them.
      classes.each { |owner, names| names.select! { |name| TaskerCore::MethodPatcher.patched?(owner.instance_method(name)) } }
      expect(classes.keys).to include(Tasker::StateMachine::StepStateMachine, Tasker::Orchestration::StepExecutor, Tasker::Task)
      classes.each do |owner, names|
        names.each { |name| allow_any_instance_of(owner).to receive(name).and_call_original }
        expect(names.map { |name| place_of(owner, name) }.grep(/tasker_core/)).to be_empty
      end
      RSpec::Mocks.space.reset_all
      classes.each { |owner, names| expect(names.map { |name| place_of(owner, name) }).to all(include("/lib/tasker_core/")) }
    end

    it "takes stubs of the class that call the original, and is the gem's again afterwards" do
      classes = replaced.call.select { |owner, _| owner.singleton_class? }.transform_keys(&:attached_object)
      expect(classes.keys).to include(Tasker::Functions::FunctionBasedStepReadinessStatus, Tasker::WorkflowStep)
      classes.each { |klass, names| names.each { |name| allow(klass).to receive(name).and_call_original } }
      RSpec::Mocks.space.reset_all
      classes.each do |klass, names|
        expect(names.map { |name| place_of(klass.singleton_class, name) }).to all(include("/lib/tasker_core/"))
      end
    end

    it "is there for doubles, with its number of arguments" do
      replaced.call.select { |owner, _| owner.is_a?(Class) && !owner.singleton_class? }.each do |owner, names|
        plain = (names & owner.public_instance_methods).select do |name|
          owner.instance_method(name).parameters.all? { |kind, _| kind == :req }
        end
        double = instance_double(owner, plain.index_with { :stubbed })
        plain.each do |name|
          arity = owner.instance_method(name).arity
          expect(double.public_send(name, *Array.new(arity))).to be(:stubbed)
          expect { double.public_send(name, *Array.new(arity + 1)) }.to raise_error(ArgumentError)
        end
      end
    end
  end

  describe "a workflow among expectations" do
    orchestration = Tasker::Orchestration
    expectations = {
      orchestration::WorkflowCoordinator => %i[execute_workflow],
      orchestration::TaskFinalizer => %i[complete_task finalize_task_with_steps],
      Tasker::StateMachine::TaskStateMachine => %i[allowed_transitions]
    }

    expectations.each do |klass, methods|
      methods.each do |method|
        it "meets one of any #{klass.name.demodulize} to receive #{method} and to call the original" do
          workflow = ShapeWorkflow.new(Shapes.diamond.with(name: "expected_#{method}"))
          task = workflow.create
          expect_any_instance_of(klass).to receive(method).and_call_original
          workflow.run(Tasker::Task.find(task.task_id))
          task.state_machine.allowed_transitions if method == :allowed_transitions
          expect(task.status).to eq("complete")
        end
      end
    end

    stubbed = {
      "the coordinator's rounds" => [orchestration::WorkflowCoordinator, :execute_workflow_iteration],
      "the executor" => [orchestration::StepExecutor, :execute_steps],
      "the end of a step" => [orchestration::StepExecutor, :complete_step_execution],
      "the discovery" => [orchestration::ViableStepDiscovery, :find_viable_steps],
      "the end of a task" => [orchestration::TaskFinalizer, :complete_task],
      "the executor's way to move" => [orchestration::StepExecutor, :safe_transition_to],
      "the finalizer's way to move" => [orchestration::TaskFinalizer, :safe_transition_to],
      "the machine of tasks" => [Tasker::StateMachine::TaskStateMachine, :transition_to!],
      "the machine of steps" => [Tasker::StateMachine::StepStateMachine, :transition_to!]
    }

    stubbed.each do |what, (klass, method)|
      it "writes and publishes the same while #{what} calls the original" do
        workflow = ShapeWorkflow.new(Shapes.diamond.with(name: "wrapped_#{klass.name.demodulize.underscore}_#{method.to_s.delete("!")}"))
        calls = Concurrent::AtomicFixnum.new
        allow_any_instance_of(klass).to receive(method).and_wrap_original do |original, *arguments|
          calls.increment
          original.call(*arguments)
        end
        expect do
          calls.value = 0
          [run_of(workflow), calls.value]
        end.to answer_alike
        expect(calls.value).to be_positive
      end
    end
  end
end
