# frozen_string_literal: true

require_relative "../rails_helper"

# The log lines of a step while a worker holds it, to the byte.
RSpec.describe TaskerCore::Frames::StepWords do
  include TelemetrySettings

  varying = {
    /((?:correlation|thread)_id"?[:=] ?)"[^"]*"/ => '\1"..."', /((?:entity|task|step|process)_id"?[:=] ?)\d+/ => '\10',
    /(_ms"?[:=] ?)[\d.]+/ => '\10', /(performance_category"?[:=] ?)"\w+"/ => '\1"..."'
  }

  # @return [Array<String>] the lines of steps, with what cannot be the same in two runs left out
  define_method(:lines_of) do |workflow, level: :info, &logger|
    output = StringIO.new
    logger = logger ? logger.call(output) : ActiveSupport::Logger.new(output, level:)
    Rails.logger.broadcast_to(logger)
    task = workflow.create
    workflow.run(Tasker::Task.find(task.task_id))
    lines = output.string.lines(chomp: true).grep(/entity_type"?[:=] ?"step"|Step \w+\z|Structured logging failed/)
    lines.map { |line| varying.reduce(line) { |text, (pattern, words)| text.gsub(pattern, words) } }
  ensure
    Rails.logger.stop_broadcasting_to(logger)
  end

  # One step after the other.
  def workflow(script = {}, **)
    allow_any_instance_of(Tasker::Orchestration::StepExecutor).to receive(:max_concurrent_steps).and_return(1)
    ScriptedWorkflow.new("words_#{SecureRandom.hex(4)}".tap { |name| @name = name }, script, **)
  end

  def named(steps)
    ShapeWorkflow.new(Shapes::Shape.new(name: "words_named", steps:))
  end

  def spoken(*, **, &)
    lines_of(*, **, &).map { |line| line.gsub(@name || "no name", "name") }
  end

  def expect_short_way(taken: true)
    allow(described_class).to receive(:new).and_call_original
    yield
    taken ? expect(described_class).to(have_received(:new).at_least(:once)) : expect(described_class).not_to(have_received(:new))
  end

  it "are the engine's where all goes well and where a step fails" do
    script = { "d" => ->(*) { raise "no <luck> & so on" } }
    expect_short_way { expect { spoken(workflow(script)) }.to answer_alike }
    expect(spoken(workflow).size).to be > 5 * 9
  end

  it "are the engine's whatever a step is called" do
    odd = named({ "a <b> & \"c\"" => [], "ü\u2028 日本" => ["a <b> & \"c\""], "plain" => ["ü\u2028 日本"] })
    expect { spoken(odd) }.to answer_alike
  end

  { "logfmt" => { log_format: "logfmt" }, "pretty JSON" => { log_format: "pretty_json" }, "debug" => { log_level: "debug" },
    "errors only" => { log_level: "error" }, "a masked name" => { filter_parameters: %i[entity_name] },
    "a masked extra" => { filter_parameters: %i[attempt_count duration] },
    "a filter that looks at values" => { filter_parameters: [->(key, value) { value.replace("seen") if key == "step_status" }] } }
    .each do |words, settings|
      it "are the engine's with #{words}" do
        with_telemetry(**settings)
        expect { spoken(workflow) }.to answer_alike
      end
    end

  it "are the engine's in another zone" do
    around_zone = Time.zone_default
    Time.zone_default = Time.find_zone!("Tokyo")
    expect { spoken(workflow) }.to answer_alike
  ensure
    Time.zone_default = around_zone
  end

  it "have the application's request, as it is now" do
    stub_const("Current", Class.new { define_singleton_method(:request_id) { "it" } })
    expect { spoken(workflow) }.to answer_alike
    expect(spoken(workflow)).to all(include('"request_id":"it"'))
  end

  it "go to a logger with tags, a formatter of its own and another level as the engine's do" do
    tagged = nil
    script = { "a" => ->(*) { tagged.push_tags("mine") && {} }, "c" => ->(*) { (tagged.level = Logger::WARN) && {} } }
    heard = lambda do
      spoken(workflow(script)) { |output| tagged = ActiveSupport::TaggedLogging.new(ActiveSupport::Logger.new(output, level: :info)) }
    end
    # On whichever thread the next step is run, it has that thread's tags.
    expect { heard.call.map { |line| line.sub(/.*(component|message).*"(message)?/, "") } }.to answer_alike
    expect(heard.call.first(10)).to include(start_with("{"), start_with("[mine] {"))
  end

  it "are told to a formatter as the engine tells them" do
    formatter = ->(severity, _time, program, message) { "#{severity}|#{program.inspect}|#{message}|\n" }
    expect { spoken(workflow) { |output| Logger.new(output, level: :info, formatter:) } }.to answer_alike
  end

  it "fail as the engine's where the logger fails" do
    failing = lambda do |output|
      Logger.new(output, level: :info, formatter: lambda { |*, message|
        raise "full" if message.include?("before_handle")

        "#{message}\n"
      })
    end
    expect { spoken(workflow, &failing) }.to answer_alike
  end

  it "are made by whatever makes JSON for the application" do
    encoder = Class.new(ActiveSupport::JSON::Encoding::JSONGemEncoder) { def encode(value) = super.sub("step_executor", "mine") }
    allow(ActiveSupport).to receive(:json_encoder).and_return(encoder)
    allow(ActiveSupport::JSON::Encoding).to receive(:json_encoder).and_return(encoder)
    expect { spoken(workflow) }.to answer_alike
    expect(spoken(workflow)).to include(/"component":"mine"/)
  end

  describe "once a handler has had the step" do
    changes = {
      "given it another name" => ->(step) { step.named_step.name = "renamed" },
      "changed its name in place" => ->(step) { step.named_step.name << " changed" },
      "given its task another name" => ->(step) { step.task.named_task = step.task.named_task.dup.tap { |named| named.name = "other" } },
      "loaded it again" => lambda(&:reload),
      "put a method in the place of its name" => ->(step) { step.define_singleton_method(:name) { "mine" } },
      "put a method in the place of its state" => ->(step) { step.define_singleton_method(:status) { "mine <>" } },
      "put a method in the place of its task" => lambda { |step|
        step.define_singleton_method(:task) { super().tap { |task| def task.name = "mine" } }
      }
    }
    changes.each do |words, change|
      it "say what it is now, if that has #{words}" do
        script = { "b" => lambda { |_task, _sequence, step|
          change.call(step)
          {}
        } }
        # Definitions are shared between the steps of a run: only the step's own lines.
        expect { spoken(workflow(script)).grep(/"completed"|workflow_completed/).first(3) }.to answer_alike
      end
    end
  end

  describe "with somebody else's code on the way" do
    {
      "a handler's log_step_event" => ->(*) { def log_step_event(*, **) = super(*, mine: 1, **) },
      "a handler's event" => ->(*) { def publish_step_before_handle(step, **) = super(step, handler_class: "mine", **) },
      "a handler's component" => ->(*) { def determine_component_name = "mine" },
      "a handler's level" => ->(*) { def should_log?(_level) = false },
      "a handler's correlation" => ->(*) { def correlation_id = "a <b>" },
      "a handler's line" => ->(*) { def log_structured(level, message, **) = super(level, "#{message}!", **) },
      "a handler's duration" => ->(*) { def extract_duration_from_step(_step) = 7.5 }
    }.each do |words, body|
      it "call #{words}" do
        handler = Class.new(ScriptedWorkflow::Handler) do
          class_exec(&body)
        end
        stub_const("WordsHandler", handler)
        expect { spoken(workflow({}, handler:)) }.to answer_alike
      end
    end

    it "call what was put on one handler only, private as it may be" do
      handler = Class.new(ScriptedWorkflow::Handler) do
        def process(...)
          define_singleton_method(:determine_component_name) { "single" }
          singleton_class.send(:private, :determine_component_name)
          super
        end
      end
      stub_const("WordsHandler", handler)
      expect { spoken(workflow({}, handler:)) }.to answer_alike
      expect(spoken(workflow({}, handler:)).grep(/"component":"single"/).size).to eq(5)
    end

    {
      "an executor's private line" => ["Tasker::Orchestration::StepExecutor", :build_structured_log_entry],
      "a step's name" => ["Tasker::WorkflowStep", :name], "a task's name" => ["Tasker::Task", :name],
      "a step's state" => ["Tasker::WorkflowStep", :status]
    }.each do |words, (owner, name)|
      it "are as many, and call the engine's private method as often, where #{words} is wrapped" do
        model = owner.constantize
        expect do
          calls = Queue.new
          allow_any_instance_of(model).to(receive(name).and_wrap_original do |original, *arguments, **keywords|
            # The engine also logs each measurement of an operation that was slow, as any is on a busy machine.
            calls << 1 unless arguments.dig(1, :entity_type) == "performance"
            original.call(*arguments, **keywords)
          end)
          lines = spoken(workflow).size
          RSpec::Mocks.space.reset_all
          name == :build_structured_log_entry ? [lines, calls.size] : lines
        end.to answer_alike
      end
    end

    it "leave it to the engine what a step is called, where the application says it" do
      expect_short_way(taken: false) do
        allow_any_instance_of(Tasker::WorkflowStep).to receive(:name).and_return("mine")
        expect(spoken(workflow).grep(/"entity_name":"mine"/)).not_to be_empty
      end
    end

    it "leave it to the engine where somebody listens, and say the same" do
      expect { run_heard(workflow) }.to answer_alike
    end
  end

  def run_heard(workflow)
    heard = nil
    EventRecorder.subscribed(%w[step.completed step.execution_requested step.before_handle]) { heard = spoken(workflow) }
    heard
  end
end
