# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Frames::Sequences do
  include WorkflowRuns

  # What a handler can find out about the sequence that it is given.
  looks = {
    "its steps" => ->(sequence) { sequence.steps.map { |step| [step.name, step.attempts, step.results] } },
    "a step by its name" => ->(sequence) { Outcome.of { sequence.find_step_by_name("b").name } },
    "an attribute" => ->(sequence) { [sequence[:steps].map(&:name), Outcome.of { sequence[:other] }] },
    "all attributes" => ->(sequence) { sequence.attributes.transform_values { |steps| steps.map(&:name) } },
    "a Hash" => ->(sequence) { [sequence.to_h, sequence.to_hash].map { |hash| hash[:steps].map(&:name) } },
    "what patterns match" => ->(sequence) { sequence.deconstruct_keys([:steps])[:steps].map(&:name) },
    "its text" => ->(sequence) { sequence.inspect[/\A#<Tasker::Types::StepSequence steps=\[#<Tasker::WorkflowStep /] },
    "a copy" => ->(sequence) { [sequence.dup, sequence.clone].map { |copy| copy.steps.map(&:name) } },
    "one with other steps" => ->(sequence) { sequence.new(steps: []).steps },
    "an equal one" => ->(sequence) { [sequence == sequence.class.new(steps: sequence.steps), sequence.eql?(sequence.dup)] },
    "its class" => ->(sequence) { [sequence.class, sequence.instance_of?(Tasker::Types::StepSequence)] },
    "it frozen" => ->(sequence) { sequence.freeze.steps.map(&:name) },
    "a dump" => ->(sequence) { Marshal.load(Marshal.dump(sequence)).steps.map(&:name) },
    "a dump of a copy" => ->(sequence) { Marshal.load(Marshal.dump([sequence.clone])).first.steps.size },
    "a cache" => lambda { |sequence|
      store = ActiveSupport::Cache::MemoryStore.new
      store.write("sequence", sequence) && store.read("sequence").steps.map(&:name)
    },
    "YAML" => ->(sequence) { YAML.dump(sequence).scan(/^\s*(?:- )?!ruby\S+|tasker_core/).tally },
    "JSON" => ->(sequence) { JSON.parse(sequence.to_json)["steps"].map { |step| step["results"] } },
    "its variables" => lambda { |sequence|
      [sequence.instance_variables, sequence.instance_variable_get(:@attributes).keys, sequence.instance_values.keys,
       sequence.instance_variable_get(:@attributes).default, sequence.instance_variable_get(:@other)]
    },
    "a digest" => ->(sequence) { sequence.hash == sequence.class.new(steps: sequence.steps).hash },
    "what it responds to" => ->(sequence) { %i[steps marshal_dump encode_with to_ary].map { |name| sequence.respond_to?(name, true) } },
    "a pattern" => ->(sequence) { (sequence in { steps: [first, *] }) && first.name },
    "a step that it has not" => ->(sequence) { Outcome.of { sequence.find_step_by_name("none") } },
    "a step by odd names" => ->(sequence) { [nil, :b, 1, ""].map { |name| Outcome.of { sequence.find_step_by_name(name) } } },
    "a step that is in the list" => lambda { |sequence|
      found = sequence.find_step_by_name("c")
      [found.equal?(sequence.find_step_by_name("c")), sequence.steps.count { |step| step.equal?(found) }, found.name]
    },
    "a list that can be changed" => lambda { |sequence|
      sequence.steps.delete_if { |step| step.name == "a" }
      [sequence.steps.map(&:name), Outcome.of { sequence.find_step_by_name("a") }.class]
    },
    "a step that is changed before the list is read" => lambda { |sequence|
      sequence.find_step_by_name("b").inputs = { "changed" => true }
      sequence.steps.map { |step| [step.name, step.inputs, step.changed?] }
    }
  }

  looks.each do |words, look|
    it "show a handler #{words} as the engine's do" do
      seen = Queue.new
      handler = lambda { |_task, sequence, step|
        seen << [step.name, look.call(sequence)]
        {}
      }
      workflow = ScriptedWorkflow.new("sequences_#{words.tr(" ", "_")}", ScriptedWorkflow::STEPS.transform_values { handler })
      expect do
        run_of(workflow, listen: :nowhere)
        Array.new(seen.size) { seen.pop }.sort_by(&:first)
      end.to answer_alike.by("WorkflowStep.get_steps_for_task")
    end
  end

  it "are of the moment at which their round began, whenever one looks" do
    expect do
      states = Queue.new
      change = lambda { |_task, sequence, step|
        Tasker::WorkflowStep.where(workflow_step_id: step.workflow_step_id).update_all(inputs: { changed: true })
        states << sequence.steps.map(&:inputs)
        {}
      }
      workflow = ScriptedWorkflow.new("sequences_of_a_moment", { "a" => change })
      workflow.run(workflow.create)
      states.pop
    end.to answer_alike
  end

  it "have one list of steps, whoever looks first" do
    workflow = ScriptedWorkflow.new("sequences_looked_at_by_two", { "b" => lambda { |_task, sequence, _step|
      lists = Array.new(4) { Thread.new { sequence.steps } }.map(&:value)
      { "lists" => lists.map(&:object_id).uniq.size, "steps" => lists.first.size }
    } })
    task = workflow.create
    workflow.run(task)
    expect(Tasker::WorkflowStep.for_task(task).find { |step| step.name == "b" }.results).to eq("lists" => 1, "steps" => 5)
  end

  it "make no steps while nobody looks" do
    workflow = ShapeWorkflow.new(Shapes.chain(30))
    workflow.run(workflow.create)
    task = workflow.create
    allow(Tasker::WorkflowStep).to receive(:instantiate).and_call_original
    workflow.run(task)
    # The steps of the first look and of the last, and a few for each step that is run: not thirty for each.
    expect(Tasker::WorkflowStep).to have_received(:instantiate).at_most(30 * 8).times
  end

  it "are the engine's where somebody has put something in the place of what it asks" do
    workflow = ShapeWorkflow.new(Shapes.linear)
    allow(Tasker::WorkflowStep).to receive(:get_steps_for_task).and_call_original
    workflow.run(workflow.create)
    expect(Tasker::WorkflowStep).to have_received(:get_steps_for_task).at_least(5).times
  end
end
