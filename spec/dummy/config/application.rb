# frozen_string_literal: true

require_relative "boot"

require "rails"
require "active_record/railtie"
require "active_job/railtie"
require "action_controller/railtie"

Bundler.require(*Rails.groups)

module Dummy
  # The smallest application that mounts the published engine: no code of its own, only settings.
  class Application < Rails::Application
    config.load_defaults 7.2
    config.root = File.expand_path("..", __dir__)
    config.api_only = true
    config.secret_key_base = "dummy" * 16

    # The engine's views and functions do not survive a dump to schema.rb; its installer looks for this line.
    config.active_record.schema_format = :sql
    config.active_record.dump_schema_after_migration = false

    # Jobs are kept, not run: a second copy of a workflow beside the one that is measured would distort both.
    config.active_job.queue_adapter = :test

    # The engine as published cannot be loaded eagerly: some of its files do not define what Zeitwerk expects.
    config.eager_load = false

    config.log_level = ENV.fetch("DUMMY_LOG_LEVEL", "info").to_sym
    config.logger = ActiveSupport::Logger.new($stdout) if ENV["DUMMY_LOG"] == "stdout"
  end
end
