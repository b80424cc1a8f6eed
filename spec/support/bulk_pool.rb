# frozen_string_literal: true

# A pool for bulk reads is asked for, and closed afterwards.
RSpec.shared_context "with a pool for bulk reads" do
  before { TaskerCore.configuration.bulk_pool_size = 2 }

  after do
    TaskerCore.configuration.bulk_pool_size = nil
    TaskerCore::Native::BulkReadPool.close
    eventually { sessions.empty? }
  end

  let(:connection) { Tasker::ApplicationRecord.connection }
  let(:tasks) { Array.new(2) { make_three_step_task } }
  let(:ids) { tasks.map(&:task_id) }

  def ask = Tasker::Functions::FunctionBasedTaskExecutionContext.for_tasks(ids).map(&:attributes)

  # @return [String] the folder of the extension with the pool, for processes of their own
  def library_of_the_pool
    File.expand_path($LOAD_PATH.find { |folder| File.exist?(File.join(folder, "tasker_core/tasker_core_rb.so")) })
  end

  # @return [Array<Hash>] what log subscribers hear of statements that are not on ActiveRecord's connections
  def events_of_the_pool(&)
    payloads = []
    note = ->(*, payload) { payloads << payload if payload[:connection].nil? }
    ActiveSupport::Notifications.subscribed(note, "sql.active_record", &)
    payloads
  end

  # @return [Array<Integer>] server processes that the pool is connected to
  def sessions
    connection.select_values(<<~SQL)
      SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND query ~ 'localtimestamp' AND pid <> pg_backend_pid() AND application_name = 'pool specs'
    SQL
  end

  # Has a statement about tasks wait for ever, in a session of its own.
  def with_tasks_locked
    ids
    locked = Queue.new
    done = Queue.new
    holder = Thread.new do
      Tasker::ApplicationRecord.transaction do
        Tasker::ApplicationRecord.connection.execute("LOCK TABLE tasker_tasks IN ACCESS EXCLUSIVE MODE")
        locked << true
        done.pop
      end
    end
    locked.pop
    yield
  ensure
    done << true
    holder.join
  end

  let(:waiting_for_a_lock) { "datname = current_database() AND wait_event_type = 'Lock' AND query ~ 'localtimestamp'" }

  # @return [Integer] how many of the core's statements wait for a lock
  def waiting = connection.select_value("SELECT count(*) FROM pg_stat_activity WHERE #{waiting_for_a_lock}")

  def eventually
    finish = Process.clock_gettime(Process::CLOCK_MONOTONIC) + 30
    Thread.pass until yield || Process.clock_gettime(Process::CLOCK_MONOTONIC) > finish
    expect(yield).to be(true)
  end
end
