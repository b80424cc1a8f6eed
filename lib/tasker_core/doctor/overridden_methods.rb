# frozen_string_literal: true

require_relative "finding"

module TaskerCore
  module Doctor
    # The overridden methods, and those that other code has redefined since.
    class OverriddenMethods
      def title = "overrides"

      def findings
        return [Finding.without_extension] unless Extension.loaded?

        replaced = Engine::Registry.current_methods.reject { |_name, method| MethodPatcher.patched?(method) }
        native = Override.all.map(&:name) - replaced.keys
        [Finding.ok("#{native.size} native#{listed(native)}"), *replaced.map { |override, method| replaced(override, method) }]
      end

      private

      def listed(overrides)
        classes = overrides.group_by { |override| override[/\A[^.#]+[.#]/] }
        classes.map { |owner, names| "\n#{owner}#{names.map { |name| name[/[.#](.+)/, 1] }.join(", ")}" }.join
      end

      def replaced(override, method)
        Finding.warn("#{override} is defined in #{method.source_location&.join(":") || "native code"}: Rust is not asked",
                     "Remove that definition, if Rust is to answer.")
      end
    end
  end
end
