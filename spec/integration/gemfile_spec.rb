# frozen_string_literal: true

require_relative "../rails_helper"

# One line in the Gemfile is the whole installation, wherever it stands.
RSpec.describe "An application's Gemfile" do
  core = %(gem "tasker-core", path: "#{ChildProcess::ROOT}")

  gemfiles = {
    "names the gem before the engine" => [core, 'gem "tasker-engine", require: "tasker"'],
    "names the gem after the engine" => ['gem "tasker-engine", require: "tasker"', core],
    "names the gem before an engine that is required by its own name" => [core, 'gem "tasker-engine"'],
    "names the gem after an engine that is required by its own name" => ['gem "tasker-engine"', core],
    "names the gem alone" => [core]
  }

  script = <<~RUBY
    require "./spec/dummy/lib/shape_workflow"
    workflow = ShapeWorkflow.new(Shapes.diamond)
    task = workflow.create
    workflow.run(task)
    core = { active: TaskerCore.active?, stats: TaskerCore.stats } if defined?(TaskerCore)
    puts JSON.generate({ status: task.status, **core.to_h })
  RUBY

  # Each boots an application of its own: two at a time.
  before(:context) do
    jobs = gemfiles.map { |name, lines| [name, -> { with_gemfile(*lines) { |gemfile| run_in_dummy(script, gemfile:).answer } }] }
    jobs << [:without, -> { with_gemfile('gem "tasker-engine", require: "tasker"') { |gemfile| run_in_dummy(script, gemfile:).answer } }]
    jobs << [:off, -> { run_in_dummy(script, env: { "TASKER_CORE" => "off" }).answer }]
    @answers = two_at_a_time(jobs)
  end

  gemfiles.each_key do |name|
    it "that #{name} has its workflows run in Rust" do
      answer = @answers.fetch(name)
      expect(answer).to include("active" => true, "status" => "complete")
      expect(answer["stats"].values.sum { |counts| counts["engine"] }).to eq(0)
      expect(answer["stats"].values.sum { |counts| counts["rust"] }).to be_positive
    end
  end

  it "may leave the gem out again" do
    expect(@answers.fetch(:without)).to eq("status" => "complete")
  end

  it "may keep the gem, switched off by the environment" do
    answer = @answers.fetch(:off)
    expect(answer).to include("active" => false, "status" => "complete")
    expect(answer["stats"].values.sum { |counts| counts["rust"] }).to eq(0)
    expect(answer["stats"].values.sum { |counts| counts["engine"] }).to be_positive
  end
end
