# frozen_string_literal: true

require_relative "frames/analysis"
require_relative "frames/collaborators"
require_relative "frames/events"
require_relative "frames/logs"
require_relative "frames/models"
require_relative "frames/rounds"
require_relative "frames/sequences"
require_relative "frames/system_load"
require_relative "frames/tasks"
require_relative "frames/step_handlers"
require_relative "frames/steps"

module TaskerCore
  # Frames of the engine in which a {Run} is begun, handed on, suspended and used. Here the engine's own code runs, on or off.
  module Frames
  end
end
