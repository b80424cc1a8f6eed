# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Fix do
  # Those that change what a workflow does in which nothing goes wrong are off by default.
  by_default = described_class::LIST.select(&:default).map(&:name)
  # How many steps run at once shows in every workflow; the engine logs an error each time that it fails to find out.
  unnoticed = by_default - %i[dynamic_concurrency]
  shapes = [Shapes.linear, Shapes.diamond, Shapes.fan(5)]

  shapes.each do |shape|
    it "change nothing about a workflow of shape #{shape.name}, in which nothing goes wrong" do
      workflow = ShapeWorkflow.new(shape)
      expect { with_repairs(*unnoticed) { run_of(workflow) } }.to answer_alike
      expect { with_repairs(*unnoticed) { run_of(workflow, listen: :subscribed) } }.to answer_alike
    end

    it "cost a workflow of shape #{shape.name} no statement" do
      workflow = ShapeWorkflow.new(shape)
      workflow.run(workflow.create)
      without, with = [[], unnoticed].map do |names|
        with_repairs(*names) { count_queries { workflow.run(workflow.create) } }
      end
      expect(with).to eq(without)
    end
  end

  it "are off where the gem is" do
    with_repairs(*by_default) do
      on = -> { described_class.names.select { |name| described_class.on?(name) } }
      expect(on.call).to eq(by_default)
      expect(TaskerCore.without(&on)).to be_empty
    end
  end

  it "are off on the threads of a workflow that is run without the gem" do
    seen = Queue.new
    script = { "a" => ->(*) { { "on" => described_class.on?(:retries).tap { |on| seen << on } } } }
    workflow = ScriptedWorkflow.new("without_#{SecureRandom.hex(4)}", script)
    with_repairs(:retries) { TaskerCore.without { workflow.run(workflow.create) } }
    expect(seen.pop).to be(false)
  end

  it "are listed in the configuration of a process" do
    script = <<~RUBY
      puts JSON.generate(TaskerCore.configuration.repairs.to_h)
    RUBY
    on, off = two_at_a_time(
      on: -> { run_in_dummy(script).answer }, off: -> { run_in_dummy(script, env: { "TASKER_CORE_REPAIRS" => "off" }).answer }
    ).values
    expect(on).to eq(described_class::LIST.to_h { |repair| [repair.name.to_s, repair.default] })
    expect(off.values).to all(be(false))
  end
end
