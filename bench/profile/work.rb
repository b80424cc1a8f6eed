# frozen_string_literal: true

module Bench
  class Profile
    # Something that a process does with tasks of one shape: creates them, or runs them to their end.
    #
    # @!attribute reading
    #   @return [String] what the handlers read of their sequence
    Work = Data.define(:shape, :creating, :reading) do
      def initialize(shape:, creating: false, reading: "nothing") = super

      # @return [String] short
      def name
        return "creating #{shape.name}" if creating

        reading == "nothing" ? shape.name : "#{shape.name}, reading all"
      end

      # @return [String]
      def title = "#{name}, #{shape.size} steps"

      # @param options [Options]
      # @return [Integer] so many that a round takes long enough for the clock
      def tasks(options) = options.pick((40 / shape.size).clamp(1, 10), 1)

      # @param options [Options]
      # @return [Integer] many more, since a sample is taken only so often; to create a task takes a quarter of what it takes to run it
      def tasks_to_sample(options) = options.pick((400 / shape.size).clamp(2, 100) * (creating ? 4 : 1), 1)

      # What comes before the work, and is not counted.
      # @param worker [Demo::Worker]
      # @param tasks [Integer]
      # @return [Hash] what to ask the worker with
      def prepare(worker, tasks)
        asked = { shape: shape.name, reading: }
        creating ? asked.merge(count: tasks) : asked.merge(task_ids: worker.ask("create_many", **asked, count: tasks))
      end

      # @return [String] the command that measures it
      def profile = creating ? "profile_creation" : "profile"

      # @return [String] the command that samples it
      def sample = creating ? "sample_creation" : "sample"
    end
  end
end
