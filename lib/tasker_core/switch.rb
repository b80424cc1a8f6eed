# frozen_string_literal: true

require_relative "local"

module TaskerCore
  # The switch for one block of code. {Frames::Executor} carries it over to the threads on which the engine runs steps.
  module Switch
    OFF = Local.new(:tasker_core_off)
    private_constant :OFF

    class << self
      def off_here?
        OFF.value ? true : false
      end

      def off(&)
        put(true, &)
      end

      # Runs the block with the switch in a position that it had elsewhere.
      def put(off, &)
        OFF.with(off, &)
      end
    end
  end
end
