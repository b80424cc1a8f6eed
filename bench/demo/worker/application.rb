# frozen_string_literal: true

module Demo
  # The application that runs the workflows, in production settings and with a log of its own.
  class Application
    DUMMY = File.expand_path("../../../spec/dummy", __dir__)
    private_constant :DUMMY

    # @param log [String] the file to write
    # @return [Application]
    def self.boot(log)
      require File.join(DUMMY, "config/application")
      Rails.application.config.paths.add("log", with: log)
      Rails.application.initialize!
      require File.join(DUMMY, "lib/shape_workflow")
      new(log)
    end

    # @return [String] where it logs to
    attr_reader :log

    # @param log [String]
    def initialize(log)
      @log = log
      @workflows = {}
    end

    # @param shape [String] a name that {Shapes.named} knows
    # @param reading [String, nil] (see ShapeWorkflow#initialize)
    # @return [ShapeWorkflow]
    def workflow(shape, reading = nil)
      @workflows[[shape, reading]] ||= ShapeWorkflow.new(Shapes.named(shape), reading:)
    end

    # Runs the block with all fixes off.
    def without_repairs
      repairs = TaskerCore.configuration.repairs
      before = repairs.to_h
      repairs.all = false
      yield
    ensure
      before.each { |name, on| repairs[name] = on }
    end

    # @return [Hash] versions and settings, and whether the gem is in charge
    def describe
      {
        active: TaskerCore.active?, problem: TaskerCore::Extension.problem, tasker_core: TaskerCore::VERSION,
        engine: Gem.loaded_specs.fetch("tasker-engine").version.to_s, rails: Rails.version, ruby: RUBY_DESCRIPTION,
        yjit: defined?(RubyVM::YJIT.enabled?) ? RubyVM::YJIT.enabled? : false,
        rails_env: Rails.env, log_level: Rails.application.config.log_level,
        queue_adapter: ActiveJob::Base.queue_adapter_name
      }
    end
  end
end
