# frozen_string_literal: true

# Recovery for the examples of a group, with time that passes when a spec wants it to: `include Recovering`.
module Recovering
  GRACE = 30

  def self.included(group)
    group.before { Tasker::ApplicationRecord.connection.execute("truncate tasker_tasks cascade") }
    group.around { |example| with_recovery(watch: example.metadata[:watch]) { example.run } }
  end

  # @param watch [Boolean] whether the worker's own thread is at work, by the real clock
  def with_recovery(grace: GRACE, watch: false)
    configuration = TaskerCore.configuration
    configuration.recovery = true
    configuration.recovery_grace = grace
    @now = 1_000_000
    TaskerCore::Recovery.watching = watch
    TaskerCore::Recovery.clock = -> { @now } unless watch
    yield
  ensure
    @sessions&.reject(&:finished?)&.each(&:close)
    TaskerCore::Recovery.stop
    TaskerCore::Recovery.clock = TaskerCore::Recovery::MONOTONIC
    TaskerCore::Recovery.watching = true
    configuration.recovery = false
    configuration.recovery_grace = GRACE
  end

  def pass(seconds)
    @now += (seconds * 1_000_000).to_i
  end

  # @return [TaskerCore::Recovery::Report] of the second of two sweeps, a grace period after the first
  def sweep_twice
    TaskerCore::Recovery.sweep
    pass(GRACE)
    TaskerCore::Recovery.sweep
  end

  def worker = TaskerCore::Recovery.worker

  # Writes the claim of a worker.
  # @param key [Integer, nil] the worker's; nil for the engine's own claims
  # @return [Integer] the token
  def claim(record, key)
    history = record.is_a?(Tasker::Task) ? record.task_transitions : record.workflow_step_transitions
    last = history.maximum(:sort_key).to_i
    history.update_all(most_recent: false)
    make_history(record, "in_progress", sort_keys: [last + 10], metadata: key ? { "tasker_core" => { "worker" => key.to_s } } : {})
    history.reload.last.id
  end

  # @return [PG::Connection] a session that holds the lock of that worker
  def hold_lock(key)
    session = PG.connect(ENV.fetch("DATABASE_URL"))
    (@sessions ||= []) << session
    free = session.exec_params("select pg_try_advisory_lock($1::bigint)", [key]).getvalue(0, 0)
    free == "t" ? session : raise("the lock of worker #{key} is held by another session")
  end

  # @return [Boolean] whether anybody holds the lock of that worker
  def locked?(key)
    Tasker::ApplicationRecord.uncached do
      Tasker::ApplicationRecord.connection.select_value(<<~SQL).positive?
        select count(*) from pg_locks where locktype = 'advisory' and objsubid = 1
        and database = (select oid from pg_database where datname = current_database())
        and ((classid::bigint << 32) | objid::bigint) = #{key}
      SQL
    end
  end

  # Has the server lose the worker with that key, though it lives.
  def end_session_of(key)
    Tasker::ApplicationRecord.connection.execute(<<~SQL)
      select pg_terminate_backend(pid) from pg_locks
      where locktype = 'advisory' and ((classid::bigint << 32) | objid::bigint) = #{key}
    SQL
    eventually("the lock to be free") { !locked?(key) }
  end
end
