# frozen_string_literal: true

require_relative "../rails_helper"

# Against an extension with the feature `pool`: `rake spec:pool`.
RSpec.describe TaskerCore::Native::BulkReadPool do
  contexts = "FunctionBasedTaskExecutionContext.for_tasks"

  include_context "with a pool for bulk reads"

  describe "asked for" do
    it "answers bulk reads as the engine does, on connections of its own" do
      since = 1.day.ago
      bulk = [
        -> { Tasker::Functions::FunctionBasedStepReadinessStatus.for_tasks(ids).map(&:to_h).sort_by { |row| row[:workflow_step_id] } },
        -> { ask },
        -> { Tasker::Functions::FunctionBasedAnalyticsMetrics.call(since).to_h.except(:calculated_at) },
        -> { Tasker::Analysis::RuntimeGraphAnalyzer.new(task: tasks[0]).analyze.except(:generated_at) }
      ]
      bulk.each { |question| expect { question.call }.to answer_alike }
      expect(bulk.map { |question| events_of_the_pool(&question).size }).to eq([1, 1, 1, 2])
      expect(described_class.counts.first).to be_between(1, 2)
    end

    it "is counted, and published to log subscribers with its name and statement" do
      TaskerCore.reset_stats
      event, = events_of_the_pool { ask }
      expect(event).to include(name: "TaskExecutionContext Batch Load", sql: /tasker_task_transitions/, binds: ["{#{ids.join(",")}}", nil])
      expect(answers_given).to eq(contexts => { rust: 1, engine: 0 })
    end

    it "is not asked in a transaction, which sees what it has written" do
      Tasker::ApplicationRecord.transaction do
        make_history(tasks[0], "complete", sort_keys: [99], flagged: nil)
        Tasker::TaskTransition.where(task_id: ids[0]).update_all("most_recent = (sort_key = 99)")
        told = nil
        expect(events_of_the_pool { told = ask.first["status"] }).to be_empty
        expect(told).to eq("complete")
        raise ActiveRecord::Rollback
      end
    end

    it "is not asked with the query cache on, nor with the gem off, nor in the shadow" do
      expect(events_of_the_pool { Tasker::ApplicationRecord.cache { ask } }).to be_empty
      expect(events_of_the_pool { TaskerCore.without { ask } }).to be_empty
      TaskerCore.configuration.mode = :shadow
      expect(events_of_the_pool { ask }).to be_empty
    ensure
      TaskerCore.configuration.mode = :on
    end

    it "is closed on request, and opened again on use" do
      expect([ask.size, described_class.counts.first]).to eq([2, 1])
      native = Tasker::ApplicationRecord.connection_pool.instance_variable_get(:@tasker_core_pool).last
      2.times { described_class.close }
      expect(described_class.counts).to be_nil
      conversation = TaskerCore::Native::Conversation.task_execution_contexts(contexts, ids).tap { |begun| begun.resume(nil) }
      expect { native.ask(conversation) }.to raise_error(TaskerCore::ConversationError, /got a child or a pool that is closed/)
      expect([ask.size, described_class.counts.first]).to eq([2, 1])
    end

    it "works while many threads ask, and while Ruby collects garbage at every turn" do
      expected = ask
      expect(Array.new(8) { Thread.new { Array.new(10) { ask } } }.flat_map(&:value).uniq).to eq([expected])
      GC.stress = true
      told = TaskerCore::Native::QueryRunner.run_bulk(TaskerCore::Native::Conversation.task_execution_contexts(contexts, ids), "Load")
      GC.stress = false
      expect(told.map(&:first)).to eq(ids)
    ensure
      GC.stress = false
    end
  end

  describe "not asked for" do
    it "opens no thread and no connection" do
      TaskerCore.configuration.bulk_pool_size = nil
      script = <<~RUBY
        Tasker::Functions::FunctionBasedTaskExecutionContext.for_tasks([1, 2])
        threads = -> { Dir["/proc/self/task/*/comm"].map { |name| File.read(name).strip }.grep(/tasker-core/).size }
        sockets = -> { Dir["/proc/self/fd/*"].count { |name| File.readlink(name).start_with?("socket:") rescue false } }
        before = [threads.call, sockets.call]
        TaskerCore.configuration.bulk_pool_size = 2
        Tasker::ApplicationRecord.uncached { Tasker::Functions::FunctionBasedTaskExecutionContext.for_tasks([1, 2]) }
        puts [before, [threads.call, sockets.call]].to_json
      RUBY
      before, after = run_in_dummy(script, env: { "RUBYLIB" => library_of_the_pool }).answer
      expect(before).to eq([0, 1])
      expect(after.first).to eq(2)
      expect(after.last).to be > 1
    end
  end

  describe "while PostgreSQL is busy" do
    before { connection.execute("SET application_name TO 'pool specs'") }
    after { connection.execute("RESET application_name") }

    it "lets other threads run, and is stopped with its statement by Thread#kill" do
      ask
      with_tasks_locked do
        asker = Thread.new { ask }
        eventually { waiting == 1 }
        asker.kill.join
        expect(asker.status).to be(false)
        eventually { waiting.zero? }
      end
      expect(ask.size).to eq(2)
      eventually { described_class.counts.then { |all, idle| all == idle } }
    end

    it "is stopped with its statement by a timeout and by an interrupt" do
      ask
      with_tasks_locked do
        expect { Timeout.timeout(0.2) { ask } }.to raise_error(Timeout::Error)
        eventually { waiting.zero? }
        asker = Thread.new { ask }.tap { |thread| thread.report_on_exception = false }
        eventually { waiting == 1 }
        asker.raise(Interrupt)
        expect { asker.value }.to raise_error(Interrupt)
        eventually { waiting.zero? }
      end
      expect(ask.size).to eq(2)
    end

    it "goes on waiting when a signal is only handled" do
      ask
      handled = Queue.new
      before = Signal.trap("USR2") { handled << true }
      with_tasks_locked do
        asker = Thread.new { ask.size }
        eventually { waiting == 1 }
        Process.kill("USR2", Process.pid)
        expect(handled.pop).to be(true)
        expect([waiting, asker.alive?]).to eq([1, true])
        @asker = asker
      end
      expect(@asker.value).to eq(2)
    ensure
      Signal.trap("USR2", before || "DEFAULT")
    end

    it "has a new connection when the server has ended its session, and raises when that happens amid a statement" do
      ask
      connection.execute("SELECT pg_terminate_backend(#{sessions.first})")
      expect(ask.size).to eq(2)
      with_tasks_locked do
        asker = Thread.new { ask }.tap { |thread| thread.report_on_exception = false }
        eventually { waiting == 1 }
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE #{waiting_for_a_lock}")
        expect { asker.value }.to raise_error(ActiveRecord::StatementInvalid, /AdminShutdown/)
      end
      expect(ask.size).to eq(2)
    end
  end
end
