# frozen_string_literal: true

require_relative "../rails_helper"

# The engine connects its telemetry subscribers while the application boots: each case is a process of its own.
RSpec.describe TaskerCore::Repairs::Telemetry do
  engine = 'gem "tasker-engine", require: "tasker"'
  core = %(gem "tasker-core", path: "#{ChildProcess::ROOT}")
  opentelemetry = 'gem "opentelemetry-sdk", require: "opentelemetry/sdk"'

  script = <<~RUBY
    require "./spec/dummy/lib/shape_workflow"
    publisher = Tasker::Events::Publisher.instance
    subscribers = publisher.__bus__.listeners.values.flatten(1).map { |listener, _| listener.binding.receiver.class.name }
    noticed = defined?(TaskerCore) && TaskerCore::Subscribers.any?("step.completed")
    workflow = ShapeWorkflow.new(Shapes.diamond)
    task = workflow.create
    workflow.run(task)
    counted = Tasker::Telemetry::MetricsBackend.instance.all_metrics.values.to_h { |metric| [metric.name, metric.value] }
    puts JSON.generate({ status: task.status, subscribers: subscribers.tally, noticed: noticed || false, counted: })
  RUBY

  cases = {
    without: [[engine], {}],
    off: [[engine, core], { "TASKER_CORE" => "off" }],
    repair_off: [[engine, core], { "TASKER_CORE_REPAIRS" => "off" }],
    on: [[engine, core], {}],
    without_and_spans: [[engine, opentelemetry], {}],
    on_and_spans: [[engine, core, opentelemetry], {}]
  }

  before(:context) do
    jobs = cases.map do |name, (lines, env)|
      [name, -> { with_gemfile(*lines) { |gemfile| run_in_dummy(script, gemfile:, env: { "DUMMY_LOG" => "stdout", **env }) } }]
    end
    @results = two_at_a_time(jobs)
  end

  def answer(name) = @results.fetch(name).answer
  def failures(name) = @results.fetch(name).output.lines(chomp: true).grep(/Failed to setup telemetry subscriber/)

  def failed_for(constant)
    eq(["Tasker::Orchestration::Coordinator: Failed to setup telemetry subscriber: uninitialized constant #{constant}"])
  end

  %i[without off repair_off].each do |name|
    it "#{name} lets the engine fail at boot, which then neither counts nor traces" do
      expect(failures(name)).to failed_for("OpenTelemetry")
      expect(answer(name)).to include("status" => "complete", "subscribers" => {}, "counted" => {})
    end
  end

  it "without does not count either where there is OpenTelemetry" do
    expect(failures(:without_and_spans)).to failed_for("Tasker::Events::Subscribers::MetricsSubscriber")
    expect(answer(:without_and_spans)).to include(
      "status" => "complete", "subscribers" => { "Tasker::Events::Subscribers::TelemetrySubscriber" => 8 }, "counted" => {}
    )
  end

  it "on boots without a failure, says that no spans are made, and counts" do
    expect(failures(:on)).to eq([])
    expect(@results.fetch(:on).output).to include("tasker-core: repair telemetry: OpenTelemetry is not loaded: no spans are made")
    expect(answer(:on)).to include("status" => "complete", "subscribers" => { "Tasker::Events::Subscribers::MetricsSubscriber" => 13 })
    expect(answer(:on)["counted"]).to include("step_completed_total", "task_completed_total")
  end

  it "on makes spans where there is OpenTelemetry, and counts the same" do
    expect(failures(:on_and_spans)).to eq([])
    expect(@results.fetch(:on_and_spans).output).not_to include("repair telemetry")
    expect(answer(:on_and_spans)["subscribers"]).to eq(
      "Tasker::Events::Subscribers::TelemetrySubscriber" => 8, "Tasker::Events::Subscribers::MetricsSubscriber" => 13
    )
    expect(answer(:on_and_spans)["counted"]).to eq(answer(:on)["counted"])
  end

  it "on takes neither for a subscriber of the application, to whom transitions would have to be shown one by one" do
    expect([answer(:on), answer(:on_and_spans)]).to all(include("noticed" => false))
  end

  context "in this process", repairs: %i[telemetry] do
    let(:subscriber) { Tasker::Events::Subscribers::TelemetrySubscriber }

    it "has no tracer and minds no event" do
      expect(subscriber.new.tracer).to be_nil
      expect(subscriber.new.should_process_event?("task.completed")).to be(false)
    end

    it "raises as the engine does where it is off" do
      expect { with_repairs { subscriber.new } }.to raise_error(NameError, /OpenTelemetry/)
      expect { TaskerCore.without { subscriber.new } }.to raise_error(NameError, /OpenTelemetry/)
    end
  end

  it "leaves an application's subscribers to be noticed" do
    notice = -> { TaskerCore::Subscribers.any?("task.cancelled") }
    expect(notice.call).to be(false)
    EventRecorder.subscribed { expect(notice.call).to be(true) }
  end
end
