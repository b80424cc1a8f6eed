# frozen_string_literal: true

require_relative "../rails_helper"

# A panic in the functions of the pool for bulk reads.
RSpec.describe TaskerCore::InternalError, "with a pool for bulk reads" do
  include Panics

  include_context "with a pool for bulk reads"

  native = TaskerCore::Native
  contexts = "FunctionBasedTaskExecutionContext.for_tasks"

  let(:pool) { TaskerCore::Native::Pool.new(TaskerCore::Native::BulkReadPool::Settings.read(Tasker::ApplicationRecord.connection_pool)) }

  after { pool.close }

  # @return [TaskerCore::Native::Conversation] that waits for rows
  def begun = TaskerCore::Native::Conversation.task_execution_contexts("a spec", ids).tap { |talk| talk.resume(nil) }

  # @return [TaskerCore::Native::Request] that is over
  def finished = pool.ask(begun).tap { |request| IO.for_fd(request.descriptor, "rb").tap(&:wait_readable).close }

  it "is for all of its functions, each of which is known here" do
    expect(native::Pool.instance_methods(false)).to contain_exactly(:ask, :close, :counts)
    expect(native::Request.instance_methods(false)).to contain_exactly(:descriptor, :give_up, :outcome)
  end

  it "is for a pool, which can be asked again" do
    expect_panic(native::Pool, :new, TaskerCore::Native::BulkReadPool::Settings.read(Tasker::ApplicationRecord.connection_pool))
    expect_panic(pool, :ask, begun)
    expect_panic(pool, :counts)
    expect(finished.outcome).to eq([false, nil])
    eventually { pool.counts == [1, 1] }
    expect_panic(pool, :close)
    expect(pool.close).to be_nil
    expect(pool.counts).to eq([0, 0])
  end

  it "is for a request, whose outcome is there afterwards" do
    request = finished
    %i[descriptor give_up outcome].each { |name| expect_panic(request, name) }
    expect(request.outcome).to eq([false, nil])
  end

  it "leaves a bulk read to the engine, with one line in the log, and the next one to the pool" do
    expected = TaskerCore.without { ask }
    panics = with_each_panic(-> { TaskerCore::Native::BulkReadPool.close }) { ask }
    expect(panics.size).to eq(7) # to begin, to ask, to open, to hand over, to wait, to hear, to answer
    expect(panics.map { |outcome,| [outcome.error, outcome.value] }).to all(eq([nil, expected]))
    expect(panics.map(&:last)).to all(contain_exactly(a_string_matching(/#{Regexp.escape(contexts)} fell back to the engine.*panicked/)))
    expect(events_of_the_pool { ask }.size).to eq(1)
    eventually { TaskerCore::Native::BulkReadPool.counts.then { |all, idle| all == idle } }
  end
end
