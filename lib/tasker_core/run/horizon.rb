# frozen_string_literal: true

module TaskerCore
  class Run
    # Which steps of a task may come next, as far as that can be told from the last look at everything and from what was learnt since.
    #
    # It is advice, which saves a large task from being looked at as a whole in each round. The steps that it names, their parents and their
    # edges are read anew before any of them is run. What others do to the steps behind them is seen when everything is looked at again:
    # whenever none of those named may be run, and as soon as a quarter of all steps were done since.
    class Horizon
      DONE = %w[complete resolved_manually].freeze
      SHARE = 4
      # Fewer steps are looked at as a whole as fast as in part.
      FEW = 16
      private_constant :DONE, :SHARE, :FEW

      # @param look [Survey] of everything
      # @param states [States] that know more of it later
      def initialize(look, states)
        @look = look
        @states = states
        @news = Thread::Queue.new
        @passed = Set.new
      end

      # Steps have moved, or may have. From any thread.
      # @param step_ids [Array<Integer>]
      def heard_of(*step_ids)
        @news << step_ids
      end

      # O(steps + edges) the first time, then O(edges of what was done since).
      # @return [Array<Integer>, nil] nil if everything should be looked at
      def steps
        return if size < FEW

        catch_up
        @open.to_a unless @open.empty? || @passed.size * SHARE >= size || @open.size * 2 >= size
      end

      private

      def size
        @look.states.size
      end

      def catch_up
        @open ||= @look.states.each_key.select { |step_id| next?(step_id) }.to_set
        @news.pop.each { |step_id| pass(step_id) } until @news.empty?
      end

      # Once it is done, those that waited for it may be next.
      def pass(step_id)
        before = @look.states[step_id]
        return if before.nil? || DONE.include?(before) || !done?(step_id) || !@passed.add?(step_id)

        @open.delete(step_id)
        @look.children(step_id).each { |child| @open << child if next?(child) }
      end

      # Parents may be steps of other tasks, about which nothing is known.
      def next?(step_id)
        !done?(step_id) && @look.parents(step_id).all? { |parent| !@look.states.key?(parent) || done?(parent) }
      end

      def done?(step_id)
        DONE.include?(@states.of("step", step_id))
      end
    end
  end
end
