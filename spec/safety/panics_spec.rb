# frozen_string_literal: true

require_relative "../rails_helper"

# A panic in Rust, wherever it happens.
RSpec.describe TaskerCore::InternalError do
  include Panics

  native = TaskerCore::Native
  conversation = TaskerCore::Native::Conversation

  let(:task) { make_three_step_task }
  let(:steps) { task.workflow_steps.order(:workflow_step_id).to_a }

  describe "from every function of the extension" do
    it "is for all functions, each of which is known here" do
      expect(NativeCalls.plain.map { |name,| name.to_sym }.uniq + %i[panic panic_in]).to match_array(native.singleton_methods(false))
      expect(NativeCalls.conversations(task).map { |name,| name.to_sym }.uniq).to match_array(conversation.singleton_methods(false))
      expect(NativeCalls.of_graph([1]).map { |name,| name.to_sym }.uniq).to match_array(native::TaskGraph.instance_methods(false))
      expect(NativeCalls.of_drawing.map { |name,| name.to_sym }).to match_array(native::Drawing.instance_methods(false))
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

    it "is for each method of a drawing, which can be asked again" do
      drawing = TaskerCore::Native::QueryRunner.run(conversation.task_drawing("a spec", task.task_id), "Spec")
      NativeCalls.of_drawing.each do |name,|
        expect_panic(drawing, name)
        expect { drawing.public_send(name) }.not_to raise_error
      end
    end

    it "is for each method of a graph, which can be asked again" do
      graph = TaskerCore::Native::QueryRunner.run(conversation.task_graph("a spec", task.task_id), "Spec")
      NativeCalls.of_graph(steps.map(&:id)).each do |name, *arguments|
        expect_panic(graph, name, *arguments)
        expect { graph.public_send(name, *arguments) }.not_to raise_error
      end
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

  { "no fix" => [], "the fixes that are on by default" => RepairSwitches::DEFAULT }.each do |which, repairs|
    it "leaves the rows of a workflow whole, wherever it comes, and the workflow can be run on with #{which}", repairs: do
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

  # The first step fails, and waits for its next attempt.
  it "leaves no pending task without a job", repairs: %i[retries stranded_steps] do
    workflow = ScriptedWorkflow.new("panics_and_retries", { "a" => ->(*) { raise "not yet" } }, retry_limit: 12)
    panics = with_each_panic do
      task = workflow.create.tap { |made| Tasker::WorkflowStep.where(task_id: made.task_id).update_all(attempts: 4) }
      forget_jobs
      workflow.run(task)
      [task.status, waits_of(task).size]
    end
    raised, returned = panics.partition { |outcome,| outcome.error }
    expect(raised.map { |outcome,| outcome.error[:class] }).to all(eq(described_class))
    expect(returned.map { |outcome,| outcome.value }).to all(eq(["pending", 1]))
    unknown = returned.map { |_, lines| lines.grep(/is due is not known/).size }
    expect(unknown.tally).to match(0 => a_value > 20, 1 => 4) # to begin, to ask, to take the rows, to answer
  ensure
    forget_jobs
  end
end
