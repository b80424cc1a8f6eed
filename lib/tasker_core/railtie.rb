# frozen_string_literal: true

module TaskerCore
  # Puts the gem to work once the engine has loaded its code.
  class Railtie < Rails::Railtie
    # No order is asked for: the engine's own initializers must run before the autoloader is set up, and any constraint on this one
    # would draw that forward.
    initializer "tasker_core.back_models" do
      if Extension.loaded?
        require_relative "backing"
        Backing.back_models(Rails.autoloaders.main)
      end
    end

    config.to_prepare do
      if TaskerCore::Extension.loaded?
        TaskerCore::Backing.back_library
      else
        TaskerCore::Extension.warn_about_problem(Rails.logger)
      end
    end
  end
end
