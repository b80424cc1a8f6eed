# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Records::FunctionRows, :transactional do
  let(:wrapper) { Tasker::Functions::FunctionBasedStepReadinessStatus }
  let(:task) { make_three_step_task.tap { |made| make_step(made, "failed", "error", attempts: 1, last_attempted_at: Time.current) } }

  # The last of a task's steps: failed, so that all of its attributes have values.
  def status = wrapper.for_task(task.task_id).max_by(&:workflow_step_id)

  # @return [Object] the same from the same row, made for reading
  def light
    row = wrapper.attribute_names.map { |name| status.public_send(name) }
    described_class.light_objects(wrapper, [row]).first
  end

  {
    "attributes in their order" => ->(one) { [one.attributes, one.attribute_names, one.attributes.keys] },
    "what is derived from them" => ->(one) { [one.to_h, one.blocking_reason, one.retry_status, one.readonly?, one.persisted?] },
    "what was written to it" => lambda { |one|
      one.attempts = "7"
      one.assign_attributes(name: "other", ready_for_execution: "f")
      [one.attempts, one.name, one.ready_for_execution, one.attributes]
    },
    "copies that are its own" => lambda { |one|
      copy = one.dup.tap { |other| other.name = "copy" }
      [one.name, copy.name, copy.attempts, one.freeze.frozen?, one.attributes, Outcome.of { one.attempts = 1 }.error[:class]]
    },
    "its class" => ->(one) { [one.class.name, one.is_a?(Tasker::Functions::FunctionWrapper)] }
  }.each do |what, tell|
    it "gives #{what} as the engine's own objects do" do
      expect { tell.call(status) }.to answer_alike.by("FunctionBasedStepReadinessStatus.for_task")
      expect(tell.call(light)).to eq(TaskerCore.without { tell.call(status) })
    end
  end

  it "gives one text each time" do
    expect { status.then { |one| [one.name.equal?(one.name), one.name.frozen?, one.attributes["name"].equal?(one.name)] } }.to answer_alike
  end

  it "gives the same JSON" do
    expect { status.as_json }.to answer_alike
  end

  it "can be dumped and loaded" do
    expect { Marshal.load(Marshal.dump(status)).attributes }.to answer_alike
  end

  describe "where the application has a say in how objects are made" do
    let(:own) { Class.new(wrapper) }

    def made = described_class.objects(own, [[1, 2, 3, "a", "pending", *[nil] * 11]]).first
    def read = described_class.light_objects(own, [[1, 2, 3, "a", "pending", *[nil] * 11]]).first

    it "calls its initializer" do
      own.define_method(:initialize) { |*arguments| super(*arguments).then { self.attempts = 40 } }
      expect([made.attempts, read.attempts]).to eq([40, 40])
    end

    it "calls its writers" do
      own.define_method(:name=) { |value| super(value.upcase) }
      expect([made.name, read.name]).to eq(%w[A A])
    end

    it "calls its readers" do
      own.define_method(:name) { "<#{super()}>" }
      expect([made.name, read.name]).to eq(%w[<a> <a>])
    end

    it "calls what stands for `new`" do
      allow(own).to receive(:new).and_return(:stub)
      expect([made, read]).to eq(%i[stub stub])
    end
  end
end
