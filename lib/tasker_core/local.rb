# frozen_string_literal: true

module TaskerCore
  # A value for the duration of a block: on this thread and on the fibers that the block begins, such as enumerators.
  #
  # Threads begun in the block inherit fiber storage as well, and the engine's thread pools begin threads that outlive any block. So the
  # value is kept with its thread, and counts there only.
  class Local
    # @param key [Symbol] unique in the process
    def initialize(key)
      @key = key
    end

    # @return [Object, nil]
    def value
      thread, value = Fiber[@key]
      value if thread.equal?(Thread.current)
    end

    # Sets the value until the end of the innermost {with} around.
    def value=(value)
      Fiber[@key] = [Thread.current, value].freeze
    end

    # @return [Object] what the block returns
    def with(value)
      before = Fiber[@key]
      before = nil unless before&.first.equal?(Thread.current) # what the thread was begun with, and it may live for ever
      self.value = value
      yield
    ensure
      Fiber[@key] = before
    end
  end
end
