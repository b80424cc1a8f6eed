# frozen_string_literal: true

require_relative "../rails_helper"

# A process with a pool for bulk reads, and its children.
RSpec.describe TaskerCore::Native::BulkReadPool, "after a fork" do
  include Forks
  include PumaCluster

  patience = 60 # seconds for what takes milliseconds

  include_context "with a pool for bulk reads"

  # What a child finds of its parent's pool, and what it asks a pool of its own.
  def looked_after
    untouched = described_class.counts
    GC.start
    [untouched, ask.size, described_class.counts.first.positive?]
  end

  it "receives the end of a request, although a child has the pipe as well" do
    connection.execute("SET application_name TO 'pool specs'")
    ask
    reader, writer = IO.pipe
    child = asker = nil
    with_tasks_locked do
      asker = Thread.new { ask.size }
      eventually { waiting == 1 }
      child = fork do
        writer.close
        reader.read
        exit!(0)
      end
    end
    expect(asker.value).to eq(2)
  ensure
    writer.close
    Process.wait(child)
    connection.execute("RESET application_name")
  end

  it "opens another in a child and in a grandchild, whose ends leave the parent's alone" do
    connection.execute("SET application_name TO 'pool specs'")
    expected = ask.size
    before = sessions
    child, grandchild = in_a_child { [looked_after, in_a_child { looked_after }] }
    expect([child, grandchild]).to all(eq([nil, expected, true]))
    expect(ask.size).to eq(expected)
    expect(before.size).to eq(1)
    expect(before & sessions).to eq(before)
  ensure
    connection.execute("RESET application_name")
  end

  # A child has none of the pool's threads, and would wait for ever for what one of them had in hand.
  it "answers in each of 100 children, wherever the pool was when they were forked" do
    expected = ask
    over = false
    askers = Array.new(4) { Thread.new { [].tap { |told| told << ask until over } } }
    children = Array.new(100) do
      in_a_child(patience:) { [tasks[0].status, answers_given.values.sum { |counts| counts[:rust] }.positive?] }
    end
    over = true
    told = askers.map(&:value)
    expect(children).to all(eq(["in_progress", true]))
    expect(told.sum(&:size)).to be > 100 # or the pool had nothing to do
    expect(told.flatten(1).uniq).to eq([expected])
  ensure
    over = true
  end

  it "answers in the master of a Puma that preloads the application, and in every worker" do
    rackup = <<~RUBY
      require "#{File.expand_path("../dummy/config/environment", __dir__)}"
      TaskerCore.configuration.bulk_pool_size = 2

      ask = lambda do
        contexts = Tasker::ApplicationRecord.uncached { Tasker::Functions::FunctionBasedTaskExecutionContext.for_tasks(#{ids}) }
        { pid: Process.pid, contexts: contexts.size, connections: TaskerCore::Native::BulkReadPool.counts&.first, stats: TaskerCore.stats }
      end

      before = ask.call
      run ->(_) { [200, {}, [JSON.generate([before, ask.call])]] }
    RUBY
    befores, heres = answers_of_workers(rackup, env: { "RUBYLIB" => library_of_the_pool }).transpose
    expect([*befores, *heres]).to all(include(contexts: 2, connections: be_between(1, 2)))
    expect(heres.map { |here| here[:stats][:"FunctionBasedTaskExecutionContext.for_tasks"] }).to all(include(rust: a_value >= 2, engine: 0))
    expect(befores.uniq.size).to eq(1)
    expect(heres.map { |here| here[:pid] }).not_to include(befores.first[:pid])
  end
end
