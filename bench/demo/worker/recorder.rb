# frozen_string_literal: true

require_relative "payload"

module Demo
  # Records what the application publishes and logs.
  #
  # Events are taken at the engine's bus. The application need not subscribe for that, and nothing of the publisher is replaced: with
  # a subscriber, the gem runs other code. With `listen`, every event has one.
  class Recorder
    # Stands in front of a bus.
    module Tap
      attr_accessor :tap

      def publish(event_id, payload)
        tap&.call(event_id, payload)
        super
      end
    end

    # @param log [String] the application's log file
    # @param listen [Boolean]
    def initialize(log, listen:)
      @log = log
      @published = Queue.new
      @received = Queue.new
      take_time_out_of_the_log
      tap_bus
      listen_to_everything if listen
    end

    # @yieldreturn [Integer] a task's id
    # @return [Hash] `task_id`; `published` and `received`: events as `[owner, id, payload, in a transaction?]`; `log`: text
    def record
      [@published, @received].each(&:clear)
      from = File.size(@log)
      task_id = yield
      { task_id:, published: drain(@published), received: drain(@received), log: File.read(@log, nil, from, encoding: "UTF-8") }
    end

    private

    # The engine logs how it judges its connections every so many seconds, and what takes longer than so many. Neither says
    # anything about the workflow.
    def take_time_out_of_the_log
      Tasker::Configuration.configuration.execution { |settings| settings.concurrency_cache_duration = 86_400 }
      Tasker::Configuration.configuration.telemetry { |settings| settings.slow_query_threshold_seconds = 86_400.0 }
    end

    def tap_bus
      bus.singleton_class.prepend(Tap)
      bus.tap = ->(id, payload) { @published << entry(id, payload) }
    end

    def listen_to_everything
      bus.events.each_key do |id|
        publisher.subscribe(id) { |event| @received << [*entry(event.id, event.payload), in_transaction?] }
      end
    end

    def entry(id, payload)
      [Payload.owner(payload), id, Payload.describe(payload)]
    end

    def in_transaction?
      Tasker::ApplicationRecord.connection.transaction_open?
    end

    def drain(queue)
      Array.new(queue.size) { queue.pop }
    end

    def publisher = Tasker::Events::Publisher.instance
    def bus = publisher.__bus__
  end
end
