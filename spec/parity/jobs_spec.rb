# frozen_string_literal: true

require_relative "../rails_helper"

# The job that runs a task.
RSpec.describe Tasker::TaskRunnerJob do
  # What the job has left, published and logged.
  def run_job(workflow)
    task = outcome = nil
    events = nil
    lines = LogRecorder.lines do
      events = EventRecorder.on_the_bus do
        task = workflow.create
        outcome = Outcome.of { yield task }
      end
    end
    normalized = NormalizedRows.new(task)
    { outcome: outcome.with(error: outcome.error&.transform_values { |value| value.is_a?(String) ? normalized.text(value) : value }),
      rows: normalized.rows, events: events.map(&:name).tally, log: told(lines, normalized), queue: queue }
  end

  # Lines of the job name it by an id of its own, and tell how long it took. The frames are those of the specs.
  def told(lines, normalized)
    own = { /\h{8}-[\h-]{27}/ => "its id", / in [\d.]+ms\z/ => "", /arguments: \d+/ => "arguments",
            /for task \d+(?=["-]| - )/ => "for it", /"backtrace":\[.*?\](?=[,}])/ => '"backtrace":[]' }
    lines = lines.map { |line| own.inject(line) { |told, (pattern, word)| told.gsub(pattern, word) } }
    LogRecorder.sorted(lines, normalized)
  end

  # Jobs that are waiting, without their arguments' ids; none are left for the next run.
  def queue
    adapter = ActiveJob::Base.queue_adapter
    adapter.enqueued_jobs.map { |job| [job["job_class"], job["executions"], job["scheduled_at"].nil?] }.tap { adapter.enqueued_jobs.clear }
  end

  before { ActiveJob::Base.queue_adapter.enqueued_jobs.clear }

  [Shapes.diamond, Shapes.mixed].each do |shape|
    it "runs a task of shape #{shape.name}" do
      workflow = ShapeWorkflow.new(shape.with(name: "job_#{shape.name}"))
      run = nil
      expect { run = run_job(workflow) { |task| described_class.new(task.task_id).perform_now } }.to answer_alike
      expect(run[:rows][:task_transitions].pluck("to_state")).to eq(%w[in_progress complete])
      expect(run[:outcome].error).to be_nil
      expect(answers_given.select { |_, counts| counts[:engine].positive? }).to be_empty
    end
  end

  it "does with a task that does not complete what it does without the gem" do
    workflow = ShapeWorkflow.new(Shapes.failing.with(name: "job_failing"))
    expect { run_job(workflow) { |task| described_class.new(task.task_id).perform_now.class } }.to answer_alike
    expect { run_job(workflow) { |task| described_class.new.perform(task.task_id) } }.to answer_alike
  end

  it "leaves a task alone that has been run, and one that there is not" do
    workflow = ShapeWorkflow.new(Shapes.diamond.with(name: "job_twice"))
    expect do
      run_job(workflow) { |task| Array.new(2) { described_class.new(task.task_id).perform_now.class } }
    end.to answer_alike
    expect { run_job(workflow) { described_class.new(0).perform_now } }.to answer_alike
  end
end
