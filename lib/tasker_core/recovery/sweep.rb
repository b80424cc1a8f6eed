# frozen_string_literal: true

module TaskerCore
  module Recovery
    # One sweep: abandoned claims of this process, claims of dead workers, and pending tasks that no job is going to run.
    class Sweep
      SEAM = "Recovery.sweep"
      LABEL = "Recovery"
      # A noted job is overdue after so many grace periods.
      PATIENCE = 10

      # @param worker [Worker]
      def initialize(worker, dry_run: false)
        @worker = worker
        @dry_run = dry_run
      end

      # @return [Report]
      def call
        reported do
          report = recover_own
          dead = @worker.observe || []
          dead.each { |key| report += recover_dead(key) }
          report += enqueue_jobless(report.tasks)
          report.with(suspects: @worker.suspects - report.workers)
        end
      end

      # Ends the abandoned claims of this process alone.
      # @return [Report]
      def own_claims
        reported { recover_own }
      end

      private

      # The database is read before the registry: what a worker sends is listed first.
      def recover_own
        all = converse(Native::Conversation.worker_claims(SEAM, @worker.key))
        expected = Claims.expected_tasks # before the claims that take their place are listed
        open = Claims.open.group_by(&:kind).transform_values { |claims| claims.map(&:id) }
        abandoned = abandoned_of(*all, open.fetch("step", []), open.fetch("task", []), expected)
        return Report.empty(dry_run: @dry_run) if abandoned.all?(&:empty?)

        end_claims(abandoned, "the thread that ran it has left it")
      end

      def abandoned_of(steps, tasks, open_steps, open_tasks, expected)
        at_work = steps.select { |step, _, task| open_steps.include?(step) || expected.include?(task) }
        busy = at_work.map(&:last) | expected
        [steps - at_work, tasks.reject { |task, _, _| open_tasks.include?(task) || busy.include?(task) }]
      end

      def recover_dead(key)
        return would_recover(key) if @dry_run

        endings = nil
        Native::QueryRunner.transaction do
          claims = converse(Native::Conversation.claims_of_dead_worker(SEAM, key))
          endings = ended(claims, "its worker, process #{key}, is gone") if claims
        end
        endings ? reported_of(endings, [key]) : Report.empty
      rescue StandardError => e
        failed("claims of worker #{key}", e)
      end

      def would_recover(key)
        end_claims(converse(Native::Conversation.worker_claims(SEAM, key)), "").with(workers: [key])
      end

      # @param claims [Array(Array, Array)] of steps and of tasks
      def end_claims(claims, reason)
        steps, tasks = claims
        return Report.empty(dry_run: true).with(steps: steps.map(&:first), tasks: released(tasks).map(&:first)) if @dry_run

        endings = nil
        Native::QueryRunner.transaction { endings = ended(claims, reason) }
        reported_of(endings)
      rescue StandardError => e
        failed("abandoned claims of this process", e)
      end

      # A task stays in progress while a step of it is claimed by somebody else.
      def released(tasks)
        tasks.reject { |_, _, shared| shared }
      end

      def ended(claims, reason)
        steps, tasks = claims
        ClaimEndings.new(reason).tap do |endings|
          steps.each { |step, token, task| endings.step(step, token, task) }
          released(tasks).each { |task, token, _| endings.task(task, token) }
          endings.pending_tasks
        end
      end

      # Jobs are enqueued when the tasks are pending for everybody to see.
      def reported_of(endings, workers = [])
        enqueued, refused = TaskJobs.enqueue(jobs_of_this_application(endings.jobs))
        workers = [] if endings.steps.empty? && endings.tasks.empty? && endings.failed.empty?
        Report.empty.with(workers:, steps: endings.steps, tasks: endings.tasks, enqueued:, failed: endings.failed + refused)
      end

      # Rust workers are notified of the others.
      def jobs_of_this_application(jobs)
        ids = jobs.map { |job| job.arguments.first }
        own = RustSteps::ApplicationTasks.among(ids)
        (ids - own).each { |id| RustSteps.notify(id) }
        jobs.select { |job| own.include?(job.arguments.first) }
      end

      def enqueue_jobless(known)
        patience = (TaskerCore.configuration.recovery_grace * PATIENCE * 1_000_000).to_i
        tasks = RustSteps::ApplicationTasks.among(converse(Native::Conversation.jobless_tasks(SEAM, patience)) - known)
        return Report.empty(dry_run: true).with(enqueued: tasks) if @dry_run

        started = Time.current
        jobs = tasks.filter_map { |task| Native::QueryRunner.transaction { TaskJobs.note(task, started) } }
        enqueued, failed = TaskJobs.enqueue(jobs)
        Report.empty.with(enqueued:, failed:)
      rescue StandardError => e
        failed("pending tasks", e)
      end

      def converse(conversation)
        Native::QueryRunner.run(conversation, LABEL)
      end

      def failed(what, error)
        text = "#{what}: #{error.class}: #{error.message.lines.first&.chomp}"
        Rails.logger.error("tasker-core: recovery: #{text}")
        Report.empty(dry_run: @dry_run).with(failed: [text])
      end

      def reported
        report = yield
        unless report.nothing?
          Rails.logger.info("tasker-core: recovery: #{report}")
          Instrumentation.tell("recovery", report:, **report.to_h)
        end
        report
      end
    end
  end
end
