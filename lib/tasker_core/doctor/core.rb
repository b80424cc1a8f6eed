# frozen_string_literal: true

require_relative "finding"

module TaskerCore
  module Doctor
    # Whether the native extension is there.
    class Core
      # @param extension [#loaded?, #problem]
      def initialize(extension: Extension)
        @extension = extension
      end

      def title = "extension"

      def findings
        return [Finding.ok("loaded, version #{VERSION}")] if @extension.loaded?

        problem, cure = @extension.problem.split(/(?<=\.) (?=Run )/, 2)
        [Finding.fail("the engine's own code is in use: #{problem}", cure)]
      end
    end
  end
end
