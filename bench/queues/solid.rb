# frozen_string_literal: true

require "solid_queue"
require_relative "queue"

module Bench
  module Queues
    # Solid Queue with one worker of {THREADS} threads in this process, as its generator sets it up.
    class Solid < Queue
      SCHEMA = "lib/generators/solid_queue/install/templates/db/queue_schema.rb"
      private_constant :SCHEMA

      def set_up
        ActiveRecord::Schema.verbose = false
        load File.join(Gem.loaded_specs.fetch("solid_queue").full_gem_path, SCHEMA)
        ActiveJob::Base.queue_adapter = :solid_queue
        @parts = [SolidQueue::Worker.new(queues: "*", threads: THREADS), SolidQueue::Dispatcher.new]
        @parts.each(&:start)
      end

      def tear_down = @parts.each(&:stop)

      def batch(last, &) = SolidQueue::Batch.enqueue(on_finish: last, &)
    end
  end
end
