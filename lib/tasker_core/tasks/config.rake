# frozen_string_literal: true

namespace :tasker_core do
  desc "Print the engine's settings as YAML for programs in Rust: rails tasker_core:config > config/tasker_core.yml (SECRETS=1: passwords)"
  task config: :environment do
    require "tasker_core/engine_settings"
    $stdout.write TaskerCore::EngineSettings.to_yaml(secrets: ENV["SECRETS"] == "1")
  end
end
