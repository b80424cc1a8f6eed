# frozen_string_literal: true

require_relative "finding"

module TaskerCore
  module Doctor
    # Which of the engine's methods Rust answers, and which of those somebody else has redefined since.
    class Seams
      def title = "seams"

      def findings
        return [Finding.warn("none: the extension is not loaded", "See above.")] unless Extension.loaded?

        replaced = Backing.methods_now.reject { |_seam, method| InPlace.own?(method) }
        native = Seam.all.map(&:name) - replaced.keys
        [Finding.ok("#{native.size} native#{listed(native)}"), *replaced.map { |seam, method| replaced(seam, method) }]
      end

      private

      def listed(seams)
        classes = seams.group_by { |seam| seam[/\A[^.#]+[.#]/] }
        classes.map { |owner, names| "\n#{owner}#{names.map { |name| name[/[.#](.+)/, 1] }.join(", ")}" }.join
      end

      def replaced(seam, method)
        Finding.warn("#{seam} is defined in #{method.source_location&.join(":") || "native code"}: Rust is not asked",
                     "Remove that definition, if Rust is to answer.")
      end
    end
  end
end
