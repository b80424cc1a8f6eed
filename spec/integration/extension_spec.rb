# frozen_string_literal: true

require_relative "../rails_helper"

# Without a usable extension, an application boots and runs on the engine's own code, and is told once.
RSpec.describe TaskerCore::Extension do
  question = <<~RUBY
    require "./spec/dummy/lib/shape_workflow"
    workflow = ShapeWorkflow.new(Shapes.linear(2))
    task = workflow.create
    workflow.run(task)
    2.times { Rails.application.reloader.prepare! }
    error = begin
      TaskerCore::Extension.require!
    rescue TaskerCore::ExtensionError => e
      e.message
    end
    TaskerCore.reset_stats
    without = TaskerCore.without { task.status }
    puts JSON.generate(active: TaskerCore.active?, status: task.status, without:, problem: TaskerCore::Extension.problem, error:, stats: TaskerCore.stats)
  RUBY

  # The engine's answers and one warning on the application's log.
  def boot(folder)
    with_gemfile('gem "tasker-engine", require: "tasker"', %(gem "tasker-core", path: "#{folder}")) do |gemfile|
      result = run_in_dummy(yield, gemfile:, env: { "DUMMY_LOG" => "stdout", "DUMMY_LOG_LEVEL" => "warn" })
      expect(result.output.scan("tasker-core is not in use").size).to eq(1)
      result.answer
    end
  end

  def library(folder)
    Dir[File.join(folder, "lib/tasker_core/tasker_core_rb.{so,bundle}")].sole
  end

  it "may be missing" do
    with_copy_of_the_gem do |folder|
      FileUtils.rm(library(folder))
      answer = boot(folder) { question }
      expect(answer).to include("active" => false, "status" => "complete", "without" => "complete")
      expect(answer["problem"]).to match(/could not be loaded.*tasker_core_rb.*gem pristine tasker-core/m)
      expect(answer["error"]).to include(answer["problem"])
      expect(answer["stats"].values.sum { |counts| counts["rust"] }).to eq(0)
    end
  end

  it "may be of another version" do
    with_copy_of_the_gem do |folder|
      file = File.join(folder, "lib/tasker_core/version.rb")
      File.write(file, File.read(file).sub(TaskerCore::VERSION, "0.1.99"))
      answer = boot(folder) { question }
      expect(answer).to include("active" => false, "status" => "complete")
      expect(answer["problem"]).to include("expected 0.1.99, got #{TaskerCore::VERSION}", "gem pristine tasker-core")
    end
  end
end
