# frozen_string_literal: true

module TaskerCore
  module Frames
    module Sequences
      # The steps of one sequence, each made at most once: one that is found by its name, or all of them. From any thread.
      class UnreadSteps
        # @return [Array<Integer>]
        attr_reader :ids

        # @param run [Run]
        # @param ids [Array<Integer>]
        # @param survey [Run::Survey] of the round
        # @param templates [Array<Tasker::Types::StepTemplate>] of the steps, in the same order
        def initialize(run, ids, survey, templates)
          @run = run
          @ids = ids
          @survey = survey
          @rows = survey.rows_among(ids)
          @templates = templates
          @made = {}
          @mutex = Mutex.new
        end

        # @param attributes [Hash] of the sequence, to which the steps are added
        def fill(attributes)
          @mutex.synchronize do
            next if attributes.key?(:steps)

            @run.keep_all_rows
            attributes[:steps] = make((0...@ids.size).to_a)
            attributes.default = nil
          end
        end

        # @param name [String]
        # @return [Tasker::WorkflowStep, nil] nil if there is none of that name here
        def find(name)
          place = @run.places_of(@templates)[name] or return
          @run.keep_all_rows unless @survey.near?(@ids[place])
          @mutex.synchronize { make([place]).first }
        end

        private

        # @param places [Array<Integer>]
        # @return [Array<Tasker::WorkflowStep>] those that are there still
        def make(places)
          here, elsewhere = places.reject { |place| @made.key?(place) }.partition { |place| @rows[place] }
          read if elsewhere.any?
          steps = here.map { |place| Tasker::WorkflowStep.instantiate(@rows[place]) }
          here.zip(NamedSteps.attach(steps, @run)) { |place, step| @made[place] = step }
          @made.values_at(*places).compact
        end

        # A round of a large task reads the steps only that may come next, and what they wait for. The others are read all at once, as they
        # are now; the rounds that follow read them together with their own ({Run#keep_all_rows}).
        def read
          others = @rows.each_index.reject { |place| @rows[place] }
          ids = @ids.values_at(*others)
          found = Tasker::WorkflowStep.uncached { Tasker::WorkflowStep.where(workflow_step_id: ids).index_by(&:workflow_step_id) }
          NamedSteps.attach(found.values, @run)
          others.zip(ids) { |place, id| @made[place] = found[id] }
        end
      end
    end
  end
end
