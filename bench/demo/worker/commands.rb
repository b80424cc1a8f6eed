# frozen_string_literal: true

require_relative "executions"
require_relative "profile"
require_relative "readiness"
require_relative "recorder"
require_relative "api_exercise"

module Demo
  # What a worker can be asked for. Answers are data that JSON knows.
  class Commands
    NAMES = %w[introduce warm_up create run record create_many run_offered
               profile sample profile_creation sample_creation ask_readiness visit draw].freeze
    private_constant :NAMES

    # @param application [Application]
    def initialize(application)
      @application = application
    end

    # @param name [String]
    # @param arguments [Hash{Symbol => Object}]
    def perform(name, arguments)
      raise ArgumentError, "unknown command: expected one of #{NAMES.join(", ")}, got #{name.inspect}" unless NAMES.include?(name)

      public_send(name, **arguments)
    end

    def introduce
      @application.describe
    end

    # Makes names, classes and connections warm, by tasks that are not counted.
    # @param run [Boolean] whether to run them too
    # @param reading [String, nil] what the handlers read
    # @param repairs [Boolean] whether they are as the process has them, or off
    def warm_up(shape:, run:, tasks:, reading: nil, repairs: true)
      workflow = @application.workflow(shape, reading)
      with_repairs(repairs) do
        tasks.times do |number|
          task = workflow.create(context(-number))
          workflow.run(task) if run
        end
      end
      nil
    end

    # @param batch [Integer] makes the task different from others of its shape
    # @param count [Integer] of tasks, one after the other
    # @param (see #warm_up)
    # @return [Hash] with `ms` of one of them, and `task_id` of the last
    def create(shape:, batch:, count: 1, reading: nil, repairs: true)
      workflow = @application.workflow(shape, reading)
      made = with_repairs(repairs) do
        measured(count) { @tasks = Array.new(count) { |number| workflow.create(context("#{batch} #{number}")) } }
      end
      made.merge(task_id: @tasks.last.task_id)
    end

    # Runs what was created last.
    # @param (see #warm_up)
    def run(shape:, reading: nil, repairs: true)
      workflow = @application.workflow(shape, reading)
      with_repairs(repairs) { measured(@tasks.size) { @tasks.each { |task| workflow.run(task) } } }
    end

    # Creates tasks of a shape and returns their ids.
    def create_many(shape:, count:, reading: nil)
      workflow = @application.workflow(shape, reading)
      (1..count).map { |batch| workflow.create(context("#{Process.pid} #{batch}")).task_id }
    end

    # Runs those of the tasks that no other process has begun; another process may be offered the same.
    # @return [Hash] with `executed`: the ids of steps, one for each execution of a handler
    def run_offered(shape:, task_ids:)
      workflow = @application.workflow(shape)
      executed = nil
      measured { executed = Executions.during { task_ids.each { |task_id| run_unless_begun(workflow, task_id) } } }.merge(executed:)
    end

    # Runs tasks of any creator, and returns their cost.
    def profile(shape:, task_ids:, reading: nil)
      workflow = @application.workflow(shape, reading)
      Profile.take { run_all(workflow, task_ids) }
    end

    # The same, and says which code was at work.
    def sample(shape:, task_ids:, reading: nil)
      require_relative "sampling"
      workflow = @application.workflow(shape, reading)
      Sampling.take { run_all(workflow, task_ids) }
    end

    # Creates tasks, and says what that took.
    def profile_creation(shape:, count:, reading: nil)
      Profile.take { create_many(shape:, count:, reading:) }
    end

    # The same, and says which code was at work.
    def sample_creation(shape:, count:, reading: nil)
      require_relative "sampling"
      Sampling.take { create_many(shape:, count:, reading:) }
    end

    # Asks what may run next in a task, `calls` times in one way.
    def ask_readiness(way:, task_id:, calls:)
      question = Readiness.new(task_id)
      measured { calls.times { question.public_send(way) } }
    end

    # Asks for a page of the dashboard.
    # @return [Hash] with `ms`
    def visit(path:)
      require_relative "visits"
      visits = (@visits ||= Visits.new)
      measured { visits.visit(path) }
    end

    # Reads a task and draws it.
    # @param format [String] a method of TaskerCore::Graph
    # @return [Hash] with `ms`
    def draw(task_id:, format:) = measured { TaskerCore::Graph.of(task_id).public_send(format) }

    # Creates and runs a task and returns its events and log lines; with the gem on, every method that Rust answers is called after that.
    # @param listen [Boolean] whether the application subscribes to every event
    def record(shape:, batch:, listen:)
      workflow = @application.workflow(shape)
      TaskerCore.reset_stats
      @recorder ||= Recorder.new(@application.log, listen:)
      recording = @recorder.record { workflow.create(context(batch)).tap { |task| workflow.run(task) }.task_id }
      exercise_api(workflow, recording[:task_id]) if TaskerCore.active?
      recording.merge(answers: TaskerCore.stats)
    end

    private

    def exercise_api(workflow, task_id)
      ApiExercise.new(workflow, Tasker::Task.find(task_id), @application.workflow(Shapes.failing.name)).call
    end

    def with_repairs(wanted, &)
      wanted ? yield : @application.without_repairs(&)
    end

    def run_all(workflow, task_ids)
      Tasker::Task.where(task_id: task_ids).find_each { |task| workflow.run(task) }
    end

    def run_unless_begun(workflow, task_id)
      task = Tasker::Task.find(task_id)
      workflow.run(task) if task.status == "pending"
    rescue Tasker::ProceduralError
      nil # another process has begun it meanwhile
    end

    def context(batch)
      { "batch" => batch }
    end

    # Garbage of before is not collected on behalf of the measured.
    # @param count [Integer] of what the block does
    def measured(count = 1)
      TaskerCore.reset_stats
      GC.start
      from = now
      yield
      { ms: (now - from) * 1000 / count, answers: TaskerCore.stats }
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
