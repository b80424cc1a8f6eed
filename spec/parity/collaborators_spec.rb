# frozen_string_literal: true

require_relative "../rails_helper"

# Objects that an application, or its tests, put in the place of the engine's. They know what the engine asks of them, and no more: the
# doubles of RSpec raise an Exception otherwise, which no code of the engine rescues.
RSpec.describe "A collaborator that knows only what the engine asks of it" do
  # Answers by `method_missing` alone, so that it has no methods to look at.
  faceless = Class.new do
    def initialize(**answers) = @answers = answers

    def method_missing(name, ...) # rubocop:disable Style/MissingRespondToMissing -- that is the point
      @answers.key?(name) ? @answers.fetch(name).call(...) : super
    end
  end

  before do
    forget_jobs
    Tasker::HandlerFactory.instance.send(:telemetry_config) # which it keeps for as long as the process lives
  end

  def configured(section, value)
    configuration = Tasker::Configuration.configuration
    allow(Tasker::Configuration).to receive(:configuration).and_return(configuration)
    allow(configuration).to receive(section).and_return(value)
  end

  def teller
    stub_const("Teller", Class.new { include Tasker::Concerns::EventPublisher })
    Teller.new
  end

  # @return [Array<String>] what is logged, without what differs from one line to the next
  def lines_of(&)
    LogRecorder.lines(&).map { |line| line.gsub(/"?(timestamp|correlation_id|thread_id)"?[:=]"[^"]*"/, "") }
  end

  # @return [Array] how a workflow of two steps ends
  def run_scripted(script = {}, **)
    workflow = ScriptedWorkflow.new("collaborators_#{SecureRandom.hex(4)}", script, steps: { "a" => [], "b" => %w[a] }, **)
    task = workflow.create
    yield workflow.handler if block_given?
    workflow.run(Tasker::Task.find(task.task_id))
    [Tasker::Task.find(task.task_id).status, task.workflow_steps.reload.map(&:status).sort]
  end

  def filter(*names) = ActiveSupport::ParameterFilter.new(names)

  shared_examples "one that is not asked for more" do
    describe "as the telemetry configuration" do
      %w[json logfmt pretty_json].each do |log_format|
        it "has lines logged as #{log_format} by a filter alone, without the parameters that are filtered" do
          configured(:telemetry, double(parameter_filter: filter(:password), log_level: "info", log_format:))
          lines = nil
          expect { lines = lines_of { teller.log_structured(:info, "said", password: "x", other: 1) } }.to answer_alike
          expect(lines.join).to include("[FILTERED]")
        end
      end

      it "has lines logged without a filter, or with one that fails" do
        [nil, Object.new].each do |unusable|
          configured(:telemetry, double(parameter_filter: unusable, log_level: "info", log_format: "json"))
          expect { lines_of { teller.log_structured(:info, "said", password: "x") } }.to answer_alike
        end
      end

      it "may be the engine's own, of which an application has opened the filter" do
        type = Tasker::Types::TelemetryConfig
        configured(:telemetry, type.new(filter_parameters: [:other]))
        lines_of { teller.log_structured(:info, "said", password: "x", other: 1) } # with the filter as it was
        original = type.instance_method(:parameter_filter)
        opened = filter(:password)
        type.define_method(:parameter_filter) { opened }
        lines = nil
        expect { lines = lines_of { teller.log_structured(:info, "said", password: "x", other: 1) } }.to answer_alike
        expect(lines.join).to include('"password":"[FILTERED]"', '"other":1')
      ensure
        type.define_method(:parameter_filter, original)
      end

      it "serves a whole workflow if it knows the threshold of slow queries besides" do
        configured(:telemetry, double(parameter_filter: filter(:password), log_level: "info", log_format: "json",
                                      slow_query_threshold_seconds: 1.0))
        expect { run_scripted }.to answer_alike
      end
    end

    it "as the execution configuration has the engine's fallback where it knows no bound" do
      known = { min_concurrent_steps: 3, concurrency_cache_duration: 30, connection_pressure_factors: {} }
      config = Struct.new(*known.keys).new(*known.values)
      executor = Tasker::Orchestration::StepExecutor.new
      allow(executor).to receive(:execution_config).and_return(config)
      expect do
        run = TaskerCore.active? ? TaskerCore::Run.new(1) : nil
        TaskerCore::Run.within(run) { executor.send(:calculate_optimal_concurrency) }
      end.to answer_alike.or_raise_alike
    end

    it "as the statistics of a connection pool may have no more than `[]`" do
      stat = Class.new { def [](name) = { size: 5, busy: 1, available: 4 }[name] }.new
      allow(ActiveRecord::Base.connection_pool).to receive(:stat).and_return(stat)
      expect { Tasker::Orchestration::ConnectionPoolIntelligence.assess_connection_health.except(:assessment_timestamp, :rails_pool_stats) }
        .to answer_alike
    end

    it "as the publisher may know `publish` alone" do
      seen = []
      publisher = double
      allow(publisher).to receive(:publish) { |name, _payload| seen << name }
      allow(Tasker::Events::Publisher).to receive(:instance).and_return(publisher)
      expect do
        seen.clear
        [run_scripted, seen.tally]
      end.to answer_alike
    end

    it "as the logger may know the levels alone" do
      lines = []
      logger = double
      %i[info warn error].each { |level| allow(logger).to receive(level) { |text = nil, &block| lines << [level, text || block.call] } }
      allow(logger).to receive(:debug)
      allow(Rails).to receive(:logger).and_return(logger)
      expect { run_scripted }.to answer_alike
      expect(lines).not_to be_empty
    end

    { "double" => :double, "null object" => :null, "object that answers by method_missing" => :faceless }.each do |kind, make|
      it "as a task's handler may be a #{kind}, and so may a step's" do
        made = lambda do |name, answer|
          case make
          when :double then double(name => nil).tap { |twin| allow(twin).to receive(name, &answer) }
          when :null then double.as_null_object.tap { |twin| allow(twin).to receive(name, &answer) }
          else faceless.new(name => answer)
          end
        end
        expect do
          task = make_task("in_progress")
          steps = [make_step(task, "a"), make_step(task, "b")]
          worker = made.call(:handle, ->(_task, _sequence, step) { step.results = { "by" => kind } })
          handler = made.call(:get_step_handler, ->(_step) { worker })
          done = Tasker::Orchestration::StepExecutor.new.execute_steps(task, nil, steps, handler)
          [done.size, steps.map { |step| step.reload.attributes.slice("results", "attempts") }, steps.map(&:status)]
        end.to answer_alike
      end
    end

    it "as steps that are handed out may be anything, if no executor runs them" do
      executor = Tasker::Orchestration::StepExecutor.new
      allow(executor).to receive(:execute_single_step) { |*, step, _handler| step }
      expect { executor.send(:execute_steps_concurrently, make_task, nil, [:a, "b", double], nil).first(2) }.to answer_alike
    end

    it "as a step need not have a state where it cannot be saved" do
      step = double(attempts: 0, workflow_step_id: 1)
      %i[attempts= last_attempted_at= processed= in_process= processed_at=].each { |name| allow(step).to receive(name) }
      allow(step).to receive(:save!).and_raise(ActiveRecord::RecordNotSaved, "no")
      executor = Tasker::Orchestration::StepExecutor.new
      expect { %i[complete_step_execution complete_error_step_execution].map { |name| executor.send(name, nil, step) } }.to answer_alike
    end

    it "as a task need not have a state where it is enqueued for later" do
      reenqueuer = Tasker::Orchestration::TaskReenqueuer.new
      allow(reenqueuer).to receive(:publish_task_reenqueue_delayed)
      task = double(task_id: 1)
      expect do
        forget_jobs
        [reenqueuer.reenqueue_task_delayed(task, delay_seconds: 5), ActiveJob::Base.queue_adapter.enqueued_jobs.size]
      end.to answer_alike
    end

    it "as the task and the steps of a coordinator may be doubles" do
      coordinator = Tasker::Orchestration::WorkflowCoordinator.new(reenqueuer_strategy: double)
      step = double(workflow_step_id: 7, name: "a", status: "complete")
      sequence = double(steps: [step])
      rounds = 0
      discovery = double
      allow(discovery).to receive(:find_viable_steps) { (rounds += 1) == 2 ? [] : [step] }
      allow(Tasker::Orchestration::ViableStepDiscovery).to receive(:new).and_return(discovery)
      handler = double(get_sequence: sequence, step_executor: double(execute_steps: [step]),
                       task_finalizer: double(blocked_by_errors?: false, finalize_task_with_steps: nil))
      expect do
        rounds = 0
        coordinator.execute_workflow(double(task_id: 5, name: "t", status: "pending", reload: nil), handler)
        rounds
      end.to answer_alike
    end

    it "as a template of a step may be of another class" do
      expect do
        task = make_task
        known = %i[dependent_system name default_retryable default_retry_limit skippable depends_on_step depends_on_steps all_dependencies
                   handler_config handler_class description custom_events]
        template = Struct.new(*known).new("specs", "a", true, 3, false, nil, [], [])
        Tasker::WorkflowStep.get_steps_for_task(task, [template]).map { |step| [step.name, step.retry_limit] }
      end.to answer_alike
    end

    it "as a log line's task and step may be doubles" do
      filter_of = filter(:password)
      configured(:telemetry, double(parameter_filter: filter_of, log_level: "info", log_format: "json"))
      task = double(task_id: 3, name: "t", status: "pending")
      step = double(workflow_step_id: 4, name: "s", status: "pending", task:)
      expect { lines_of { teller.log_task_event(task, :started) && teller.log_step_event(step, :started, duration: 0.1) } }.to answer_alike
    end

    it "as a connection need not be able to stop what it runs, nor to say whether a transaction is open on the server" do
      expect(TaskerCore::Native::QueryRunner.send(:stop, Object.new, true)).to be_nil
      expect(TaskerCore::Native::QueryRunner::ServerTransaction.left_open?(double(transaction_open?: false))).to be(false)
    end
  end

  context "with the fixes off" do
    it_behaves_like "one that is not asked for more"
  end

  context "with the default fixes on", repairs: RepairSwitches::DEFAULT do
    it_behaves_like "one that is not asked for more"
  end
end
