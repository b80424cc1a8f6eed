# frozen_string_literal: true

require_relative "text"

module TaskerCore
  class Dashboard
    # What the templates share.
    module ViewHelper
      # By the path's end: the word in the navigation.
      PAGES = { root: "Overview", tasks: "Tasks", steps: "Steps", performance: "Performance", workers: "Workers", native: "Native" }.freeze
      # By command: the word on the button, the question before it, and what is said afterwards.
      COMMANDS = {
        "run_again" => ["Run again", "Enqueue a job for this task?", "a job was enqueued."],
        "retry" => ["Retry", "Run this step again, with all its attempts?", "it will be retried."],
        "resolve" => ["Resolve", "Count this step as done, without running it?", "it is resolved manually."],
        "cancel" => ["Cancel", "Cancel it for good?", "it is cancelled."]
      }.freeze
      # The outlines of docs/graphs.md in a box of 14, so that a state does not show by colour alone.
      SHAPES = {
        pill: '<rect x="1" y="3.5" width="12" height="7" rx="3.5"/>', box: '<rect x="1.5" y="2.5" width="11" height="9" rx="1.5"/>',
        double: '<rect x="1" y="1.5" width="12" height="11" rx="1.5"/><rect x="3.5" y="4" width="7" height="6" rx=".5"/>',
        hexagon: '<path d="M4 2.5h6L13 7l-3 4.5H4L1 7z"/>', octagon: '<path d="M4.5 1.5h5l3 3v5l-3 3h-5l-3-3v-5z"/>'
      }.transform_values(&:html_safe).freeze
      SHAPE_OF = { pending: :pill, ready: :pill, blocked: :pill, in_progress: :hexagon, complete: :box, cancelled: :box, error: :octagon,
                   failed: :octagon, retrying: :octagon, resolved_manually: :double }.freeze
      WORDS = { "retrying" => "will be retried", "error" => "failed" }.freeze
      private_constant :SHAPES, :SHAPE_OF, :WORDS

      # Renders a part of a page. If it raises, the error is rendered in its place and reported to the application's error reporter.
      # @param title [String] what could not be read
      def panel(title, &)
        capture(&)
      rescue StandardError => e
        error = e.is_a?(ActionView::Template::Error) ? e.cause : e
        Rails.error.report(error, handled: true, context: { panel: title }, source: "tasker_core.dashboard")
        render("application/unavailable", title:, error:)
      end

      # @param kind [String] one of {AssetsController::TYPES}
      # @return [String] its address
      def asset(kind) = static_path(AssetsController::NAMES.fetch(kind))

      # @return [String] for a state or a kind of condition
      def badge(kind)
        kind = kind.to_s
        css = SHAPE_OF.key?(kind.to_sym) ? kind : "unknown"
        icon = tag.svg(SHAPES.fetch(SHAPE_OF.fetch(kind.to_sym, :box)), viewBox: "0 0 14 14", width: 14, height: 14, aria: { hidden: true })
        tag.span(safe_join([icon, " ", line(WORDS.fetch(kind, kind).tr("_", " "))]), class: "badge badge-#{css}")
      end

      def line(text, **) = Text.line(text, **)

      # A name that may be long: cut by the style sheet, whole in its tooltip.
      def name(text)
        tag.span(line(text), class: "name", title: line(text, most: 500))
      end

      # @param time [Time, nil]
      # @return [String] how long ago, with the instant for machines and in the tooltip
      def ago(time)
        return "–" if time.nil?

        time = Rows.finite(time)
        seconds = Time.current - time
        text = seconds.negative? ? "in #{Text.duration(-seconds)}" : "#{Text.duration(seconds)} ago"
        tag.time(text, datetime: time.utc.iso8601(3), title: time.in_time_zone.strftime("%Y-%m-%d %H:%M:%S.%L %Z"))
      end

      def instant(time)
        return "–" if time.nil?

        time = Rows.finite(time)
        tag.time(time.in_time_zone.strftime("%Y-%m-%d %H:%M:%S.%L"), datetime: time.utc.iso8601(3))
      end

      def duration(seconds) = Text.duration(seconds)

      def count(number) = number_with_delimiter(number, delimiter: " ")

      def full_name(definition)
        definition ? "#{definition.namespace}/#{definition.name}" : "unknown definition"
      end

      # A picture of the core: its text is escaped there.
      def picture(svg)
        raw(svg)
      end

      def current_page_name
        return :tasks if controller_name == "steps" && action_name == "show"

        controller_name == "overview" ? :root : controller_name.to_sym
      end

      def actions? = TaskerCore.configuration.dashboard.actions

      # @param commands [Array<String>]
      # @yieldparam command [String]
      # @yieldreturn [String] the address
      def action_buttons(commands, subject)
        return unless actions? && commands.any?

        tag.div(class: "actions") do
          safe_join(commands.map do |command|
            label, question = COMMANDS.fetch(command)
            button_to(label, yield(command), form: { data: { confirm: question } }, class: "button button-#{command}",
                                             aria: { label: "#{label} #{subject}" })
          end)
        end
      end

      def notice = session.delete(:tasker_core_notice)
    end
  end
end
