# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe Tasker::Functions::FunctionBasedAnalyticsMetrics, :transactional do
  override = "FunctionBasedAnalyticsMetrics.call"

  # Tasks of the last hour, of the last three, and older ones.
  before(:context) do
    EngineTables.clear
    WorkflowRows.prepare
    random = Random.new(RSpec.configuration.seed)
    @tasks = RandomWorkflows.new(random).create(tasks: 12, steps: 1..6)
    hours = [0.2, 2.4, 30]
    @tasks.zip(hours.cycle) { |task, ago| task.update_columns(created_at: Time.current - ago.hours) }
    Tasker::WorkflowStep.find_each { |step| step.update_columns(created_at: Time.current - random.rand(900.0)) }
  end

  it "counts the same within the last hour" do
    expect { described_class.call }.to answer_alike.by(override)
    expect { described_class.call(nil) }.to answer_alike.by(override)
    expect { described_class.call(false) }.to answer_alike.by(override)
  end

  it "counts the same since whenever" do
    [3.hours.ago, 1.minute.ago, 2.days.ago.to_time.localtime("+05:30"), 1.hour.from_now, 3.hours.ago.to_datetime,
     Time.utc(1999)].each do |since|
      expect { described_class.call(since) }.to answer_alike.by(override)
    end
    metrics = described_class.call(3.hours.ago)
    expect([metrics.task_throughput, metrics.step_throughput.positive?, metrics.avg_task_duration.positive?]).to eq([8, true, true])
  end

  it "counts the same in another zone" do
    Tasker::ApplicationRecord.transaction do
      Tasker::ApplicationRecord.connection.execute("SET LOCAL TIME ZONE 'Asia/Kathmandu'")
      expect { [described_class.call, described_class.call(2.hours.ago)] }.to answer_alike.by(override)
    end
  end

  it "gives values of the engine's classes" do
    expect { described_class.call.to_h.transform_values(&:class) }.to answer_alike.by(override)
    expect { described_class.call.class }.to answer_alike.by(override)
  end

  it "leaves odd instants to the engine" do
    [Date.current, "2024-01-01", "yesterday"].each do |since|
      expect { described_class.call(since) }.to answer_alike.by_the_engine(override)
    end
    expect { Tasker::ApplicationRecord.transaction(requires_new: true) { described_class.call("never") } }
      .to answer_alike.raising(ActiveRecord::StatementInvalid).by_the_engine(override)
    expect { Tasker::ApplicationRecord.transaction(requires_new: true) { described_class.call(5) } }.to answer_alike.or_raise_alike
  end

  it "counts nothing where there is nothing" do
    Tasker::ApplicationRecord.transaction do
      EngineTables.clear
      expect { described_class.call }.to answer_alike.by(override)
      expect(described_class.call.system_health_score).to eq(1.0)
      raise ActiveRecord::Rollback
    end
  end

  it "asks one question, which names none of the engine's functions" do
    sent = statements { described_class.call }
    expect([sent.size, sent.grep(/get_analytics/)]).to eq([1, []])
  end
end
