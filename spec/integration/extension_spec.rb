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

  # Copies of the gem with an extension that cannot be used.
  spoilers = {
    "missing" => ->(folder) { FileUtils.rm(Dir[File.join(folder, "lib/tasker_core/tasker_core_rb.{so,bundle}")].sole) },
    "of another version" => lambda do |folder|
      file = File.join(folder, "lib/tasker_core/version.rb")
      File.write(file, File.read(file).sub(TaskerCore::VERSION, "0.1.99"))
    end
  }

  def boot_copy(script, spoil)
    with_copy_of_the_gem do |folder|
      spoil.call(folder)
      with_gemfile('gem "tasker-engine", require: "tasker"', %(gem "tasker-core", path: "#{folder}")) do |gemfile|
        result = run_in_dummy(script, gemfile:, env: { "DUMMY_LOG" => "stdout", "DUMMY_LOG_LEVEL" => "warn" })
        commands = %w[doctor verify].map { |name| try_child("bin/rails", "tasker_core:#{name}", gemfile:, folder: "spec/dummy") }
        [result, *commands]
      end
    end
  end

  before(:context) do
    told = two_at_a_time(spoilers.map { |name, spoil| [name, -> { boot_copy(question, spoil) }] })
    @results, @doctors, @verifications = Array.new(3) { |index| told.transform_values { |results| results[index] } }
  end

  spoilers.each_key do |what|
    it "that is #{what} leaves the application to the engine, with one warning" do
      result = @results.fetch(what)
      expect(result.answer).to include("active" => false, "status" => "complete", "without" => "complete")
      expect(result.answer["stats"].values.sum { |counts| counts["rust"] }).to eq(0)
      expect(result.answer["error"]).to include(result.answer["problem"])
      expect(result.output.scan("tasker-core is not in use").size).to eq(1)
    end

    it "that is #{what} is an error to the doctor, with its cure" do
      doctor = @doctors.fetch(what)
      expect(doctor.status.exitstatus).to eq(1), doctor.output + doctor.errors
      expect(doctor.output).to match(/bundle exec rake compile/)
      expect(doctor.output.lines.grep(/^fail/)).to contain_exactly(/^fail +extension/)
    end

    it "that is #{what} leaves nothing to verify, with the cure" do
      verification = @verifications.fetch(what)
      expect(verification.status.exitstatus).to eq(2), verification.output + verification.errors
      expect(verification.errors).to match(/bundle exec rake compile/)
      expect(verification.output).to be_empty
    end
  end

  it "says what is missing, and the cure" do
    expect(@results["missing"].answer["problem"])
      .to match(%r{could not be loaded.*tasker_core_rb.*Run `cd /\S+ && bundle install && bundle exec rake compile` .*`path:`}m)
  end

  it "says which versions do not match, and the cure" do
    expect(@results["of another version"].answer["problem"])
      .to include("expected 0.1.99, got #{TaskerCore::VERSION}", "bundle exec rake compile")
  end

  it "asks for `bundle pristine` where Bundler has compiled the gem" do
    cures = [Bundler::Source::Git.allocate, Bundler::Source::Rubygems.allocate, nil].map do |source|
      allow(Gem).to receive(:loaded_specs).and_return({ "tasker-core" => Gem::Specification.new.tap { |spec| spec.source = source } })
      described_class.dup.tap { |extension| extension.load("tasker_core/no_such_extension") }.problem
    end
    expect(cures).to all(match(/Run `bundle pristine tasker-core` with Rust/))
  end
end
