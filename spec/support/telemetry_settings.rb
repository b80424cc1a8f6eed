# frozen_string_literal: true

# The engine's settings of its log, for the length of an example.
module TelemetrySettings
  def with_telemetry(**settings)
    config = Tasker::Configuration.configuration
    changed = config.telemetry.new(**settings)
    allow(config).to receive(:telemetry).and_return(changed)
  end
end
