# frozen_string_literal: true

require_relative "measurement"
require_relative "recording"

module Demo
  # The untimed part: events, log lines and end state of one task of each shape, recorded in each mode.
  #
  # With the gem on they are recorded twice, without and with a subscriber of the application, since it takes different roads then.
  # The engine takes one road, so one recording with a subscriber serves both.
  class Recordings
    # @!attribute off
    #   @return [Recording]
    # @!attribute on
    #   @return [Recording] without a subscriber
    # @!attribute on_subscribed
    #   @return [Recording] with a subscriber
    Triple = Data.define(:off, :on, :on_subscribed) do
      # @return [Array(Hash, Hash)] expected and got
      def pair
        [off.without_subscriber.merge(off.with_subscriber), on.without_subscriber.merge(on_subscribed.with_subscriber)]
      end
    end

    # @param workers [Hash{Symbol => Array<Worker>}] by the attributes of {Triple}; those of one divide the shapes among them
    # @param progress [Progress]
    def initialize(workers, progress)
      @workers = workers
      @progress = progress
    end

    # All workers are busy at the same time.
    # @param shapes [Array<Shapes::Shape>]
    # @return [Hash{String => Triple}] by shape
    def record(shapes)
      threads = @workers.to_h { |role, workers| [role, divide(shapes, role, workers)] }
      recordings = threads.transform_values { |several| several.map(&:value).reduce(:merge) }
      shapes.to_h { |shape| [shape.name, Triple.new(**recordings.transform_values { |by_shape| by_shape.fetch(shape.name) })] }
    end

    private

    # Large shapes first, so that no worker is left with one at the end.
    def divide(shapes, role, workers)
      queue = Queue.new(shapes.sort_by { |shape| -shape.size }).close
      workers.map do |worker|
        thread = Thread.new { recordings(role, worker, queue) }
        thread.tap { thread.report_on_exception = false }
      end
    end

    def recordings(role, worker, queue)
      recordings = {}
      while (shape = queue.pop)
        recordings[shape.name] = recording(role, worker, shape)
      end
      recordings
    end

    def recording(role, worker, shape)
      worker.warm_up(shape)
      worker.end_state.clear
      answer = worker.ask("record", shape: shape.name, batch: 1, listen: role != :on)
      @progress.now(shape.name, worker.mode, role == :on_subscribed ? "recorded with a subscriber" : "recorded")
      @progress.advance(shape.size)
      Recording.new(answer, worker.end_state)
    end
  end
end
