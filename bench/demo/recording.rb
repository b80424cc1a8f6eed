# frozen_string_literal: true

require_relative "log_lines"

module Demo
  # What was recorded of one task: its end state, and for the task and each step the events and the log lines in their order.
  class Recording
    PLACE = /<step \d+>/
    private_constant :PLACE

    # @return [Hash{String => Hash{Symbol => Integer}}] the gem's statistics
    attr_reader :answers

    # @param answer [Hash] a worker's, to "record"
    # @param end_state [EndState] of its database
    def initialize(answer, end_state)
      @names = end_state.step_names(answer["task_id"])
      @task_id = answer["task_id"]
      @answers = answer["answers"]
      @state = end_state.read(@task_id)
      @published = events(answer["published"])
      @received = events(answer["received"])
      @log = LogLines.new(answer["log"], @task_id, @names).by_owner
    end

    # @return [Hash] end state and recording without a subscriber
    def without_subscriber
      { "end state" => @state, "events" => @published, "log" => @log }
    end

    # @return [Hash] the same while the application listened to every event
    def with_subscriber
      { "end state" => @state, "events with a subscriber" => @received, "log with a subscriber" => @log }
    end

    private

    def events(entries)
      entries = entries.map do |owner, id, payload, in_transaction|
        entry = { "event" => id, "payload" => named(payload), "in a transaction" => in_transaction }
        [owner == "<task>" ? "task" : named(owner), entry]
      end
      entries.group_by(&:first).transform_values { |group| group.map(&:last) }
    end

    def named(value)
      case value
      when Hash then value.transform_values { |part| named(part) }
      when Array then value.map { |part| named(part) }
      when String then value.gsub(PLACE) { |place| @names.fetch(place[/\d+/].to_i, place) }.sub("<task #{@task_id}>", "<task>")
      else value
      end
    end
  end
end
