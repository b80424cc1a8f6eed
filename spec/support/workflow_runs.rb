# frozen_string_literal: true

# Whole workflows, created and run by the engine's coordinator on threads of its own.
module WorkflowRuns
  # Runs the block with a new pool for the engine's threads: none is begun yet, and none holds a connection.
  def with_new_threads
    pool = Concurrent.new_io_executor
    allow(Concurrent).to receive(:global_io_executor).and_return(pool)
    yield
  ensure
    pool.shutdown
  end

  # @param workflow [ShapeWorkflow]
  # @param listen [:on_the_bus, :subscribed, :nowhere]
  # @return [Hash] what a workflow leaves behind: every row, for the task and each step its events in order, and the log
  def run_of(workflow, listen: :on_the_bus)
    task = nil
    events = nil
    lines = LogRecorder.lines do
      events = EventRecorder.public_send(listen) do
        task = workflow.create
        workflow.run(Tasker::Task.find(task.task_id))
      end
    end
    normalized = NormalizedRows.new(task)
    { rows: normalized.rows, events: by_subject(normalized, events), log: LogRecorder.sorted(lines, normalized) }
  end

  private

  def by_subject(normalized, events)
    grouped = events.group_by { |event| normalized.subject(event) }.transform_values { |list| list.map { |event| normalized.event(event) } }
    grouped.sort_by { |subject, _| subject.to_s }
  end
end
