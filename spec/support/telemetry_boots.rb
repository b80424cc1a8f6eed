# frozen_string_literal: true

# The engine connects its telemetry subscribers while the application boots: each case is a process of its own.
module TelemetryBoots
  ENGINE = 'gem "tasker-engine", require: "tasker"'
  CORE = %(gem "tasker-core", path: "#{ChildProcess::ROOT}").freeze
  OPENTELEMETRY = 'gem "opentelemetry-sdk", require: "opentelemetry/sdk"'
  SPANS = "Tasker::Events::Subscribers::TelemetrySubscriber"
  METRICS = "Tasker::Events::Subscribers::MetricsSubscriber"

  SCRIPT = <<~RUBY
    require "./spec/dummy/lib/shape_workflow"
    publisher = Tasker::Events::Publisher.instance
    subscribers = publisher.__bus__.listeners.values.flatten(1).map { |listener, _| listener.binding.receiver.class.name }
    noticed = defined?(TaskerCore) && TaskerCore::Stock::Listeners.any?("step.completed")
    workflow = ShapeWorkflow.new(Shapes.diamond)
    task = workflow.create
    workflow.run(task)
    counted = Tasker::Telemetry::MetricsBackend.instance.all_metrics.values.to_h { |metric| [metric.name, metric.value] }
    shown = Tasker::Telemetry::PrometheusExporter.new.safe_export[:data].to_s
    puts JSON.generate({ status: task.status, subscribers: subscribers.tally, noticed: noticed || false, counted:, shown: })
  RUBY

  # @param cases [Hash{Symbol => Array(Array<String>, Hash)}] lines of the Gemfile and the environment, by name
  # @return [Hash{Symbol => ChildProcess::Result}]
  def boot_with_telemetry(cases)
    jobs = cases.map do |name, (lines, env)|
      [name, -> { with_gemfile(*lines) { |gemfile| run_in_dummy(SCRIPT, gemfile:, env: { "DUMMY_LOG" => "stdout", **env.to_h }) } }]
    end
    two_at_a_time(jobs)
  end

  # @return [Array<String>] what the engine says of its failure
  def telemetry_failures(result)
    result.output.lines(chomp: true).filter_map { |line| line[/Failed to setup telemetry subscriber: (.*)/, 1] }
  end
end
