# frozen_string_literal: true

module TaskerCore
  module Recovery
    # Ends claims inside the transaction that is open, by ordinary transitions of the engine's machines: a step goes to `error`, with the
    # reason and the attempt counted; a task goes to `pending`. A claim that has ended meanwhile is left alone.
    class ClaimEndings
      # The class of the error that stands in a step's results.
      ERROR_CLASS = "TaskerCore::Recovery::WorkerLost"

      # @return [Array<Integer>] ids of the steps and tasks that were moved
      attr_reader :steps, :tasks

      # @return [Array<String>] what could not be done, and why
      attr_reader :failed

      # @return [Array<ActiveJob::Base>] to enqueue after the commit
      attr_reader :jobs

      # @param reason [String]
      def initialize(reason)
        @reason = reason
        @steps = []
        @tasks = []
        @failed = []
        @jobs = []
        @of_steps = []
      end

      # @param token [Integer] the claim's transition
      # @param task [Integer] the step's task
      def step(id, token, task)
        attempt("step #{id}") do
          step = Tasker::WorkflowStep.unscoped.lock("FOR NO KEY UPDATE").find_by(workflow_step_id: id)
          next unless step && stands?(Tasker::WorkflowStepTransition.where(workflow_step_id: id), token)

          fail_attempt(step)
          step.state_machine.transition_to!(Tasker::Constants::WorkflowStepStatuses::ERROR, { Claims::MARK => { "reason" => @reason } })
          @steps << id
          @of_steps << task
          Rails.logger.warn("tasker-core: recovery: step #{id} of task #{task} is in error: #{@reason}")
        end
      end

      # @param token [Integer] the claim's transition
      def task(id, token)
        attempt("task #{id}") do
          transitions = Tasker::TaskTransition.where(task_id: id)
          next unless stands?(transitions, token)

          recoveries = recoveries(id, transitions)
          job, note = TaskJobs.build(id, recoveries)
          metadata = { Claims::MARK => { "reason" => @reason, "recoveries" => recoveries }, **note }
          Tasker::Task.unscoped.find(id).state_machine.transition_to!(Tasker::Constants::TaskStatuses::PENDING, metadata)
          @tasks << id
          @jobs << job
          Rails.logger.warn("tasker-core: recovery: task #{id} is pending: #{@reason}")
        end
      end

      # Tasks of recovered steps that are pending already have nobody to go on with them.
      def pending_tasks
        (@of_steps.uniq - @tasks).each do |id|
          attempt("task #{id}") { @jobs.concat([TaskJobs.note(id, Time.current)].compact) }
        end
      end

      private

      # What fails, such as a callback of the application, fails alone.
      def attempt(what, &)
        Native::QueryRunner.transaction(&)
      rescue ActiveRecord::ConnectionNotEstablished, ActiveRecord::ConnectionFailed
        raise
      rescue StandardError => e
        @failed << "#{what}: #{e.class}: #{e.message.lines.first&.chomp}"
        Rails.logger.error("tasker-core: recovery: #{@failed.last}")
      end

      # Locks the most recent transition, so that the claim's own end and this one exclude each other.
      def stands?(transitions, token)
        transitions.where(most_recent: true).lock.pick(:id, :to_state) == [token, "in_progress"]
      end

      # What the engine writes when an attempt fails. Validations of the step are not asked: it is to end whatever it holds.
      def fail_attempt(step)
        results = step.results.is_a?(Hash) ? step.results : { "results" => step.results }.compact
        step.assign_attributes(
          attempts: (step.attempts || 0) + 1, last_attempted_at: Time.zone.now, in_process: false, processed: false,
          results: results.merge("error" => "The attempt was interrupted: #{@reason}", "error_class" => ERROR_CLASS, "backtrace" => "")
        )
        step.save!(validate: false)
      end

      # How often the task was recovered since a step of it was completed, this time included.
      def recoveries(task_id, transitions)
        pending = transitions.where(to_state: Tasker::Constants::TaskStatuses::PENDING)
        metadata, instant = pending.order(sort_key: :desc).pick(:metadata, :created_at)
        before = metadata.to_h.dig(Claims::MARK, "recoveries").to_i
        before.positive? && !completed_since?(task_id, instant) ? before + 1 : 1
      end

      def completed_since?(task_id, instant)
        steps = Tasker::WorkflowStep.unscoped.where(task_id:)
        Tasker::WorkflowStepTransition.where(workflow_step_id: steps.select(:workflow_step_id), created_at: instant..)
                                      .exists?(to_state: Tasker::Constants::WorkflowStepStatuses::COMPLETE)
      end
    end
  end
end
