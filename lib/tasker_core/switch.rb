# frozen_string_literal: true

require_relative "local"

module TaskerCore
  # The mode for one block of code. {Frames::Executor} carries it over to the threads on which the engine runs steps.
  module Switch
    MODE = Local.new(:tasker_core_mode)
    private_constant :MODE

    class << self
      # @return [Symbol, nil] the mode of the block around; nil where the configuration decides
      def here
        MODE.value
      end

      # Runs the block in a mode of its own, whatever the configuration says.
      #
      # @param mode [Symbol, nil] one of {Configuration::MODES}, or what {here} was elsewhere
      def put(mode, &)
        MODE.with(mode, &)
      end
    end
  end
end
