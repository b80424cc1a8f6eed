# frozen_string_literal: true

module Bench
  # Tasks that are offered to several processes, and whether anything was executed twice.
  class Race
    # Steps that did not begin and end exactly once.
    ODD = <<~SQL
      SELECT s.workflow_step_id FROM tasker_workflow_steps s
       WHERE s.attempts <> 1 OR NOT s.processed OR (
         SELECT array_agg(t.to_state::text ORDER BY t.sort_key) FROM tasker_workflow_step_transitions t
          WHERE t.workflow_step_id = s.workflow_step_id) <> '{in_progress,complete}'
    SQL
    STEPS = "SELECT workflow_step_id FROM tasker_workflow_steps"
    private_constant :ODD, :STEPS

    # @param server [Demo::Server]
    # @param database [String]
    # @param workers [Array<Demo::Worker>]
    def initialize(server, database, workers)
      @server = server
      @database = database
      @workers = workers
    end

    # @param shape [String]
    # @param tasks [Integer] for each process to run
    def warm(shape, tasks)
      each_at_once(@workers) { |worker| worker.ask("warm_up", shape:, run: true, tasks:) }
    end

    # Empties the tables and makes tasks.
    # @param shape [String]
    # @param count [Integer]
    # @return [Array<Integer>] their ids
    def create(shape, count)
      @workers.first.end_state.clear
      share = count / @workers.size
      ids = each_at_once(@workers) { |worker| worker.ask("create_many", shape:, count: share) }.flatten
      connection { |open| open.exec("VACUUM ANALYZE") }
      ids
    end

    # Two processes and two are offered the same tasks in the same order, so that they come upon them at about the same time.
    # @param shape [String]
    # @param task_ids [Array<Integer>]
    # @param count [Integer] processes
    # @return [Array<Integer>] steps, one for each execution of a handler
    def run(shape, task_ids, count)
      pairs = @workers.first(count).each_slice(2).to_a
      shares = task_ids.shuffle.each_slice((task_ids.size / pairs.size.to_f).ceil).to_a
      offers = pairs.zip(shares).flat_map { |pair, share| pair.product([share]) }
      each_at_once(offers) { |worker, share| worker.ask("run_offered", shape:, task_ids: share).fetch("executed") }.flatten
    end

    # @param executed [Array<Integer>] as {#run} has returned it
    def check(executed)
      steps, odd = [STEPS, ODD].map { |sql| connection { |open| open.exec(sql).column_values(0).map(&:to_i) } }
      refuse("begin once and end once by its rows", odd)
      times = executed.tally
      refuse("be executed once", steps.reject { |step| times[step] == 1 } | (times.keys - steps))
    end

    private

    def refuse(expected, steps)
      abort "bench: expected every step to #{expected}, got #{steps.size} that did not" if steps.any?
    end

    def each_at_once(items, &) = items.map { |item| Thread.new(item, &) }.map(&:value)

    def connection
      open = @server.connect(@database)
      yield open
    ensure
      open&.close
    end
  end
end
