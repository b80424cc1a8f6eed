# frozen_string_literal: true

module TaskerCore
  # The switch for one block of code.
  #
  # Fiber storage is inherited by the fibers and threads that a block begins. The engine's futures run on threads of a pool that
  # were there before; {Backing::StepExecutor} carries the switch over to them.
  module Switch
    KEY = :tasker_core_off
    private_constant :KEY

    class << self
      def off_here?
        Fiber[KEY] ? true : false
      end

      def off_here
        before = Fiber[KEY]
        Fiber[KEY] = true
        yield
      ensure
        Fiber[KEY] = before
      end
    end
  end
end
