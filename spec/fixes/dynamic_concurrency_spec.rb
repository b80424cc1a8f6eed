# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Fixes::DynamicConcurrency do
  intelligence = Tasker::Orchestration::ConnectionPoolIntelligence
  faults = ["Health assessment failed - NoMethodError", "Concurrency calculation failed - NoMethodError"]

  # The steps at once that the engine finds right for a connection pool, and its complaints.
  def concurrency(stat)
    allow(ActiveRecord::Base.connection_pool).to receive(:stat).and_return(stat)
    steps = nil
    [LogRecorder.lines { steps = yield }, steps].reverse
  end

  def stat(size, busy, dead = 0)
    { size:, connections: busy + dead, busy:, dead:, idle: 0, waiting: 0, checkout_timeout: 5.0 }
  end

  shared_examples "the engine" do
    it "runs 3 steps at once however many connections are free, and complains twice" do
      steps, lines = concurrency(stat(100, 0)) { intelligence.intelligent_concurrency_for_step_executor }
      expect(steps).to eq(3)
      expect(lines.size).to eq(2)
      faults.zip(lines) { |fault, line| expect(line).to include("ConnectionPoolIntelligence: #{fault}") }
    end

    it "gives the pool's statistics as they are, or none" do
      expect(intelligence.assess_connection_health).to include(rails_pool_stats: {}, connection_pressure: :unknown)
    end
  end

  it_is_the_engine_without :dynamic_concurrency

  context "with the fix on", repairs: %i[dynamic_concurrency] do
    # Size, busy, dead; the pressure, and the steps that the engine's factors, margins and bounds (3 to 12) make of what is free.
    [
      [5, 1, 0, :low, 3], [10, 1, 0, :low, 7], [10, 0, 0, :low, 8], [100, 0, 0, :low, 12], [20, 0, 10, :low, 8],
      [10, 6, 0, :moderate, 3], [40, 24, 0, :moderate, 9], [40, 30, 0, :high, 3], [100, 75, 0, :high, 7],
      [100, 90, 0, :critical, 3], [5, 5, 0, :critical, 3], [5, 5, 1, :critical, 3], [0, 0, 0, :low, 3]
    ].each do |size, busy, dead, pressure, expected|
      it "runs #{expected} steps at once with #{busy} of #{size} connections busy and #{dead} dead" do
        pressed = nil
        steps, lines = concurrency(stat(size, busy, dead)) do
          pressed = intelligence.assess_connection_health[:connection_pressure]
          intelligence.intelligent_concurrency_for_step_executor
        end
        expect([steps, pressed, lines]).to eq([expected, pressure, []])
      end
    end

    it "is the engine's own formula: the same as with a pool that says how many are free" do
      random = Random.new(RSpec.configuration.seed)
      Array.new(50) { random.rand(1..200).then { |size| [size, random.rand(0..size)] } }.each do |size, busy|
        repaired = concurrency(stat(size, busy)) { intelligence.intelligent_concurrency_for_step_executor }
        told = { **stat(size, busy), available: size - busy }
        engine = TaskerCore.without { concurrency(told) { intelligence.intelligent_concurrency_for_step_executor } }
        expect(repaired).to eq(engine), "#{busy} of #{size} busy, seed #{random.seed}: got #{repaired}, the engine #{engine}"
      end
    end

    it "believes a pool that says how many are free" do
      steps, = concurrency({ **stat(100, 0), available: 5 }) { intelligence.intelligent_concurrency_for_step_executor }
      expect(steps).to eq(4)
    end

    it "adds what is free to the statistics that are asked for" do
      pool = ActiveRecord::Base.connection_pool
      free = pool.stat[:size] - pool.stat[:busy] - pool.stat[:dead]
      expect(intelligence.assess_connection_health[:rails_pool_stats]).to eq(**pool.stat, available: free)
    end

    it "falls back as the engine does where the pool does not answer" do
      allow(ActiveRecord::Base).to receive(:connection_pool).and_raise(ActiveRecord::ConnectionNotEstablished, "away")
      expect(intelligence.assess_connection_health).to include(recommended_concurrency: 3, assessment_error: "away")
    end

    it "is what the executor runs by" do
      allow(Tasker::Functions::FunctionBasedSystemHealthCounts).to receive(:call).and_return(nil)
      executor = Tasker::Orchestration::StepExecutor.new
      steps, = concurrency(stat(14, 0)) { executor.send(:calculate_optimal_concurrency) }
      off = TaskerCore.without { concurrency(stat(14, 0)) { executor.send(:calculate_optimal_concurrency) } }
      expect([steps, off.first]).to eq([11, 3])
    end
  end
end
