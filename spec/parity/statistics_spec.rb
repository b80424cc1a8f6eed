# frozen_string_literal: true

require_relative "../rails_helper"

# Counts of steps and tasks by state.
RSpec.describe TaskerCore, :transactional do
  before(:context) do
    random = RandomWorkflows.new(Random.new(RSpec.configuration.seed))
    @tasks = [*random.create(tasks: 8, steps: 0..8), make_three_step_task, make_task]
    completed = make_task("in_progress")
    %w[a b].each { |name| make_step(completed, name, "complete", processed: true, processed_at: Time.current) }
    @tasks << completed
  end

  describe "WorkflowStep.task_completion_stats" do
    override = "WorkflowStep.task_completion_stats"

    it "counts the steps of a task" do
      @tasks.each { |task| expect { Tasker::WorkflowStep.task_completion_stats(task) }.to answer_alike.by(override) }
    end

    it "gives values of the engine's classes" do
      expect { Tasker::WorkflowStep.task_completion_stats(@tasks.last).transform_values(&:class) }.to answer_alike.by(override)
      expect(Tasker::WorkflowStep.task_completion_stats(@tasks.last)[:latest_completion_time]).to be_an(ActiveSupport::TimeWithZone)
    end

    it "gives instants to the microsecond, in the application's zone" do
      Time.use_zone("Tokyo") do
        expect { Tasker::WorkflowStep.task_completion_stats(@tasks.last)[:latest_completion_time].iso8601(6) }.to answer_alike.by(override)
      end
    end

    it "is the engine's to answer for a task that was not saved" do
      expect { Tasker::WorkflowStep.task_completion_stats(Tasker::Task.new) }.to answer_alike.by_the_engine(override)
    end
  end

  describe "FunctionBasedSystemHealthCounts.call" do
    override = "FunctionBasedSystemHealthCounts.call"
    health = -> { Tasker::Functions::FunctionBasedSystemHealthCounts.call }

    # Nothing else goes on in this transaction: it sees one snapshot of the sessions.
    it "counts tasks, steps, retries and sessions" do
      expect { health.call.to_h }.to answer_alike.by(override)
      expect(health.call.total_tasks).to be >= @tasks.size
    end

    it "gives what the engine gives, of the same classes" do
      expect { [health.call.class, health.call.to_h.transform_values(&:class)] }.to answer_alike.by(override)
    end

    # An error that may be retried, one that is exhausted, and one that waits.
    it "counts errors by whether they can be retried" do
      task = make_task("error")
      make_step(task, "a", "error", attempts: 1, retry_limit: 3, last_attempted_at: 1.hour.ago)
      make_step(task, "b", "error", attempts: 3, retry_limit: 3, last_attempted_at: 1.hour.ago)
      make_step(task, "c", "error", attempts: 1, retry_limit: 3, last_attempted_at: Time.current, backoff_request_seconds: 3600)
      expect { health.call.to_h }.to answer_alike.by(override)
      expect(health.call.to_h.slice(:retryable_error_steps, :exhausted_retry_steps, :in_backoff_steps).values).to all(be_positive)
    end
  end
end
