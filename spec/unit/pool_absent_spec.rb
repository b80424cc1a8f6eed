# frozen_string_literal: true

require_relative "../rails_helper"

RSpec.describe TaskerCore::Native::BulkReadPool, "of an extension without it" do
  let(:ids) { [make_three_step_task.task_id, make_task.task_id] }

  def ask = Tasker::Functions::FunctionBasedTaskExecutionContext.for_tasks(ids)

  after { TaskerCore.configuration.bulk_pool_size = nil }

  it "is not asked for by default, and not there" do
    expect([described_class.usable?, described_class.compiled?, described_class.counts]).to eq([false, false, nil])
    expect(ask.size).to eq(2)
  end

  it "is reported as missing, with the cure, on first use" do
    TaskerCore.configuration.bulk_pool_size = 2
    expect { ask }.to raise_error(TaskerCore::ConfigurationError,
                                  /got one without \(run `bundle config set build.tasker-core "--features pool"`/)
    expect(Tasker::ApplicationRecord.transaction { ask.size }).to eq(2)
  end
end
