# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Fixes::Metrics do
  include TelemetryBoots

  before(:context) do
    gems = [TelemetryBoots::ENGINE, TelemetryBoots::CORE]
    on = { "DUMMY_REPAIRS" => "metrics" }
    @results = boot_with_telemetry(
      without: [gems], off: [gems, { **on, "TASKER_CORE" => "off" }], on: [gems, on],
      on_and_opentelemetry: [[*gems, TelemetryBoots::OPENTELEMETRY], on]
    )
  end

  def result(name) = @results.fetch(name)

  %i[without off].each do |name|
    it "#{name} leaves the engine counting nothing" do
      expect(result(name).answer).to include("status" => "complete", "subscribers" => {}, "counted" => {})
      expect(result(name).answer["shown"]).not_to include("step_completed_total")
    end
  end

  it "on boots without a failure, and counts" do
    expect(telemetry_failures(result(:on))).to eq([])
    expect(result(:on).answer).to include("status" => "complete", "subscribers" => { TelemetryBoots::METRICS => 13 })
    expect(result(:on).answer["counted"]).to include("step_completed_total" => be_positive, "task_completed_total" => be_positive)
    expect(result(:on).answer["shown"]).to match(/^step_completed_total \d+$/)
  end

  it "on makes spans where there is OpenTelemetry, and counts the same" do
    answer = result(:on_and_opentelemetry).answer
    expect(telemetry_failures(result(:on_and_opentelemetry))).to eq([])
    expect(answer["subscribers"]).to eq(TelemetryBoots::SPANS => 8, TelemetryBoots::METRICS => 13)
    expect(answer["counted"]).to eq(result(:on).answer["counted"])
  end

  it "on takes neither for a subscriber of the application, to whom transitions would have to be shown one by one" do
    expect(%i[on on_and_opentelemetry].map { |name| result(name).answer["noticed"] }).to eq([false, false])
  end

  it "leaves an application's subscribers to be noticed" do
    notice = -> { TaskerCore::Stock::Listeners.any?("task.cancelled") }
    expect(notice.call).to be(false)
    EventRecorder.subscribed { expect(notice.call).to be(true) }
  end
end
