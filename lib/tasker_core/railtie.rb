# frozen_string_literal: true

require "tasker"
require_relative "fixes/eager_load"

module TaskerCore
  # Puts the gem to work once the engine has loaded its code.
  class Railtie < Rails::Railtie
    # No order is asked for: the engine's own initializers must run before the autoloader is set up, and any constraint on this one
    # would draw that forward.
    initializer "tasker_core.patch_models" do
      TaskerCore.configuration # what the environment says wrongly is to be refused now, not amid a workflow
      if Extension.loaded?
        require_relative "engine"
        Engine::Registry.patch_when_loaded(Rails.autoloaders.main)
      end
    end

    # In the engine's own list, before the initializer that it is for. There the constraints draw nothing forward: the engine's next
    # initializer has the same. The application's settings have been read by now, and the autoloader is not set up.
    Tasker::Engine.initializer "tasker_core.fix_boot", after: :load_config_initializers, before: "tasker.orchestration" do
      Fixes::EagerLoad.prepare(Rails.autoloaders.main)
      Engine::Registry.patch_at_boot if Extension.loaded?
    end

    rake_tasks { Dir[File.join(__dir__, "tasks/*.rake")].each { |file| load file } }

    config.to_prepare do
      if TaskerCore::Extension.loaded?
        TaskerCore::Engine::Registry.patch_library
      else
        TaskerCore::Extension.warn_about_problem(Rails.logger)
      end
    end
  end
end
