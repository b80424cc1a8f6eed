# frozen_string_literal: true

module Demo
  # Backtraces without the gem's own frames, of which there are more with the gem on. What is left must be equal, but for the line in
  # ActiveRecord's pool that shows whether a thread had a connection already.
  module Backtraces
    OWN = File.join(File.expand_path("../..", __dir__), "lib", "tasker_core")
    POOL_LINE = /(?<=connection_pool\.rb):\d+/
    private_constant :OWN, :POOL_LINE

    class << self
      # @param frames [Array<String>]
      # @return [Array<String>]
      def foreign(frames)
        frames.reject { |frame| frame.start_with?("#{OWN}/", "#{OWN}.rb:") }.map { |frame| frame.sub(POOL_LINE, "") }
      end
    end
  end
end
