# frozen_string_literal: true

module TaskerCore
  class Dashboard
    # Makes texts of an application fit for a page. HTML is escaped by the templates; here everything is replaced that a browser would not
    # show as it stands: control characters, and those that reverse the direction of text.
    module Text
      CONTROLS = /[\p{Cc}\p{Cs}\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\uFFFE\uFFFF]/
      CONTROLS_IN_LINES = /(?![\n\t])#{CONTROLS}/
      REPLACEMENT = "\uFFFD"
      # Characters of a name.
      LONGEST = 200
      UNITS = [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]].freeze
      private_constant :CONTROLS, :CONTROLS_IN_LINES, :REPLACEMENT, :UNITS

      module_function

      # @param text [Object]
      # @return [String] one line of at most `most` characters
      def line(text, most: LONGEST)
        text.to_s.scrub(REPLACEMENT).gsub(CONTROLS, REPLACEMENT).truncate(most, omission: "…")
      end

      # @return [String] the same with its line breaks and tabs, as long as it is
      def block(text)
        text.to_s.scrub(REPLACEMENT).gsub(CONTROLS_IN_LINES, REPLACEMENT)
      end

      # @param json [String, nil] the beginning of a document, or all of it
      # @return [String] indented where it is whole
      def json(json)
        block(JSON.pretty_generate(JSON.parse(json, max_nesting: 200)))
      rescue JSON::JSONError, TypeError
        block(json)
      end

      # @param seconds [Numeric, nil]
      # @return [String] in the two largest units
      def duration(seconds)
        return "–" if seconds.nil?
        return "#{(seconds * 1000).round} ms" if seconds < 1
        return format("%.1f s", seconds) if seconds < 10

        whole = seconds.round
        place = UNITS.index { |_, size| whole >= size }
        parts = UNITS[place, 2].map { |unit, size| [whole / size, unit].tap { whole %= size } }
        parts.reject { |count, _| count.zero? }.map { |count, unit| "#{count} #{unit}" }.join(" ")
      end
    end
  end
end
