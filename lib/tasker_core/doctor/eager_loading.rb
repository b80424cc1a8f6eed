# frozen_string_literal: true

require_relative "finding"

module TaskerCore
  module Doctor
    # Whether the application can be loaded eagerly, as it will be in production. It is, to find out.
    class EagerLoading
      # @param load [#call] loads everything
      def initialize(load: -> { Zeitwerk::Loader.eager_load_all }, repaired: TaskerCore.configuration.repairs[:eager_load])
        @load = load
        @repaired = repaired
      end

      def title = "eager loading"

      def findings
        @load.call
        [Finding.ok("every file could be loaded")]
      rescue NameError, ScriptError => e
        [Finding.fail("the application does not boot where config.eager_load is true: #{e.message.lines.first.strip}", cure)]
      end

      private

      def cure
        return "Switch the repair on: take `config.repairs.eager_load = false` out of the initializers." unless @repaired

        "Mend the file, or tell the autoloader to ignore it; `bin/rails zeitwerk:check` says the same."
      end
    end
  end
end
