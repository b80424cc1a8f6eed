# frozen_string_literal: true

require_relative "../rails_helper"

# A round of a task of 16 steps or more reads a few of them. A handler sees all of them as the engine's handlers do.
RSpec.describe TaskerCore::Frames::Sequences, "of large tasks" do
  include WorkflowRuns

  chain = Shapes.chain(20).steps
  before = ->(step) { chain.fetch(step.name).first }

  # @yield what each handler does
  # @return [Array] what the handlers have seen, in their order
  def seen_by_each(name, steps = Shapes.chain(20).steps, &look)
    seen = Queue.new
    script = steps.transform_values do
      lambda { |task, sequence, step|
        seen << [step.name, Outcome.of { yield(sequence, step, task) }]
        { "step" => step.name }
      }
    end
    workflow = ScriptedWorkflow.new(name, script, steps:)
    workflow.run(workflow.create)
    Array.new(seen.size) { seen.pop }.sort_by(&:first)
  end

  looks = {
    "all steps" => ->(sequence, *) { sequence.steps.map { |step| [step.name, step.attempts, step.processed, step.results, step.status] } },
    "the step before" => ->(sequence, step, _) { sequence.find_step_by_name(before.call(step))&.results },
    "the first step" => ->(sequence, *) { sequence.find_step_by_name("link_01").then { |first| [first.results, first.attempts] } },
    "the last step" => lambda { |sequence, *|
      sequence.find_step_by_name("link_20").then do |last|
        [last.results, last.processed, last.status]
      end
    },
    "all steps after one" => ->(sequence, *) { [sequence.find_step_by_name("link_05").results, sequence.steps.map(&:results)] },
    "a copy" => ->(sequence, *) { Marshal.load(Marshal.dump(sequence)).steps.map(&:results) },
    "all steps now and then" => ->(sequence, step, _) { sequence.steps.map(&:results) if step.name.hash.odd? }
  }

  looks.each do |words, look|
    it "show each handler #{words} as the engine's do" do
      expect { seen_by_each("large_#{words.tr(" ", "_")}") { |*given| look.call(*given) } }.to answer_alike
    end
  end

  # A handler changes a step that is not next, or one that is done; the handlers of later rounds see that.
  { "far ahead" => %w[link_03 link_18], "long done" => %w[link_15 link_02], "before it" => %w[link_09 link_08] }
    .each do |words, (writer, written)|
    { "all steps" => ->(sequence, _) { sequence.steps.map(&:inputs) },
      "that step" => ->(sequence, name) { sequence.find_step_by_name(name).inputs } }.each do |reading, read|
      it "show a step #{words} as another handler has left it, to a handler that reads #{reading}" do
        expect do
          seen_by_each("large_written_#{words}_#{reading}".tr(" ", "_")) do |sequence, step, task|
            if step.name == writer
              Tasker::WorkflowStep.for_task(task).find { |other| other.name == written }.update!(inputs: { "by" => writer })
            end
            read.call(sequence, written)
          end
        end.to answer_alike
      end
    end
  end

  it "are the same object for all handlers of a round" do
    names = (1..5).map { |number| "arm_#{number}" }
    steps = { **Shapes.chain(15).steps, **names.to_h { |name| [name, ["link_15"]] } }
    expect do
      found = Concurrent::Map.new
      barrier = Concurrent::CyclicBarrier.new(3)
      looks = [->(sequence) { sequence.find_step_by_name("link_15") }, ->(sequence) { sequence.steps[14] }]
      seen_by_each("large_shared", steps) do |sequence, step, _|
        next unless names.first(3).include?(step.name)

        barrier.wait(5)
        found[step.name] = looks[step.name[-1].to_i % 2].call(sequence)
      end
      found.values.map(&:object_id).uniq.size
    end.to answer_alike
  end

  # The first that reads it has the others read, and the rounds after that bring what has changed since.
  it "cost one statement in each round whose predecessor has read more than its step and what that waits for" do
    counts = { "none" => ->(*) {}, "all" => ->(sequence, *) { sequence.steps.map(&:results) },
               "parents" => ->(sequence, step, _) { sequence.find_step_by_name(before.call(step)) } }
    counts = counts.to_h do |words, look|
      seen_by_each("large_counted_#{words}") { |*given| look.call(*given) }
      [words, count_queries { seen_by_each("large_counted_#{words}") { |*given| look.call(*given) } }]
    end
    none = counts.fetch("none")
    expect(counts).to eq("none" => none, "all" => none + chain.size, "parents" => none + 2)
  end

  it "cost one statement more where a handler reads a step that its round has not read, and one in the next round" do
    read = lambda { |at|
      lambda {
        count_queries do
          seen_by_each("large_far") { |sequence, step, _| sequence.find_step_by_name("link_02").results if at.include?(step.name) }
        end
      }
    }
    read[[]].call
    without = read[[]].call
    expect(read[%w[link_12]].call).to eq(without + 2)
    expect(read[chain.keys.last(12)].call).to eq(without + 12)
  end

  it "make the steps that are found by their names, and no others" do
    made = Concurrent::AtomicFixnum.new
    allow(Tasker::WorkflowStep).to(receive(:instantiate).and_wrap_original { |*given, **| made.increment && given.shift.call(*given) })
    without, with = [false, true].map do |find|
      Array.new(2) do # the first run makes the definitions
        made.value = 0
        seen_by_each("large_made_#{find}") { |sequence, step, _| sequence.find_step_by_name(before.call(step)) if find }
        made.value
      end.last
    end
    expect(with - without).to be_between(chain.size / 2, chain.size)
  end
end
