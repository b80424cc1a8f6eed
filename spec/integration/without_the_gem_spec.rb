# frozen_string_literal: true

require_relative "../rails_helper"

# The gem switched off is the same as no gem at all, and what the other specs compare with is the engine as it was published.
RSpec.describe "An application without the gem" do
  core = %(gem "tasker-core", path: "#{ChildProcess::ROOT}")
  engine = 'gem "tasker-engine", require: "tasker"'
  shapes = %w[linear mixed failing]
  kinds = %w[rows events log]
  support = %w[event_recorder log_recorder normalized_rows workflow_runs].map { |name| File.join(ChildProcess::ROOT, "spec/support", name) }

  # By shape: every row, the events of each step and of the task in order, and the log. Of an error the engine tells ten frames, some of
  # which are the gem's where it is there; the first ones are the handler's.
  script = <<~RUBY
    require "./spec/dummy/lib/shape_workflow"
    #{support.inspect}.each { |file| require file }
    include WorkflowRuns
    NormalizedRows.prepend(Module.new { def list(key, values) = key == "backtrace" ? super.first(2) : super })
    TaskerCore.configuration.repairs.all = false if defined?(TaskerCore)
    runs = #{shapes.inspect}.to_h { |name| [name, run_of(ShapeWorkflow.new(Shapes.named(name)))] }
    core = { active: TaskerCore.active?, rust: TaskerCore.stats.values.sum { |counts| counts[:rust] } } if defined?(TaskerCore)
    puts({ runs:, core:, engine: Tasker::VERSION }.to_json)
  RUBY

  # Each boots an application of its own.
  before(:context) do
    ways = { without: [[engine], {}], off: [[engine, core], { "TASKER_CORE" => "off" }], on: [[engine, core], {}] }
    jobs = ways.map { |way, (lines, env)| [way, -> { with_gemfile(*lines) { |gemfile| run_in_dummy(script, gemfile:, env:).answer } }] }
    @answers = two_at_a_time(jobs)
  end

  it "has none of it" do
    expect(@answers.fetch(:without)).to include("core" => nil, "engine" => Tasker::VERSION)
    expect(@answers.fetch(:off)["core"]).to eq("active" => false, "rust" => 0)
    expect(@answers.fetch(:on)["core"]).to include("active" => true, "rust" => be_positive)
  end

  shapes.product(kinds).each do |shape, kind|
    it "leaves the same #{kind} of a task of shape #{shape} as one with the gem, off and on" do
      left = @answers.transform_values { |answer| answer["runs"].fetch(shape).fetch(kind) }
      expect(left[:without]).not_to be_empty
      expect(left[:off]).to eq(left[:without])
      expect(left[:on]).to eq(left[:without])
    end
  end
end
