# frozen_string_literal: true

module Demo
  # Backtraces without the gem's own frames. With the gem off there are none, so what is left must be equal.
  module Backtraces
    OWN = File.join(File.expand_path("../..", __dir__), "lib", "tasker_core")
    private_constant :OWN

    class << self
      # @param frames [Array<String>]
      # @return [Array<String>]
      def foreign(frames)
        frames.reject { |frame| frame.start_with?("#{OWN}/", "#{OWN}.rb:") }
      end
    end
  end
end
