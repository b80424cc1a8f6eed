# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Fixes::Telemetry do
  include TelemetryBoots

  before(:context) do
    @results = boot_with_telemetry(
      without: [[TelemetryBoots::ENGINE]],
      off: [[TelemetryBoots::ENGINE, TelemetryBoots::CORE], { "TASKER_CORE" => "off" }],
      repair_off: [[TelemetryBoots::ENGINE, TelemetryBoots::CORE], { "TASKER_CORE_REPAIRS" => "off" }],
      on: [[TelemetryBoots::ENGINE, TelemetryBoots::CORE]],
      without_but_opentelemetry: [[TelemetryBoots::ENGINE, TelemetryBoots::OPENTELEMETRY]],
      on_and_opentelemetry: [[TelemetryBoots::ENGINE, TelemetryBoots::CORE, TelemetryBoots::OPENTELEMETRY]]
    )
  end

  def result(name) = @results.fetch(name)

  note = "tasker-core: repair telemetry: OpenTelemetry is not loaded: no spans are made"

  %i[without off repair_off].each do |name|
    it "#{name} lets the engine fail at boot" do
      expect(telemetry_failures(result(name))).to eq(["uninitialized constant OpenTelemetry"])
      expect(result(name).output).not_to include("repair telemetry")
    end
  end

  it "on boots without a failure, and says that no spans are made" do
    expect(telemetry_failures(result(:on))).to eq([])
    expect(result(:on).output).to include(note)
  end

  it "on leaves everything else as it is" do
    workflow = { "status" => "complete", "subscribers" => {}, "counted" => {}, "noticed" => false }
    expect(result(:without).answer).to include(workflow)
    expect(result(:on).answer).to include(workflow)
  end

  it "on leaves applications with OpenTelemetry as they are" do
    off, on = %i[without_but_opentelemetry on_and_opentelemetry].map { |name| result(name) }
    expect(on.answer.except("shown")).to eq(off.answer.except("shown"))
    expect(on.answer).to include("subscribers" => { TelemetryBoots::SPANS => 8 }, "noticed" => false)
    expect([off, on].map { |result| telemetry_failures(result) }).to all(eq(["uninitialized constant #{TelemetryBoots::METRICS}"]))
    expect(on.output).not_to include(note)
  end

  context "in this process", repairs: %i[telemetry] do
    let(:subscriber) { Tasker::Events::Subscribers::TelemetrySubscriber }

    it "lets a subscriber be made, which has no tracer and minds no event" do
      expect(subscriber.new.tracer).to be_nil
      expect(subscriber.new.should_process_event?("task.completed")).to be(false)
    end

    it "raises as the engine does where it is off" do
      expect { with_repairs { subscriber.new } }.to raise_error(NameError, /OpenTelemetry/)
      expect { TaskerCore.without { subscriber.new } }.to raise_error(NameError, /OpenTelemetry/)
    end
  end
end
