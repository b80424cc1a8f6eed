# frozen_string_literal: true

module TaskerCore
  # Jobs for pending tasks. Each is noted in the metadata of the task's most recent transition, as {Fixes::Retries::Resumption} does, so
  # that no second one is made while it is on its way.
  module TaskJobs
    KEY = Fixes::Retries::Resumption::KEY
    # Seconds that a task waits at the most which was recovered again and again: it may be what its workers die of.
    LONGEST_WAIT = 300
    INITIAL_SORT_KEY = 0 # as the engine's `initialize_state_machine!` has it
    private_constant :LONGEST_WAIT, :INITIAL_SORT_KEY

    class << self
      # @param task_id [Integer]
      # @param recoveries [Integer] how often in succession the task was recovered; from the second time on it waits
      # @param times [Integer] how many jobs were noted before
      # @return [Array(ActiveJob::Base, Hash)] a job that is not enqueued, and its note
      def build(task_id, recoveries = 1, times = 0)
        wait = recoveries > 1 ? [1 << [recoveries, 16].min, LONGEST_WAIT].min : 0
        job = Tasker::TaskRunnerJob.new(task_id)
        job = job.set(wait:) if wait.positive?
        [job, { KEY => { "job_id" => job.job_id, "at" => wait.seconds.from_now.iso8601(6), "times" => times } }]
      end

      # Notes a job for a task that is pending, inside the transaction that is open.
      #
      # @param since [Time] a job that was noted later is another sweep's
      # @return [ActiveJob::Base, nil] to enqueue after the commit; nil if the task is not pending, or has a job by now
      def note(task_id, since)
        transitions = Tasker::TaskTransition.where(task_id:)
        transition = transitions.where(most_recent: true).lock.first
        return first_note(task_id) if transition.nil?
        return unless transition.to_state == Tasker::Constants::TaskStatuses::PENDING

        noted = transition.metadata.to_h[KEY].to_h
        return if noted_later?(noted["at"], since)

        job, note = build(task_id, 1, noted.empty? ? 0 : noted["times"].to_i + 1)
        transitions.where(id: transition.id).update_all(["metadata = coalesce(metadata, '{}') || ?::jsonb", note.to_json])
        job
      end

      # @param jobs [Array<ActiveJob::Base>]
      # @return [Array(Array<Integer>, Array<String>)] the tasks of jobs that were enqueued; why others were not, which are overdue later
      def enqueue(jobs)
        refusals = jobs.to_h { |job| [job.arguments.first, refusal(job)] }
        refused = refusals.compact.map { |task_id, reason| "job of task #{task_id}: #{reason}" }
        refused.each { |text| Rails.logger.error("tasker-core: recovery: #{text}") }
        [refusals.select { |_, reason| reason.nil? }.keys, refused]
      end

      private

      # @return [String, nil] why the queue has not taken it
      def refusal(job)
        before = job.provider_job_id
        job.enqueue
        Fixes::QueueVerdict.reason(job) unless Fixes::QueueVerdict.taken?(job, before:)
      rescue NotImplementedError, StandardError => e
        "#{e.class}: #{e.message.lines.first&.chomp}"
      end

      # The task was never started, and has no transition that could bear the note: its first one is written.
      def first_note(task_id)
        job, note = build(task_id)
        now = Time.current
        row = { task_id:, to_state: Tasker::Constants::TaskStatuses::PENDING, metadata: note, sort_key: INITIAL_SORT_KEY,
                most_recent: true, created_at: now, updated_at: now }
        written = Tasker::TaskTransition.insert_all([row], returning: :id)
        job if written.rows.any?
      end

      def noted_later?(at, since)
        at && Time.iso8601(at) > since
      rescue ArgumentError
        false
      end
    end
  end
end
