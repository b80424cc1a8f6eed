# frozen_string_literal: true

require_relative "../rails_helper"

# A panic in Rust, wherever it happens.
RSpec.describe TaskerCore::InternalError do
  native = TaskerCore::Native
  conversation = TaskerCore::Native::Conversation

  let(:task) { make_three_step_task }
  let(:steps) { task.workflow_steps.order(:workflow_step_id).to_a }

  # Rust tells of a panic on the process's standard error.
  around do |example|
    kept = $stderr.dup
    $stderr.reopen(File::NULL)
    example.run
  ensure
    native.panic_in(0)
    $stderr.reopen(kept)
    kept.close
  end

  # Has the call panic.
  def expect_panic(receiver, name, *)
    TaskerCore::Native.panic_in(1)
    expect { receiver.public_send(name, *) }.to raise_error(described_class, /panicked.*asked for/), "#{name} let the panic through"
  end

  describe "from every function of the extension" do
    it "is for all functions, each of which is known here" do
      expect(NativeCalls.plain.map { |name,| name.to_sym }.uniq + %i[panic panic_in]).to match_array(native.singleton_methods(false))
      expect(NativeCalls.conversations(task).map { |name,| name.to_sym }.uniq).to match_array(conversation.singleton_methods(false))
      expect(NativeCalls.of_graph([1]).map { |name,| name.to_sym }.uniq).to match_array(native::TaskGraph.instance_methods(false))
      expect(conversation.instance_methods(false)).to contain_exactly(:resume, :answer)
    end

    it "is for those that take no conversation" do
      NativeCalls.plain.each { |name, *arguments| expect_panic(native, name, *arguments) }
      expect { native.panic }.to raise_error(described_class)
    end

    it "is for each turn of each conversation, which is over then" do
      NativeCalls.conversations(task).each do |name, *arguments|
        expect_panic(conversation, name, *arguments)
        turns = NativeCalls.turns(name, *arguments)
        turns.each_index do |count|
          talk = conversation.public_send(name, *arguments)
          turns.first(count).each { |rows| talk.resume(rows) }
          expect_panic(talk, :resume, turns[count])
        end
        talk = conversation.public_send(name, *arguments)
        turns.each { |rows| talk.resume(rows) }
        expect_panic(talk, :answer)
      end
    end

    it "is for each method of a graph, which can be asked again" do
      graph = TaskerCore::Host.converse(conversation.task_graph("a spec", task.task_id), "Spec")
      NativeCalls.of_graph(steps.map(&:id)).each do |name, *arguments|
        expect_panic(graph, name, *arguments)
        expect { graph.public_send(name, *arguments) }.not_to raise_error
      end
    end
  end

  # Runs the block with a panic in its first native call, then in its second, and so on until nothing panics any more.
  # @yieldreturn [Object]
  # @return [Array<Array(Outcome, Array<String>)>] for each panic, what became of it and what the log said of it
  def with_each_panic(&block)
    (1..).each_with_object([]) do |calls, outcomes|
      outcome = nil
      lines = LogRecorder.lines do
        TaskerCore::Native.panic_in(calls)
        outcome = Outcome.of(&block)
      end
      return outcomes if TaskerCore::Native.panic_in(0).positive?

      outcomes << [outcome, lines.grep(/tasker-core/)]
    end
  end

  {
    "FunctionBasedStepReadinessStatus.for_task" => ->(task, _) { Tasker::StepReadinessStatus.for_task(task.task_id).map(&:to_h) },
    "FunctionBasedTaskExecutionContext.find" => ->(task, _) { Tasker::TaskExecutionContext.find(task.task_id).attributes },
    "FunctionBasedDependencyLevels.for_task" => lambda { |task, _|
      Tasker::Functions::FunctionBasedDependencyLevels.levels_hash_for_task(task.task_id)
    },
    "WorkflowStep.get_viable_steps" => ->(task, steps) { Tasker::WorkflowStep.get_viable_steps(task, Struct.new(:steps).new(steps)).to_a },
    "StepStateMachine#current_state" => ->(_, steps) { steps.second.state_machine.current_state },
    "StepStateMachine#can_transition_to?" => ->(_, steps) { steps.third.state_machine.can_transition_to?("in_progress") },
    "TaskStateMachine#allowed_transitions" => ->(task, _) { task.state_machine.allowed_transitions }
  }.each do |seam, question|
    it "leaves #{seam} to the engine, with one line in the log" do
      expected = TaskerCore.without { question.call(task, steps) }
      panics = with_each_panic { question.call(task, steps) }
      expect(panics.size).to be >= 4 # to begin, to ask, to take the rows, to answer
      expect(panics.map { |outcome,| [outcome.error, outcome.value] }).to all(eq([nil, expected]))
      expect(panics.map(&:last)).to all(contain_exactly(a_string_matching(/#{Regexp.escape(seam)} fell back to the engine.*panicked/)))
    end
  end

  it "is raised by a transition, which has happened as a whole or not at all" do
    owners = []
    panics = with_each_panic do
      owners << make_step(make_task("in_progress"), "b")
      owners.last.state_machine.transition_to!("in_progress")
    end
    expect(panics.size).to be >= 4
    expect(RowFaults.of(*owners.map(&:task_id))).to be_empty
    expect(panics.map { |outcome,| outcome.error[:class] }).to all(eq(described_class))
  end

  it "leaves the rows of a workflow whole, wherever it comes, and the workflow can be run on" do
    workflow = ShapeWorkflow.new(Shapes.diamond)
    tasks = []
    panics = with_each_panic do
      tasks << workflow.create
      workflow.run(tasks.last)
    end
    expect(panics.size).to be >= 20
    expect(panics.filter_map { |outcome,| outcome.error&.fetch(:class) }.uniq - [described_class]).to be_empty
    expect(RowFaults.of(*tasks.map(&:id))).to be_empty
    tasks.each { |task| RunningOn.run_on(workflow, task) }
    expect(tasks.map { |task| Tasker::Task.find(task.id).status }.tally).to eq("complete" => tasks.size)
    expect(RowFaults.of(*tasks.map(&:id))).to be_empty
  end
end
