# frozen_string_literal: true

module TaskerCore
  module Fixes
    module Retries
      # Has a task taken up again, when its run is over and it only needs time.
      #
      # The job is made by the coordinator's own re-enqueuer, for the instant at which the next step is due by the server's clock. What was
      # arranged is noted in the metadata of the task's transition to `pending`: the job and its time. A run that ends with nothing done
      # finds the note and adds no second job; the job itself, known by its id, finds that it has come and arranges for the next one.
      class Resumption
        KEY = "resumption"
        # The queue takes whole seconds, so two runs that wait for the same step may be one apart.
        SLACK = 1
        private_constant :SLACK

        # @param task [Tasker::Task]
        # @param reenqueuer [Object] the coordinator's strategy
        def initialize(task, reenqueuer)
          @task = task
          @reenqueuer = reenqueuer
        end

        # @param stuck [Boolean] whether steps are ready and nothing comes of it
        def arrange(stuck:)
          return unless pending? && Native::Ids.id?(@task.task_id)

          seconds = stuck ? patience : wait
          continued if seconds && (expected_within?(seconds) || enqueue(seconds, stuck))
        end

        private

        # What a spec hands over in the place of a task is asked nothing that the engine would not ask.
        def pending?
          @task.is_a?(Tasker::Task) && @task.state_machine.current_state == Tasker::Constants::TaskStatuses::PENDING
        end

        def continued
          job = JobAtWork.current
          job.continued = true if job
        end

        # The task is pending already: after an error here no job would run it.
        #
        # @return [Integer, nil] seconds until the next step is due; nil if time alone will not help
        def wait
          conversation = Native::Conversation.next_wait("Fixes.retries", @task.task_id)
          micros = Native::QueryRunner.run(conversation, "StepReadinessStatus Load")
          micros&.ceildiv(1_000_000)
        rescue InternalError => e
          Rails.logger.error("tasker-core: repair retries: when task #{@task.task_id} is due is not known: #{e.class}: #{e.message}")
          patience
        end

        # @return [Integer] seconds after which the engine comes back to a task that it does not understand
        def patience
          Tasker::Orchestration::TaskFinalizer::DelayCalculator.default_delay
        end

        # Whether a job is on its way that will do.
        def expected_within?(seconds)
          note = transitions.where("metadata -> ? is not null", KEY).order(sort_key: :desc).pick(:metadata)&.fetch(KEY)
          return false if note.nil? || note["job_id"] == JobAtWork.current&.id

          seconds.positive? && Time.iso8601(note["at"]).between?(Time.current, seconds.seconds.from_now + SLACK)
        end

        # @return [true, nil] nil if no job was made
        def enqueue(seconds, stuck)
          at = seconds.seconds.from_now
          made = nil
          attempts = JobAtWork.attempts(@task.task_id) { made = reenqueue(seconds, stuck) }
          return give_up(attempts.reason) if !made || attempts.refused?

          leave_note(attempts.job_id, at) if attempts.job_id
          Fix.note(:retries, "task #{@task.task_id} is taken up again in #{seconds} seconds")
          true
        rescue NotImplementedError => e
          # What a queue says that cannot wait.
          give_up(e.message)
        end

        # No other job continues the task then, so the job at work, if there is one, comes again by its own rules.
        # @return [nil]
        def give_up(reason)
          Rails.logger.error("tasker-core: repair retries: task #{@task.task_id} stays pending: #{reason}")
          nil
        end

        def reenqueue(seconds, stuck)
          reasons = Tasker::Constants::TaskFinalization::ReenqueueReasons
          return call(:reenqueue_task, reason: reasons::READY_STEPS_AVAILABLE) unless seconds.positive?

          reason = stuck ? reasons::CONTINUING_WORKFLOW : reasons::RETRY_BACKOFF
          call(:reenqueue_task_delayed, delay_seconds: seconds, reason:)
        end

        # The engine gives the coordinator a re-enqueuer and never calls it, so an application may have one that can do nothing.
        def call(name, **)
          return @reenqueuer.public_send(name, @task, **) if @reenqueuer.respond_to?(name)

          raise NotImplementedError, "expected a re-enqueuer with #{name}, got #{@reenqueuer.class.name || "one of an unnamed class"}"
        end

        # Another worker may run the task by now, and enqueues the next job itself.
        def leave_note(job_id, time)
          note = { KEY => { job_id:, at: time.iso8601(6) } }.to_json
          transitions.where(most_recent: true, to_state: Tasker::Constants::TaskStatuses::PENDING)
                     .update_all(["metadata = coalesce(metadata, '{}') || ?::jsonb", note])
        end

        def transitions
          Tasker::TaskTransition.where(task_id: @task.task_id)
        end
      end
    end
  end
end
