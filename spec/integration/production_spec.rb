# frozen_string_literal: true

require_relative "../rails_helper"

# An application that was generated and nothing else: `config.eager_load` is true, as Rails writes it.
RSpec.describe "A generated application in production", :slow do
  before(:context) do
    GeneratedApplication.within do |application|
      application.install_engine
      @settings = File.read(application.path("config/environments/production.rb"))
      run_with_async(application)
      run_with_solid_queue(application)
    end
  end

  finish = <<~RUBY
    task = GreetingHandler.start
    ActiveJob::Base.queue_adapter.shutdown(wait: true)
    #{GeneratedApplication.answer("Tasker::Task.find(task.task_id)")}
  RUBY

  define_method(:run_with_async) do |application|
    @without = application.runner(finish)
    application.gems(GeneratedApplication::ENGINE, GeneratedApplication::CORE)
    @with = application.runner(finish)
    @off = application.runner(finish, env: { "TASKER_CORE" => "off" })
    @repairs_off = application.runner(finish, env: { "TASKER_CORE_REPAIRS" => "off" })
    @stuttering = application.runner(GeneratedApplication.answer_when_complete("StutteringHandler.start", 60))
    # Twice as long as it waits in all.
    twice = GeneratedApplication.answer_when_complete("StutteringHandler.start", 12)
    @stuttering_off = application.runner(twice, env: { "TASKER_CORE" => "off" })
  end

  def run_with_solid_queue(application)
    application.gems(GeneratedApplication::ENGINE, GeneratedApplication::CORE, GeneratedApplication::SOLID_QUEUE)
    application.install_solid_queue
    @enqueued = application.runner(GeneratedApplication.answer("StutteringHandler.start && GreetingHandler.start"))
    @jobs = application.work_off(2, /TaskRunnerJob execution completed/)
    @worked_in = application.answers
    @doctor = application.rails("tasker_core:doctor")
    @stuttered, @worked = [1, 0].map { |index| application.runner(GeneratedApplication.answer("Tasker::Task.order(task_id: :desc).offset(#{index}).first")) }
  end

  said = { "hello" => "hello", "welcome" => "welcome", "goodbye" => "goodbye" }

  def counts(result, side) = result.answer["stats"].values.sum { |answers| answers[side] }

  it "is loaded eagerly" do
    expect(@settings).to match(/^  config\.eager_load = true$/)
  end

  it "does not boot without the gem" do
    expect(@without.success?).to be(false)
    expect(@without.output).to match(/NameError.*Tasker|Tasker.*NameError/m)
  end

  it "does not boot with the fixes off" do
    expect(@repairs_off.success?).to be(false)
    expect(@repairs_off.output).to match(/NameError.*Tasker|Tasker.*NameError/m)
  end

  it "boots with the gem, and runs a workflow in a job of the async adapter" do
    expect(@with.answer).to include("adapter" => "async", "active" => true, "status" => "complete", "steps" => said)
    expect(counts(@with, "rust")).to be_positive
    expect(counts(@with, "engine")).to eq(0)
  end

  it "has nothing to complain of at boot" do
    slow = /"Performance measurement"/
    expect(@with.output.lines.grep(/ERROR|FATAL|WARN/).grep_v(slow)).to eq([])
  end

  it "boots with the gem switched off" do
    expect(@off.answer).to include("active" => false, "status" => "complete", "steps" => said)
    expect(counts(@off, "rust")).to eq(0)
  end

  it "boots with the gem, and runs a workflow in a job of Solid Queue, whose process is answered by Rust" do
    expect(@enqueued.answer).to include("adapter" => "solid_queue", "status" => "pending")
    expect(@jobs.success?).to be(true), @jobs.output
    expect(@worked.answer).to include("active" => true, "status" => "complete", "steps" => said)
    moves = @worked_in.map { |stats| stats["StepStateMachine#transition_to!"] }
    expect(moves).to include("rust" => a_value > 5, "engine" => 0)
    expect(@worked_in.sum { |stats| stats.values.sum { |counts| counts["engine"] } }).to eq(0)
  end

  describe "with a step that fails twice and then succeeds" do
    moves = %w[in_progress error pending in_progress error pending in_progress complete]
    completed = { "status" => "complete", "steps" => said, "attempts" => { "hello" => 1, "welcome" => 3, "goodbye" => 1 },
                  "histories" => { "hello" => moves.values_at(0, -1), "welcome" => moves, "goodbye" => moves.values_at(0, -1) } }

    it "completes the workflow in jobs of the async adapter, answered by Rust" do
      expect(@stuttering.answer).to include("adapter" => "async", **completed)
      expect(counts(@stuttering, "engine")).to eq(0)
    end

    it "completes the workflow in jobs of Solid Queue" do
      expect(@stuttered.answer).to include("adapter" => "solid_queue", **completed)
    end

    it "never tries again with the gem switched off" do
      expect(@stuttering_off.answer).to include("active" => false, "attempts" => include("welcome" => 1),
                                                "histories" => include("welcome" => %w[in_progress error]))
      expect(@stuttering_off.answer["status"]).not_to eq("complete")
    end
  end

  it "is looked over by the doctor, who knows what Solid Queue runs at once" do
    expect(@doctor.success?).to be(true), @doctor.output
    expect(@doctor.output).to match(/^ok    eager loading  every file could be loaded$/)
    expect(@doctor.output).to match(/^warn  connections    a pool of 5 for 3 jobs at once \(solid_queue\), .*: 12 may be wanted/)
  end
end
